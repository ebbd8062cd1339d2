/*
 * idle.c - what a CPU does when no task wants it: look for one that waits elsewhere, and halt.
 *
 * The CPU says that it is idle before it looks, with interrupts off until it halts. A task that
 * comes to a queue after the look therefore finds it in idle_cpus, and an interrupt ends the halt.
 */
#include "kernel/cpu/barrier.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/task/kthread.h"
#include "kernel/task/run_queue.h"
#include "kernel/task/sched.h"

void cpu_idle_loop(void)
{
        unsigned int cpu = smp_processor_id();

        for (;;) {
                local_irq_disable();
                cpumask_set_cpu(cpu, &idle_cpus);
                smp_mb();
                if (!need_resched() && !balance_steal())
                        cpu_wait_for_interrupt();
                else
                        local_irq_enable();
                cpu_relax();
                schedule();
        }
}

/* The body of the first CPU's idle task; the others come to the loop on their own way. */
static int idle_main(void *data __unused)
{
        cpu_idle_loop();
}

struct task_struct *idle_task_create(unsigned int cpu)
{
        struct task_struct *idle = kthread_create(idle_main, NULL, "idle/%u", cpu);

        if (!idle)
                return NULL;
        cpumask_clear(&idle->cpus_allowed);
        cpumask_set_cpu(cpu, &idle->cpus_allowed);
        idle->cpu = cpu;
        idle->state = TASK_RUNNING;
        idle->is_queued = true;
        return idle;
}
