/*
 * zone_take.c - how deep a request may drain each of its zones, and one pass over them. The zone's
 * lock is taken for each try; with it go interrupts, so that this CPU's list stays this CPU's.
 */
#include "mm/phys/zone_take.h"

#include "mm/phys/buddy.h"
#include "mm/phys/pcp.h"

/* How many pages the request must leave in zone, when it may go down to the given watermark. */
static unsigned long floor_of(const struct zone *zone, gfp_t gfp_mask, enum watermark mark,
                              enum zone_kind preferred)
{
        unsigned long floor = zone->watermark[mark];

        if (mark == WATERMARK_MIN && (gfp_mask & __GFP_HIGH)) {
                floor -= floor / 2;
                if (!(gfp_mask & __GFP_WAIT))
                        floor -= floor / 4;
        }
        return zone_floor(zone, floor, preferred);
}

/* Take a block from this CPU's list, which is refilled when it is empty. */
static struct page *take_by_list(struct zone *zone, struct pcp_list *list, unsigned int order,
                                 unsigned long floor) REQUIRES(&zone->lock)
{
        struct page *page = pcp_take(list);

        if (page)
                return page;
        pcp_refill(zone, this_cpu_ptr(list), order, floor);
        return pcp_take(list);
}

struct page *zone_take(struct zone *zone, unsigned int order, unsigned long floor)
{
        struct page *page = NULL;
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        if (likely(zone->free_pages >= floor + (1ul << order))) {
                struct pcp_list *list = pcp_list_of(zone, order);

                page = order < PCP_ORDERS && this_cpu_read(list->batch)
                               ? take_by_list(zone, list, order, floor)
                               : buddy_alloc(zone, order, PAGE_ALLOCATED);
        }
        if (likely(page))
                atomic_set(&page->refcount, 1);
        spin_unlock_irqrestore(&zone->lock, flags);
        return page;
}

struct page *zones_take(gfp_t gfp_mask, unsigned int order, enum watermark mark)
{
        struct zone *const *zone = zone_list_of(gfp_mask)->zones;
        enum zone_kind preferred = (*zone)->kind;

        for (; *zone; zone++) {
                struct page *page = zone_take(*zone, order,
                                              floor_of(*zone, gfp_mask, mark, preferred));
                if (page)
                        return page;
        }
        return NULL;
}

struct page *zones_take_last(gfp_t gfp_mask, unsigned int order)
{
        struct zone *const *zone = zone_list_of(gfp_mask)->zones;
        enum zone_kind preferred = (*zone)->kind;

        for (; *zone; zone++) {
                struct page *page = zone_take(*zone, order, zone_floor(*zone, 0, preferred));

                if (page)
                        return page;
        }
        return NULL;
}
