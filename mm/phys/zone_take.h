/*
 * zone_take.h - taking a block out of zones: which are asked, and how deep each may be drained.
 *
 * Context of all calls: any. No zone's lock held.
 */
#pragma once

#include "mm/phys/zone.h"

/* zone_list_of - the zones that serve a request, best first. */
static inline const struct zone_list *zone_list_of(gfp_t gfp_mask)
{
        return &zone_lists[gfp_mask & GFP_ZONE_MASK];
}

/*
 * zone_take - take a block from zone that leaves floor pages free, by way of this CPU's list if
 * that keeps blocks of this order.
 *
 * Returns: the block's head, PAGE_ALLOCATED, with one reference; NULL when there is none.
 */
struct page *zone_take(struct zone *zone, unsigned int order, unsigned long floor)
        EXCLUDES(&zone->lock);

/* zones_take - one pass over the request's zones, each down to its watermark mark. */
struct page *zones_take(gfp_t gfp_mask, unsigned int order, enum watermark mark);

/* zones_take_last - the same for the very last pages, the emergency reserve and all. */
struct page *zones_take_last(gfp_t gfp_mask, unsigned int order);
