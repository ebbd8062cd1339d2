/*
 * ipi.h - asking another CPU to run a function, or to look whether a better task waits.
 *
 *      on_each_cpu(drain_local_pages, NULL, true);             everywhere, and wait
 *      smp_call_function_single(2, report, &answer, true);     on CPU 2
 *
 * A function called in this way runs in interrupt context, interrupts off: it may not sleep, and
 * is short. On the caller's own CPU, too, interrupts are off while it runs. The names are Linux's.
 *
 * Context of all smp_call_ functions and of on_each_cpu(): task or softirq, interrupts on, no spin
 * lock held that the other CPUs may spin for with interrupts off, else two CPUs could wait for
 * each other. A call with interrupts off is reported as "smp-call-atomic". They do not sleep.
 *
 * CPUs that are not online are left out. Calls from one CPU to one CPU run in the order in which
 * they were made.
 *
 * Source: Linux, "smp_call_function" and its kin, for the meaning.
 */
#pragma once

#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/smp.h"

typedef void (*smp_call_func_t)(void *argument);

/* How interrupts get from one CPU to another; an interrupt controller's driver knows. */
struct ipi_transport {
        void (*send)(unsigned int cpu, unsigned int vector);
        void (*send_nmi)(unsigned int cpu);
        void (*end)(void);              /* the interrupt that is being handled has been */
};

/* What a CPU did because others asked. Read by the monitor, with per_cpu(). */
struct ipi_counts {
        unsigned long reschedules;      /* interrupts of each kind */
        unsigned long call_interrupts;
        unsigned long tlb_interrupts;
        unsigned long calls;            /* functions run */
        unsigned long tlb_requests;     /* of other CPUs, served */
        unsigned long tlb_whole;        /* how often the whole cache had to go */
};

DECLARE_PER_CPU(struct ipi_counts, ipi_counts);

/*
 * ipi_init - handle the vectors that CPUs send each other. Without it, and until a second CPU is
 * online, all functions here do their work on this CPU alone.
 *
 * Context: boot, one CPU, before the second one starts. transport stays the caller's, for good.
 */
void ipi_init(const struct ipi_transport *transport);

/*
 * smp_call_function_single - let a CPU, which may be this one, run call(argument). With wait,
 * return when it has; without, argument must stay good until then.
 *
 * Returns: false when the CPU is not online; nothing has run then.
 */
bool smp_call_function_single(unsigned int cpu, smp_call_func_t call, void *argument, bool wait);

/* smp_call_function_many - the same for all other CPUs of a set, at once; never for this CPU. */
void smp_call_function_many(const struct cpumask *mask, smp_call_func_t call, void *argument,
                            bool wait);

/* smp_call_function - the same for all other CPUs. */
void smp_call_function(smp_call_func_t call, void *argument, bool wait);

/* on_each_cpu - the same for all CPUs: the others, and this one. */
void on_each_cpu(smp_call_func_t call, void *argument, bool wait);

/*
 * smp_send_reschedule - let another CPU look for a better task: it calls scheduler_ipi().
 * Context: any. Without effect on a CPU that is not online, and on this one.
 */
void smp_send_reschedule(unsigned int cpu);

/*
 * scheduler_ipi - what smp_send_reschedule() makes the other CPU do. Defined in kernel/task.
 * Context: interrupt, interrupts off.
 */
void scheduler_ipi(void);

/*
 * smp_poll - do now what other CPUs wait for, whether or not interrupts are on: translations that
 * they want forgotten (kernel/cpu/tlb.h). Every loop that spins with interrupts off calls it.
 *
 * Context: any in which this task stays on its CPU. Takes no lock. Cost: two reads, when nothing
 * is to be done.
 */
void smp_poll(void);

/*
 * smp_relax - one step of a loop that waits for another CPU. With interrupts off it polls, since
 * what is waited for may itself wait for this CPU; with interrupts on they do as much.
 *
 * Context: any, tasks that may be preempted included.
 */
static inline void smp_relax(void)
{
        cpu_relax();
        if (irqs_disabled())
                smp_poll();
}

/*
 * ipi_send - interrupt another CPU with a vector; ipi_end - tell the interrupt controller that an
 * interrupt has been handled. For kernel/cpu and kernel/; ipi_init() must have been called.
 */
void ipi_send(unsigned int cpu, unsigned int vector);
void ipi_end(void);

/*
 * smp_send_nmi - interrupt another CPU whatever it does. Returns: false when no transport can.
 * Context: any. Takes no lock.
 */
bool smp_send_nmi(unsigned int cpu);

/*
 * smp_stop_waiting - from now on nobody waits for an answer of another CPU: the others are being
 * stopped for good. Context: panic.
 */
void smp_stop_waiting(void);

/* smp_is_waiting_allowed - whether smp_stop_waiting() has not been called yet. Context: any. */
bool smp_is_waiting_allowed(void);
