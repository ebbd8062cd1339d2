/*
 * tasklet.h - a function that a driver's interrupt handler puts off as a softirq.
 *
 *      DECLARE_TASKLET(reader, read_ring, (unsigned long)&ring);
 *
 *      tasklet_schedule(&reader);              in the handler: read_ring(&ring) soon, here
 *
 * A tasklet that was scheduled runs once, however often that was; scheduled while it runs, it runs
 * once more. The same tasklet never runs on two CPUs at once, different ones may. It may not sleep.
 *
 * Source: LDD3, chapter 7, "Tasklets"; LKD, chapter 8, "Tasklets".
 */
#pragma once

#include "kernel/sync/atomic.h"

struct tasklet_struct {
        struct tasklet_struct *next;    /* of those that wait on a CPU; [c] that CPU's */
        u32 state;                      /* TASKLET_SCHEDULED, TASKLET_RUNNING; atomic */
        atomic_t count;                 /* how often it is disabled */
        void (*function)(unsigned long data);
        unsigned long data;
};

#define TASKLET_SCHEDULED 1u            /* is on a CPU's list */
#define TASKLET_RUNNING 2u              /* runs on some CPU */

#define DECLARE_TASKLET(name, tasklet_function, tasklet_data) \
        struct tasklet_struct name = { .function = (tasklet_function), .data = (tasklet_data) }
#define DECLARE_TASKLET_DISABLED(name, tasklet_function, tasklet_data)                  \
        struct tasklet_struct name = { .count = { 1 }, .function = (tasklet_function),  \
                                       .data = (tasklet_data) }

/* tasklets_init - let the softirqs of tasklets run them. Context: boot. */
void tasklets_init(void);

/* tasklet_init - make a tasklet that calls function(data), not scheduled, not disabled. */
void tasklet_init(struct tasklet_struct *tasklet, void (*function)(unsigned long data),
                  unsigned long data);

/*
 * tasklet_schedule - let a tasklet run on this CPU, unless it waits to be run already.
 * tasklet_hi_schedule - the same, before timers and other tasklets. Context: any.
 */
void tasklet_schedule(struct tasklet_struct *tasklet);
void tasklet_hi_schedule(struct tasklet_struct *tasklet);

/*
 * tasklet_disable - keep a tasklet from running, and wait while it does; it can be scheduled
 * meanwhile, and runs when tasklet_enable() has been called as often.
 * tasklet_disable_nosync - the same without the wait.
 *
 * Context: tasklet_disable() not in the tasklet itself nor in an interrupt handler; others any.
 */
void tasklet_disable(struct tasklet_struct *tasklet);
void tasklet_disable_nosync(struct tasklet_struct *tasklet);
void tasklet_enable(struct tasklet_struct *tasklet);

/*
 * tasklet_kill - wait until a tasklet neither runs nor waits to. The caller makes sure that nobody
 * schedules it anew and that it is not disabled.
 *
 * Context: may sleep.
 */
void tasklet_kill(struct tasklet_struct *tasklet);
