/*
 * ksoftirqd
 *
 * Idea        Softirqs that go on raising themselves, or that a task raises, are run by a task of
 *             the CPU: the scheduler gives them a share, and no task waits for ever.
 *
 * Picture     irq_exit, after 10 rounds --- softirq_wake_thread() ---> ksoftirqd/2: softirq_run()
 *             raise_softirq() in a task --'
 *
 * Data        The task of each CPU; NULL until it has been started.
 *
 * Invariants  KSOFTIRQD-1  the thread of a CPU runs on no other CPU, since what is pending is that
 *                          CPU's.
 *
 * Locking     None: the pointers are set once.
 *
 * Cost        Two context switches where an interrupt would have cost none.
 *
 * Failure     Without memory for it, the softirqs of a CPU wait for the next interrupt.
 *
 * Reading     LKD, chapter 8, "ksoftirqd".
 */
#include "kernel/task/softirq_thread.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/softirq.h"
#include "kernel/task/kthread.h"
#include "lib/assert.h"

static DEFINE_PER_CPU(struct task_struct *, softirq_thread);

void softirq_wake_thread(void)
{
        struct task_struct *task = this_cpu_read(softirq_thread);

        if (task)
                wake_up_process(task);
}

/* Run what is pending, with preemption off. Between two runs others may have the CPU. */
static void run_pending(void)
{
        preempt_disable();
        local_irq_disable();
        CHECK_INVARIANT(KSOFTIRQD-1, this_cpu_read(softirq_thread) == current, "CPU %u",
                        smp_processor_id());
        if (softirq_pending())
                softirq_run();
        local_irq_enable();
        preempt_enable();
}

/* What the thread does. */
static int softirq_thread_run(void *data __unused)
{
        while (!kthread_should_stop()) {
                set_current_state(TASK_INTERRUPTIBLE);
                if (!softirq_pending()) {
                        schedule();
                        continue;
                }
                set_current_state(TASK_RUNNING);
                run_pending();
        }
        set_current_state(TASK_RUNNING);
        return 0;
}

/* Start the thread of one CPU. */
static void start_thread(unsigned int cpu)
{
        struct task_struct *task = kthread_create(softirq_thread_run, NULL, "ksoftirqd/%u", cpu);

        if (!task) {
                printk("softirq: no memory for ksoftirqd/%u\n", cpu);
                return;
        }
        kthread_bind(task, cpu);
        per_cpu(softirq_thread, cpu) = task;
        wake_up_process(task);
}

void softirq_threads_init(void)
{
        unsigned int cpu;

        for_each_online_cpu(cpu)
                start_thread(cpu);
}
