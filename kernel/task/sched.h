/*
 * sched.h - which task runs on which CPU. What code below the scheduler needs of it is declared in
 * kernel/sync/schedule.h.
 *
 * Source: LKD, chapter 4, "Process Scheduling".
 */
#pragma once

#include "kernel/task/task.h"

/* sched_init_cpu - give a CPU an empty run queue and its idle task. Context: before it runs. */
void sched_init_cpu(unsigned int cpu, struct task_struct *idle);

/* sched_adopt - current, which no queue knows, is what this CPU runs. Context: interrupts off. */
void sched_adopt(struct task_struct *task);

/* yield - let others of the same priority run first. Context: may sleep. */
void yield(void);

/*
 * scheduler_tick - a tick of this CPU: the task that runs makes room for one of the same priority.
 * Context: the tick's interrupt handler.
 */
void scheduler_tick(void);

/*
 * set_cpus_allowed - let task run on these CPUs only, of which one at least must be online. When
 * current itself may not stay it moves before the call returns; another task that runs elsewhere
 * moves as soon as that CPU can be interrupted and preempted.
 *
 * Context: may sleep. Returns: false, and nothing is changed, when none of them is online.
 */
bool set_cpus_allowed(struct task_struct *task, const struct cpumask *allowed);

/* task_set_priority - from now on; smaller runs first. Context: any. */
void task_set_priority(struct task_struct *task, unsigned int priority);

/* sched_exit - never run current again, and release it. Context: its stack, preemption on. */
void sched_exit(void) __noreturn;

/* sched_finish_switch - the first thing on the stack of next; called by what a task begins with. */
void sched_finish_switch(struct task_struct *previous);

/*
 * idle_task_create - the task that a CPU runs when no other wants it. It is never in a queue: a
 * CPU that is about to start begins on its stack, with sched_adopt() and cpu_idle_loop().
 *
 * Context: may sleep. Returns: NULL when there is no memory or no stack for it.
 */
struct task_struct *idle_task_create(unsigned int cpu);

/* cpu_idle_loop - what a CPU does when there is nothing to do. Context: its idle task. */
void cpu_idle_loop(void) __noreturn;

/* What a CPU has to do. */
struct run_queue_report {
        struct task_struct *running;
        unsigned int ready_count;
        unsigned long switch_count;
        unsigned long steal_count;
};

/* run_queue_report - what a CPU has to do now, for monitors: a snapshot. Context: any. */
struct run_queue_report run_queue_report(unsigned int cpu);

/* sched_check - RQ-1 to RQ-3 for the queue of every CPU. Context: any. */
void sched_check(void);
