/*
 * crash_cpus.c - what is to go wrong is called on the other CPUs, and so runs in an interrupt; or
 * in a thread there, where it takes locks.
 */
#include "kernel/monitor/crash_cpus.h"

#include "kernel/cpu/delay.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/options.h"
#include "kernel/sync/spinlock.h"
#include "kernel/task/kthread.h"
#include "lib/panic.h"

#define POLL_MS 100u
#define WAIT_MORE_SECONDS 10u

/* Never come back. Interrupts are off in a call. */
static void hang_here(void *argument __unused)
{
        for (;;)
                cpu_relax();
}

/* Panic. */
static void panic_here(void *argument __unused)
{
        panic("planted on CPU %u", smp_processor_id());
}

/* Another CPU than this one; NR_CPUS when there is none. Preemption is off. */
static unsigned int other_cpu(void)
{
        return cpumask_next(smp_processor_id() ? -1 : 0, cpu_online_mask);
}

/* Let another CPU run a call that does not return; says so when there is none. */
static void call_other(smp_call_func_t call)
{
        preempt_disable();
        unsigned int other = other_cpu();

        if (other < NR_CPUS)
                smp_call_function_single(other, call, NULL, false);
        else
                printk("there is no other CPU\n");
        preempt_enable();
}

void crash_hang_other(void)
{
        unsigned int bug_count = bug_report_count();
        unsigned int polls = (options.watchdog_seconds + WAIT_MORE_SECONDS) * 1000 / POLL_MS;

        call_other(hang_here);
        while (num_online_cpus() > 1 && bug_report_count() == bug_count && polls--)
                mdelay(POLL_MS);
        /* The report has begun; let it end. */
        mdelay(1000);
}

void crash_panic_other(void)
{
        call_other(panic_here);
        mdelay(WAIT_MORE_SECONDS * 1000);
}

void crash_panic_all(void)
{
        on_each_cpu(panic_here, NULL, true);
}

static DEFINE_SPINLOCK(left_lock);
static DEFINE_SPINLOCK(right_lock);
static u32 missing_count;               /* CPUs that do not hold their first lock yet */

/* Take a lock, wait until the other CPU holds its first one, and want that one, too. */
static void take_both(struct spinlock *first, struct spinlock *second) NO_THREAD_SAFETY_ANALYSIS
{
        spin_lock(first);
        __atomic_sub_fetch(&missing_count, 1, __ATOMIC_SEQ_CST);
        while (READ_ONCE(missing_count))
                cpu_relax();
        spin_lock(second);
        spin_unlock(second);
        spin_unlock(first);
}

/* The body of the thread on the other CPU. */
static int take_right_first(void *data __unused)
{
        take_both(&right_lock, &left_lock);
        return 0;
}

void crash_deadlock(void)
{
        struct task_struct *task = kthread_create(take_right_first, NULL, "right");

        preempt_disable();
        unsigned int other = other_cpu();

        if (task && other < NR_CPUS) {
                missing_count = 2;
                kthread_bind(task, other);
                wake_up_process(task);
                take_both(&left_lock, &right_lock);
        }
        preempt_enable();
        printk("there is no other CPU\n");
        if (task)
                kthread_stop(task);
}
