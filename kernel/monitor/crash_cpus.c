/* crash_cpus.c - what is to go wrong is called on the other CPUs, and so runs in an interrupt. */
#include "kernel/monitor/crash_cpus.h"

#include "kernel/cpu/delay.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/options.h"
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

/* Let another CPU run a call that does not return; says so when there is none. */
static void call_other(smp_call_func_t call)
{
        preempt_disable();
        unsigned int other = cpumask_next(smp_processor_id() ? -1 : 0, cpu_online_mask);

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
