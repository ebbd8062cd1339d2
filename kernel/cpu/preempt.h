/*
 * preempt.h - the word that says in what context this CPU runs, and whether its task may be
 * replaced by another.
 *
 *      bits  0-7     how often preemption is off
 *      bits  8-15    1 while a softirq runs, and 2 for each time that softirqs are off
 *      bits 16-23    how deep interrupt handlers are nested
 *      bit  31       no other task is waiting to run here: set by default
 *
 * The last bit is upside down so that one subtraction tells all: when preempt_enable() makes the
 * word 0, preemption has become possible and another task wants the CPU.
 *
 * kernel/sync/context.h builds on it what the rest of the kernel uses.
 *
 * Context: any, everywhere in this file.
 */
#pragma once

#include "kernel/cpu/percpu.h"

#define PREEMPT_COUNT_ONE 0x00000001u
#define PREEMPT_COUNT_MASK 0x000000FFu
#define SOFTIRQ_COUNT_ONE 0x00000100u
#define SOFTIRQ_DISABLE_ONE 0x00000200u
#define SOFTIRQ_COUNT_MASK 0x0000FF00u
#define HARDIRQ_COUNT_ONE 0x00010000u
#define HARDIRQ_COUNT_MASK 0x00FF0000u
#define PREEMPT_NO_RESCHEDULE 0x80000000u

DECLARE_PER_CPU(unsigned int, preempt_word);

/*
 * preempt_schedule - let another task run, if interrupts are on and one still wants to.
 * preempt_schedule_irq - the same at the end of an interrupt, interrupts off all along.
 *
 * Defined in kernel/task. Context: preemption has just become possible.
 */
void preempt_schedule(void);
void preempt_schedule_irq(void);

/* preempt_count - the counts of this CPU, without the last bit. */
static inline unsigned int preempt_count(void)
{
        return this_cpu_read(preempt_word) & ~PREEMPT_NO_RESCHEDULE;
}

/* preempt_count_add - add an amount; nothing after it moves before it. */
static inline void preempt_count_add(unsigned int amount)
{
        this_cpu_add(preempt_word, amount);
        barrier();
}

/* preempt_count_sub - take an amount off; nothing before it moves after it. Never reschedules. */
static inline void preempt_count_sub(unsigned int amount)
{
        barrier();
        this_cpu_sub(preempt_word, amount);
}

/* preempt_disable - keep this task on this CPU, until as many preempt_enable() follow. */
static inline void preempt_disable(void)
{
        this_cpu_inc(preempt_word);
        barrier();
}

/* preempt_enable - the end of preempt_disable(); lets another task run if one is waiting. */
static inline void preempt_enable(void)
{
        barrier();
        if (unlikely(this_cpu_dec_and_test(preempt_word)))
                preempt_schedule();
}

/* preempt_enable_no_resched - the same where another task must not run yet. */
static inline void preempt_enable_no_resched(void)
{
        preempt_count_sub(PREEMPT_COUNT_ONE);
}

/* need_resched - whether another task is waiting to run on this CPU. */
static inline bool need_resched(void)
{
        return !(this_cpu_read(preempt_word) & PREEMPT_NO_RESCHEDULE);
}

/* set_need_resched, clear_need_resched - say so, or no longer. */
static inline void set_need_resched(void)
{
        this_cpu_and(preempt_word, ~PREEMPT_NO_RESCHEDULE);
}

static inline void clear_need_resched(void)
{
        this_cpu_or(preempt_word, PREEMPT_NO_RESCHEDULE);
}

/*
 * irq_enter, irq_exit - around the handler of a hardware interrupt. Interrupts are off, before and
 * after both; the outermost irq_exit() turns them on for the softirqs that were raised, see
 * softirq.h, so that the interrupt controller must have been told before.
 */
static inline void irq_enter(void)
{
        preempt_count_add(HARDIRQ_COUNT_ONE);
}

void irq_exit(void);

/* in_interrupt - whether an interrupt handler or a softirq runs here, or softirqs are off. */
static inline bool in_interrupt(void)
{
        return (preempt_count() & (HARDIRQ_COUNT_MASK | SOFTIRQ_COUNT_MASK)) != 0;
}

/* in_hardirq - whether an interrupt handler runs on this CPU. */
static inline bool in_hardirq(void)
{
        return (preempt_count() & HARDIRQ_COUNT_MASK) != 0;
}
