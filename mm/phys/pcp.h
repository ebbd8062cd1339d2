/*
 * pcp.h - per-CPU page lists: small blocks that one CPU takes and gives without the zone's lock.
 *
 * Context of all calls: interrupts off, so that the CPU stays the same and no handler comes
 * between.
 */
#pragma once

#include "kernel/cpu/smp.h"
#include "mm/phys/zone.h"

/* Blocks of order 0 to PCP_ORDERS - 1 are kept. */
#define PCP_ORDERS 5u

/* At most so many pages on the list of one order. */
#define PCP_PAGES_MOST 64u

/* How many slots the lists of all orders need: 64 + 32 + 16 + 8 + 4. */
#define PCP_SLOTS (2 * PCP_PAGES_MOST - (PCP_PAGES_MOST >> (PCP_ORDERS - 1)))

/* A stack of blocks of one order; blocks[0] is the oldest. */
struct pcp_list {
        unsigned int count;
        unsigned int capacity;          /* 0: this order is not kept in this zone */
        unsigned int batch;             /* blocks moved at a time to and from the zone */
        struct page **blocks;
};

/* [c] All of one CPU's lists in one zone. */
struct cpu_page_lists {
        struct pcp_list lists[PCP_ORDERS];
        struct page *slots[PCP_SLOTS];
};

/* pcp_lists_init - make lists empty, with capacities that fit a zone of managed_pages. Boot. */
void pcp_lists_init(struct cpu_page_lists *lists, unsigned long managed_pages);

/* pcp_list_of - this CPU's list of one order, which is below PCP_ORDERS. */
static inline struct pcp_list *pcp_list_of(const struct zone *zone, unsigned int order)
{
        return &zone->cpu_lists[smp_processor_id()]->lists[order];
}

/*
 * pcp_take - the newest block of a list, now PAGE_ALLOCATED.
 *
 * Returns: NULL when the list is empty.
 */
static inline struct page *pcp_take(struct pcp_list *list)
{
        if (unlikely(!list->count))
                return NULL;

        struct page *page = list->blocks[--list->count];
        page->flags += (PAGE_ALLOCATED - PAGE_CACHED) << PAGE_STATE_SHIFT;
        return page;
}

/*
 * pcp_give - put an allocated block on a list, as PAGE_CACHED.
 *
 * Returns: false when the list is full, and nothing was done.
 */
static inline bool pcp_give(struct pcp_list *list, struct page *page)
{
        if (unlikely(list->count >= list->capacity))
                return false;
        page->flags -= (PAGE_ALLOCATED - PAGE_CACHED) << PAGE_STATE_SHIFT;
        list->blocks[list->count++] = page;
        return true;
}

/*
 * pcp_refill - move up to a batch of blocks from zone to an empty list, as long as more than
 * floor pages stay free in the zone.
 */
void pcp_refill(struct zone *zone, struct pcp_list *list, unsigned int order, unsigned long floor)
        REQUIRES(&zone->lock);

/* pcp_flush - move the oldest count blocks of a list back to zone. */
void pcp_flush(struct zone *zone, struct pcp_list *list, unsigned int order, unsigned int count)
        REQUIRES(&zone->lock);

/* pcp_drain_zone - move all that this CPU keeps of zone back to it. Takes the zone's lock. */
void pcp_drain_zone(struct zone *zone) EXCLUDES(&zone->lock);

/* pcp_page_count - the pages on all CPUs' lists of zone; exact while nobody allocates. */
unsigned long pcp_page_count(const struct zone *zone);

/* pcp_check - PCP-1 to PCP-3 for this CPU's lists of zone. */
void pcp_check(const struct zone *zone);
