/*
 * kreclaimd
 *
 * Idea        A request that finds a zone at its LOW mark is served all the same, and wakes a task
 *             that asks the shrinkers until all zones are at their HIGH marks. So most requests
 *             never find less than MIN, and need not reclaim by themselves.
 *
 * Picture     alloc_pages() --- reclaim_wake() ---> kreclaimd: reclaim_balance()
 *                                                      |  nothing more comes: rest, then again
 *                                                      `- all at HIGH: wait to be woken
 *
 * Data        None of its own.
 *
 * Invariants  None: what wakes it is mm/phys/reclaim.c's.
 *
 * Locking     None.
 *
 * Cost        Nothing while memory is plenty. When shrinkers have nothing to give, one round of
 *             them in each rest.
 *
 * Failure     Without memory for the thread, requests below MIN reclaim by themselves.
 *
 * Reading     docs/03-page-allocator.md, "Waiting".
 */
#include "kernel/task/reclaim_thread.h"

#include "kernel/task/kthread.h"
#include "kernel/time/jiffies.h"
#include "lib/panic.h"
#include "mm/phys/reclaim.h"

/* How long the shrinkers are left alone when they had nothing more to give. */
#define REST_TICKS (HZ / 10)

/* What the thread does. */
static int run(void *data __unused)
{
        while (!kthread_should_stop()) {
                reclaim_wait();
                if (!reclaim_is_wanted() || reclaim_balance())
                        continue;
                set_current_state(TASK_UNINTERRUPTIBLE);
                schedule_timeout(REST_TICKS);
        }
        return 0;
}

void reclaim_thread_init(void)
{
        if (!kthread_run(run, NULL, "kreclaimd"))
                printk("reclaim: no memory for kreclaimd\n");
}
