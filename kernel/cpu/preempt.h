/*
 * preempt.h - the count that says in what context this CPU runs.
 *
 *      bits  0-7     how often preemption is off
 *      bits  8-15    reserved for deferred interrupt work
 *      bits 16-23    how deep interrupt handlers are nested
 *
 * kernel/sync/context.h builds on it what the rest of the kernel uses.
 */
#pragma once

#include "kernel/cpu/smp.h"
#include "lib/compiler.h"

#define PREEMPT_COUNT_ONE 0x00000001u
#define PREEMPT_COUNT_MASK 0x000000FFu
#define HARDIRQ_COUNT_ONE 0x00010000u
#define HARDIRQ_COUNT_MASK 0x00FF0000u

extern unsigned int preempt_counts[NR_CPUS];

/* preempt_count - the whole count of this CPU. Context: any. */
static inline unsigned int preempt_count(void)
{
        return READ_ONCE(preempt_counts[smp_processor_id()]);
}

/* preempt_count_add - add an amount; nothing after it moves before it. Context: any. */
static inline void preempt_count_add(unsigned int amount)
{
        preempt_counts[smp_processor_id()] += amount;
        barrier();
}

/* preempt_count_sub - take an amount off; nothing before it moves after it. Context: any. */
static inline void preempt_count_sub(unsigned int amount)
{
        barrier();
        preempt_counts[smp_processor_id()] -= amount;
}

/* irq_enter, irq_exit - around the handler of a hardware interrupt. Context: interrupts off. */
static inline void irq_enter(void)
{
        preempt_count_add(HARDIRQ_COUNT_ONE);
}

static inline void irq_exit(void)
{
        preempt_count_sub(HARDIRQ_COUNT_ONE);
}

/* in_interrupt - whether an interrupt handler runs on this CPU. Context: any. */
static inline bool in_interrupt(void)
{
        return (preempt_count() & HARDIRQ_COUNT_MASK) != 0;
}
