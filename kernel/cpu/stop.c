/*
 * stop.c - the others wait in a function that this CPU has called on them. All of it lies on the
 * stopping CPU's stack, so that CPU leaves last. Two that want to stop the machine take turns: the
 * second waits with interrupts on, and so can itself be stopped.
 */
#include "kernel/cpu/stop.h"

#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"

/* What the stopping CPU and the others tell each other. */
struct stop {
        unsigned int arrived_count;
        unsigned int left_count;
        bool is_over;
};

static u32 is_taken;                    /* 1 while somebody stops the machine */

/* Stand still, but answer those who need this CPU to go on. Interrupts are off. */
static void hold(void *argument)
{
        struct stop *stop = argument;

        __atomic_add_fetch(&stop->arrived_count, 1, __ATOMIC_SEQ_CST);
        while (!__atomic_load_n(&stop->is_over, __ATOMIC_ACQUIRE)) {
                cpu_relax();
                smp_poll();
        }
        __atomic_add_fetch(&stop->left_count, 1, __ATOMIC_SEQ_CST);
}

/* Wait until a count has come to what it must be. */
static void wait_for(const unsigned int *count, unsigned int wanted)
{
        while (__atomic_load_n(count, __ATOMIC_ACQUIRE) != wanted) {
                cpu_relax();
                smp_poll();
        }
}

/* Be the one that stops the machine, on a CPU that stays the same from here on. */
static void take_turn(void)
{
        preempt_disable();
        while (__atomic_exchange_n(&is_taken, 1, __ATOMIC_ACQUIRE)) {
                preempt_enable();
                cpu_relax();
                preempt_disable();
        }
}

/* Let the next one have its turn. */
static void end_turn(void)
{
        __atomic_store_n(&is_taken, 0, __ATOMIC_RELEASE);
        preempt_enable();
}

/* Run call with interrupts off. */
static void run(void (*call)(void *argument), void *argument)
{
        unsigned long flags = local_irq_save();

        call(argument);
        local_irq_restore(flags);
}

void stop_machine(void (*call)(void *argument), void *argument)
{
        struct stop stop = { 0, 0, false };
        struct cpumask others;

        if (!smp_is_waiting_allowed() || num_online_cpus() <= 1) {
                run(call, argument);
                return;
        }
        take_turn();
        cpumask_copy(&others, cpu_online_mask);
        cpumask_clear_cpu(smp_processor_id(), &others);
        smp_call_function_many(&others, hold, &stop, false);
        wait_for(&stop.arrived_count, cpumask_weight(&others));
        run(call, argument);
        __atomic_store_n(&stop.is_over, true, __ATOMIC_RELEASE);
        wait_for(&stop.left_count, cpumask_weight(&others));
        end_turn();
}
