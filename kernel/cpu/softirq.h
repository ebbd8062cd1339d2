/*
 * softirq.h - work that an interrupt handler puts off until interrupts are on again.
 *
 *      open_softirq(TIMER_SOFTIRQ, run_timers);        once, at boot
 *      raise_softirq(TIMER_SOFTIRQ);                   from any context: run_timers() soon, here
 *
 * Softirqs run on the CPU that raised them, when its outermost interrupt handler ends, interrupts
 * on, and never one within another. What is raised outside of interrupts, and what goes on being
 * raised, is left to a thread of the CPU, ksoftirqd, and before there is one to the next interrupt.
 *
 * Names and meanings are Linux's.
 *
 * Source: LKD, chapter 8, "Softirqs"; LDD3, chapter 7, "Tasklets".
 */
#pragma once

#include "kernel/cpu/preempt.h"

/* In the order in which they run. */
enum softirq {
        HI_SOFTIRQ,                     /* tasklets that are in a hurry */
        TIMER_SOFTIRQ,
        TASKLET_SOFTIRQ,
        SOFTIRQ_COUNT,
};

/* The word that says which are raised, a bit each. */
DECLARE_PER_CPU(u32, softirq_pending_word);

/* open_softirq - let run be what a softirq does. Context: boot. */
void open_softirq(enum softirq softirq, void (*run)(void));

/*
 * raise_softirq - let a softirq run on this CPU: once, however often it is raised until then.
 * Context: any. raise_softirq_irqoff() is the same with interrupts off already.
 */
void raise_softirq(enum softirq softirq);
void raise_softirq_irqoff(enum softirq softirq);

/* softirq_pending - whether any is raised on this CPU. Context: any. */
static inline bool softirq_pending(void)
{
        return this_cpu_read(softirq_pending_word) != 0;
}

/*
 * softirq_run - run what is raised, in a few rounds; what is raised even then is left to
 * ksoftirqd. Runs on this CPU's interrupt stack, where the kernel has such stacks.
 *
 * Context: interrupts off, also on return, but on meanwhile; not in_interrupt().
 */
void softirq_run(void);

/*
 * local_bh_disable, local_bh_enable - no softirq runs on this CPU in between; they nest. The
 * last local_bh_enable() runs what was raised meanwhile.
 *
 * Context: task or softirq, local_bh_enable() with interrupts on.
 */
static inline void local_bh_disable(void)
{
        preempt_count_add(SOFTIRQ_DISABLE_ONE);
}

void local_bh_enable(void);

/* in_softirq - whether a softirq runs on this CPU, or softirqs are off. Context: any. */
static inline bool in_softirq(void)
{
        return (preempt_count() & SOFTIRQ_COUNT_MASK) != 0;
}

/* in_serving_softirq - whether a softirq runs on this CPU. Context: any. */
static inline bool in_serving_softirq(void)
{
        return (preempt_count() & SOFTIRQ_COUNT_ONE) != 0;
}

/*
 * softirq_wake_thread - let this CPU's ksoftirqd call softirq_run(). Defined in kernel/task.
 * Context: any, interrupts off. Does nothing before the thread exists.
 */
void softirq_wake_thread(void);
