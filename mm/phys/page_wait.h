/*
 * page_wait.h - requests that wait until pages come.
 */
#pragma once

#include "lib/compiler.h"
#include "mm/phys/zone.h"

/* How many requests wait. Changed in page_wait.c only. */
extern unsigned int page_waiter_count;

/*
 * page_wait - wait for a block, behind all that wait already.
 *
 * The wait lasts as long as there is hope: pages of the request's zones came free during the last
 * period of PAGE_WAIT_TICKS, or by reclaim at its end. A request above PAGE_WAIT_ORDER_PATIENT
 * waits for at most PAGE_WAIT_PERIODS_MOST periods. With __GFP_NOFAIL it lasts until there is a
 * block.
 *
 * Context: may sleep; the request has __GFP_WAIT. No lock held.
 * Returns: as zone_take(); NULL when the request cannot be met.
 */
struct page *page_wait(gfp_t gfp_mask, unsigned int order);

#define PAGE_WAIT_TICKS 20
#define PAGE_WAIT_ORDER_PATIENT 3u
#define PAGE_WAIT_PERIODS_MOST 25u

/*
 * page_wait_has_older - whether a request waits that whatever serves this one would serve, too. A
 * request that can wait then has to stand behind it. Context: any.
 */
bool page_wait_has_older(gfp_t gfp_mask, unsigned int order);

/* page_wait_is_used - whether any request waits. Context: any. */
static inline bool page_wait_is_used(void)
{
        return unlikely(READ_ONCE(page_waiter_count));
}

/*
 * page_wait_serve - pages have come free in zone: give them to the requests that wait, in their
 * order. Context: any; no zone's lock held.
 */
void page_wait_serve(const struct zone *zone);

/* page_wait_check - PAGEWAIT-1. Context: the other CPUs stand still. */
void page_wait_check(void);
