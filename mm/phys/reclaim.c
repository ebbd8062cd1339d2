/*
 * reclaim.c - what can be given back, cheapest first: pages that CPUs keep cost nothing, what
 * shrinkers give up has to be computed or read again by somebody.
 *
 *      free pages   HIGH ........ the reclaim task stops
 *                   LOW  ........ a request that finds no more wakes it, and goes on
 *                   MIN  ........ a request that finds no more reclaims by itself, or waits
 *
 * Locking     is_wanted is set before the reclaim task is woken, and cleared before it looks at the
 *             zones: a wake-up that comes while it works makes it look again.
 */
#include "mm/phys/reclaim.h"

#include "kernel/sync/wait.h"
#include "lib/bits.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/shrinker.h"
#include "mm/phys/zone.h"

/* Shrinkers are asked for at least so much, since each call has a price of its own. */
#define RECLAIM_BATCH_PAGES 32ul

static DECLARE_WAIT_QUEUE_HEAD(reclaim_queue);
static bool is_wanted;

bool reclaim_balance_enabled = true;

unsigned long reclaim_pages(gfp_t gfp_mask, unsigned long wanted_count)
{
        unsigned long freed_count;

        drain_all_pages();
        freed_count = shrink_all(max(wanted_count, RECLAIM_BATCH_PAGES), gfp_mask);
        drain_all_pages();
        return freed_count;
}

void reclaim_wake(void)
{
        if (__atomic_exchange_n(&is_wanted, true, __ATOMIC_SEQ_CST))
                return;
        wake_up(&reclaim_queue);
}

bool reclaim_is_wanted(void)
{
        return READ_ONCE(is_wanted);
}

void reclaim_wait(void)
{
        DEFINE_WAIT(entry);

        prepare_to_wait(&reclaim_queue, &entry, TASK_UNINTERRUPTIBLE);
        if (!reclaim_is_wanted())
                schedule();
        finish_wait(&reclaim_queue, &entry);
}

/* How many pages all zones together lack of their HIGH marks. */
static unsigned long missing_pages(void)
{
        unsigned long missing = 0;
        const struct zone *zone;

        for_each_populated_zone(zone) {
                unsigned long free = READ_ONCE(zone->free_pages);
                unsigned long mark = zone->watermark[WATERMARK_HIGH];

                missing += free < mark ? mark - free : 0;
        }
        return missing;
}

bool reclaim_balance(void)
{
        unsigned long missing, still_missing;

        __atomic_store_n(&is_wanted, false, __ATOMIC_SEQ_CST);
        if (!READ_ONCE(reclaim_balance_enabled))
                return true;
        for (missing = missing_pages(); missing; missing = still_missing) {
                reclaim_pages(GFP_KERNEL, missing);
                still_missing = missing_pages();
                if (still_missing >= missing)
                        return false;
        }
        return true;
}
