/*
 * buddy.h - the binary buddy system: blocks of 2^order pages, split and merged. One zone at a
 * time; policy is page_alloc's.
 *
 * Context of all calls: zone->lock held, interrupts off.
 */
#pragma once

#include "mm/phys/zone.h"

/*
 * buddy_alloc - take a free block of 2^order pages, from the smallest free block that serves.
 *
 * Returns: the block's head, in the given state and with that order; NULL when no block is large
 *          enough. The caller owns the block; page->list and page->refcount are undefined.
 */
struct page *buddy_alloc(struct zone *zone, unsigned int order, enum page_state state)
        REQUIRES(&zone->lock);

/*
 * buddy_free - give back the block that page heads, and merge it with its buddy as long as that
 * is free and whole.
 *
 * The caller has checked that page is the head of a block of that order which it owns.
 */
void buddy_free(struct zone *zone, struct page *page, unsigned int order) REQUIRES(&zone->lock);

/* buddy_free_many - buddy_free() of count blocks of one order, in the order of the array. */
void buddy_free_many(struct zone *zone, struct page *const *blocks, unsigned int count,
                     unsigned int order) REQUIRES(&zone->lock);

/*
 * buddy_add_range - give the frames [first, end) of zone to it for the first time, as blocks as
 * large as alignment allows. Their descriptors are still zero.
 */
void buddy_add_range(struct zone *zone, pfn_t first, pfn_t end) REQUIRES(&zone->lock);

/* buddy_block_count - how many free blocks of one order zone has; walks the list. */
unsigned long buddy_block_count(const struct zone *zone, unsigned int order) REQUIRES(&zone->lock);

/* buddy_check - BUDDY-1 to BUDDY-5, over all of zone. */
void buddy_check(struct zone *zone) REQUIRES(&zone->lock);
