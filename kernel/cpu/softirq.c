/*
 * Softirqs
 *
 * Idea        A bit of one word for each kind of work. An interrupt handler sets a bit, and ends;
 *             on the way out, where interrupts can come again, the bits are taken all at once
 *             and what they stand for is done.
 *
 * Picture     task    ------+                                        +---- goes on
 *             handler       | raise |                                |
 *             irq_exit              | TIMER | TASKLET |    | HI | .. |
 *                                         ^ another interrupt raises HI:
 *                                           a bit for the next round
 *
 * Data        softirq_pending_word, one for each CPU; actions[], what each bit stands for.
 *             preempt_word counts 1 in bits 8 to 15 while softirqs run, and 2 for each
 *             local_bh_disable().
 *
 * Invariants  SOFTIRQ-1  softirqs of one CPU never run within each other, and never while
 *                        they are off.
 *             SOFTIRQ-2  an action leaves the preempt count as it found it.
 *
 * Locking     The word is its CPU's; each change is one instruction.
 *
 * Cost        An interrupt that raises nothing pays a test of one word.
 *
 * Failure     Work that raises itself again would keep the task away for ever: after
 *             ROUNDS_MOST rounds the rest is ksoftirqd's, which the scheduler treats as any task.
 *
 * Reading     LKD, chapter 8, "Bottom Halves and Deferring Work".
 */
#include "kernel/cpu/softirq.h"

#include "kernel/cpu/irq_stack.h"
#include "kernel/cpu/irqflags.h"
#include "lib/assert.h"
#include "lib/bits.h"

#define ROUNDS_MOST 10u

DEFINE_PER_CPU(u32, softirq_pending_word);

static void (*actions[SOFTIRQ_COUNT])(void);

void open_softirq(enum softirq softirq, void (*run)(void))
{
        BUG_ON(softirq >= SOFTIRQ_COUNT, "softirq %d", softirq);
        actions[softirq] = run;
}

void raise_softirq_irqoff(enum softirq softirq)
{
        this_cpu_or(softirq_pending_word, BIT(softirq));
        if (!in_interrupt())
                softirq_wake_thread();
}

void raise_softirq(enum softirq softirq)
{
        unsigned long flags = local_irq_save();

        raise_softirq_irqoff(softirq);
        local_irq_restore(flags);
}

/* Do what a word of bits stands for, lowest first. */
static void run_round(u32 pending)
{
        unsigned int count = preempt_count();

        while (pending) {
                unsigned int softirq = lowest_bit(pending);

                pending &= pending - 1;
                BUG_ON(!actions[softirq], "softirq %u has no action", softirq);
                actions[softirq]();
                CHECK_INVARIANT(SOFTIRQ-2, preempt_count() == count,
                                "softirq %u: %#x became %#x", softirq, count, preempt_count());
        }
}

/* The rounds, on the stack of interrupts. Returns: whether more is pending. */
static bool run_rounds(void *context __unused)
{
        unsigned int rounds = ROUNDS_MOST;

        while (softirq_pending() && rounds--) {
                u32 pending = this_cpu_xchg(softirq_pending_word, 0);

                local_irq_enable();
                run_round(pending);
                local_irq_disable();
        }
        return softirq_pending();
}

void softirq_run(void)
{
        CHECK_INVARIANT(SOFTIRQ-1, !in_interrupt(), "preempt count %#x", preempt_count());
        preempt_count_add(SOFTIRQ_COUNT_ONE);
        bool has_more = irq_stack_call(run_rounds, NULL);

        preempt_count_sub(SOFTIRQ_COUNT_ONE);
        if (has_more)
                softirq_wake_thread();
}

void irq_exit(void)
{
        preempt_count_sub(HARDIRQ_COUNT_ONE);
        if (softirq_pending() && !in_interrupt())
                softirq_run();
}

/* Preemption stays off until softirqs have run, so that they run on the CPU that raised them. */
void local_bh_enable(void)
{
        BUG_ON(irqs_disabled() || in_hardirq(), "preempt count %#x", preempt_count());
        preempt_count_sub(SOFTIRQ_DISABLE_ONE - PREEMPT_COUNT_ONE);
        if (softirq_pending() && !in_interrupt()) {
                local_irq_disable();
                softirq_run();
                local_irq_enable();
        }
        preempt_enable();
}
