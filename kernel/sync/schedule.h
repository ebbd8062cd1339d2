/*
 * schedule.h - what code below the scheduler needs of it: to wait, and to end another task's wait.
 *
 *      for (;;) {
 *              set_current_state(TASK_UNINTERRUPTIBLE);
 *              if (condition)
 *                      break;
 *              schedule();
 *      }
 *      set_current_state(TASK_RUNNING);
 *
 * The state is set before the condition is looked at, so that a wake-up between the two is not
 * lost: it makes the state TASK_RUNNING again, and schedule() returns at once.
 *
 * Everything here is defined by kernel/task/, but schedule_timeout(), by kernel/time/.
 *
 * Source: LKD, chapter 4, "Sleeping and Waking Up"; LDD3, chapter 6, "Manual sleeps".
 */
#pragma once

#include "kernel/cpu/percpu.h"

struct task_struct;

/* What a task waits for; bits, so that a wake-up can name several. */
#define TASK_RUNNING 0u                 /* runs, or wants to */
#define TASK_INTERRUPTIBLE 1u           /* waits; a signal, too, ends it */
#define TASK_UNINTERRUPTIBLE 2u         /* waits */
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* For schedule_timeout(): no time-out. */
#define MAX_SCHEDULE_TIMEOUT 0x7FFFFFFFl

DECLARE_PER_CPU(struct task_struct *, current_task);

/* current - the task that runs here. Context: any; in an interrupt, the task it interrupted. */
#define current (this_cpu_read(current_task))

/*
 * set_current_state - say what this task is about to wait for, or that it does not.
 * Whatever this CPU reads afterwards is read afterwards on all others' clocks, too.
 */
void set_current_state(unsigned int state);

/*
 * schedule - let another task run. Returns when this one runs again: at once if its state is
 * TASK_RUNNING and nobody better waits.
 *
 * Context: may sleep.
 */
void schedule(void);

/*
 * schedule_timeout - schedule(), but for at most so many ticks of HZ a second; the state must have
 * been set.
 *
 * Returns: the ticks that were left when something else ended the wait; 0 when none were.
 * With MAX_SCHEDULE_TIMEOUT there is no limit, and the return value is that.
 */
long schedule_timeout(long tick_count);

/*
 * wake_up_process - end the wait of a task, whatever it waits for; wake_up_state - only if it
 * waits for one of the given states.
 *
 * Returns: whether it waited. Context: any, interrupts and held spin locks included. The caller
 * makes sure that the task still exists.
 */
bool wake_up_process(struct task_struct *task);
bool wake_up_state(struct task_struct *task, unsigned int states);

/* task_name - for messages; "?" for NULL. Context: any. */
const char *task_name(const struct task_struct *task);
