/*
 * reclaim.c - what can be given back, cheapest first: pages that CPUs keep cost nothing, what
 * shrinkers give up has to be computed or read again by somebody.
 */
#include "mm/phys/reclaim.h"

#include "lib/bits.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/shrinker.h"

/* Shrinkers are asked for at least so much, since each call has a price of its own. */
#define RECLAIM_BATCH_PAGES 32ul

unsigned long reclaim_pages(gfp_t gfp_mask, unsigned long wanted_count)
{
        unsigned long freed_count;

        drain_all_pages();
        freed_count = shrink_all(max(wanted_count, RECLAIM_BATCH_PAGES), gfp_mask);
        drain_all_pages();
        return freed_count;
}
