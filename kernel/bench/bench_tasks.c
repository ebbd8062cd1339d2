/* bench_tasks.c - the rows of tasks: switching between two that take turns, and waking one. */
#include "kernel/bench/bench.h"

#include "kernel/cpu/smp.h"
#include "kernel/sync/schedule.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"

/* Gives the CPU back at once, until it is stopped. */
static int give_way(void *data __unused)
{
        while (!kthread_should_stop())
                yield();
        return 0;
}

/* Sleeps again at once when it is woken, until it is stopped. */
static int sleep_again(void *data __unused)
{
        while (!kthread_should_stop()) {
                set_current_state(TASK_UNINTERRUPTIBLE);
                if (!kthread_should_stop())
                        schedule();
                set_current_state(TASK_RUNNING);
        }
        return 0;
}

static struct task_struct *partner;

/* Measure an operation that needs a thread beside it on this CPU. */
static u64 median_with_partner(int (*function)(void *data), void (*operation)(void))
{
        partner = kthread_create(function, NULL, "bench");
        if (!partner)
                return BENCH_UNAVAILABLE;
        kthread_bind(partner, smp_processor_id());
        wake_up_process(partner);
        yield();

        u64 instructions = bench_median(operation);
        kthread_stop(partner);
        return instructions;
}

/* There and back: two switches. */
BENCH(switch)
{
        u64 both = median_with_partner(give_way, yield);

        return both == BENCH_UNAVAILABLE ? both : both / 2;
}

/* Wake the partner up, and let it run until it sleeps again. */
static void wake_and_yield(void)
{
        wake_up_process(partner);
        yield();
}

BENCH(wake_up)
{
        return median_with_partner(sleep_again, wake_and_yield);
}
