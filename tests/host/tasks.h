/*
 * tasks.h - tasks for hosted tests of what waits: each has a stack of its own, and they take turns.
 *
 *      host_task_start("reader", read_all, &queue);
 *      host_task_start("writer", write_all, &queue);
 *      EXPECT(host_tasks_run());
 *
 * A task gives up its turn when it waits, and, after host_tasks_preempt(), also wherever preemption
 * becomes possible and chance says so: the same seed makes the same schedule. The test itself is a
 * task, too, "main": it may wait for the others.
 *
 * Time is counted in ticks, and stands still while any task can run; then it leaps to the next
 * time-out.
 */
#pragma once

#include "kernel/sync/lock_debug.h"
#include "kernel/sync/schedule.h"

/* host_task_start - a task that runs function(data) when it is its turn. */
struct task_struct *host_task_start(const char *name, void (*function)(void *data), void *data);

/*
 * host_tasks_run - run all tasks to their ends. Context: the test.
 * Returns: false when some wait for ever.
 */
bool host_tasks_run(void);

/* host_tasks_preempt - from now on switch at random, from this seed; 0: no longer. */
void host_tasks_preempt(u64 seed);

/* host_yield - let any task run next, this one included. */
void host_yield(void);

/* host_task_signal - let signal_pending() be true for a task, and wake it from such a wait. */
void host_task_signal(struct task_struct *task);

/* host_task_has_ended, host_task_waits - what a task is up to. */
bool host_task_has_ended(const struct task_struct *task);
bool host_task_waits(const struct task_struct *task);

/* host_task_time - the time. */
long host_task_time(void);
