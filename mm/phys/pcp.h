/*
 * pcp.h - per-CPU page lists: small blocks that one CPU takes and gives without the zone's lock.
 *
 * Context, where nothing else is said: interrupts off, so that the CPU stays the same and no
 * handler comes between.
 */
#pragma once

#include "kernel/cpu/cpu_stack.h"
#include "mm/phys/zone.h"

/* Blocks of order 0 to PCP_ORDERS - 1 are kept. */
#define PCP_ORDERS 5u

/* There is a list for every order that a page's flags can spell; those above keep nothing. */
#define PCP_LISTS_PER_ZONE 16u
#define PCP_LISTS (MAX_NR_ZONES * PCP_LISTS_PER_ZONE)

/*
 * What tells PAGE_ALLOCATED from PAGE_CACHED. Set and cleared, not added and taken off: of two
 * contexts that free one page at the same instant, the second must not make a third state of it.
 */
#define PAGE_ALLOCATED_BIT 1u

static_assert(PAGE_ALLOCATED == (PAGE_CACHED | PAGE_ALLOCATED_BIT) &&
              PAGE_CACHED == (PAGE_ALLOCATED & ~PAGE_ALLOCATED_BIT), "one bit apart");

/* At most so many pages on the list of one order. */
#define PCP_PAGES_MOST 64u

/* How many slots the lists of one zone need: 64 + 32 + 16 + 8 + 4, and one more for each. */
#define PCP_SLOTS (2 * PCP_PAGES_MOST - (PCP_PAGES_MOST >> (PCP_ORDERS - 1)) + PCP_LISTS_PER_ZONE)

/* The blocks of one order, the oldest at the bottom. */
struct pcp_list {
        struct cpu_stack blocks;        /* of struct page * */
        unsigned long batch;            /* blocks moved at a time; 0: nothing is kept here */
};

/* [c] All lists of a CPU; see pcp_list_number(). */
DECLARE_PER_CPU(struct pcp_list[PCP_LISTS], pcp_lists);

/* Which list serves order 0 of the first zone of the zone list gfp & GFP_ZONE_MASK. [b] */
extern u8 pcp_first_list[GFP_ZONE_LISTS];

/*
 * pcp_list_number - the number of the list of a zone and an order: the zone's and order's bits of
 * a page's flags, so that a page's own list is found by one mask.
 */
static inline unsigned int pcp_list_number(enum zone_kind zone, unsigned int order)
{
        return zone * PCP_LISTS_PER_ZONE + order;
}

/* pcp_list_on - one list of a CPU. Context: any; the CPU need not run. */
static inline struct pcp_list *pcp_list_on(unsigned int cpu, unsigned int number)
{
        return &per_cpu(pcp_lists, cpu)[number];
}

/* pcp_has_lists - whether pcp_init_cpu() has made a CPU's lists. Context: any. */
static inline bool pcp_has_lists(unsigned int cpu)
{
        return per_cpu_offset[cpu] && pcp_list_on(cpu, 0)->blocks.bottom;
}

/* pcp_list_of - the list of one order: a per-CPU pointer, not yet any CPU's list. */
static inline struct pcp_list *pcp_list_of(const struct zone *zone, unsigned int order)
{
        return &pcp_lists[pcp_list_number(zone->kind, order)];
}

/* pcp_list_of_page - the list for the block that page heads: a per-CPU pointer. */
static inline struct pcp_list *pcp_list_of_page(const struct page *page)
{
        unsigned int number = (page->flags & (PAGE_ZONE_MASK | PAGE_ORDER_MASK)) >>
                              PAGE_ORDER_SHIFT;

        return &pcp_lists[number];
}

/*
 * pcp_list_of_request - the list that serves a request best: a per-CPU pointer. order is below 16.
 */
static inline struct pcp_list *pcp_list_of_request(gfp_t gfp_mask, unsigned int order)
{
        return &pcp_lists[pcp_first_list[gfp_mask & GFP_ZONE_MASK] + order];
}

/*
 * pcp_take - the newest block of this CPU's list, by a per-CPU pointer; now PAGE_ALLOCATED, with
 * its one reference.
 *
 * Returns: NULL when the list is empty. Context: any; the task may move from one CPU to another.
 */
static inline struct page *pcp_take(struct pcp_list *list)
{
        struct page *page = this_cpu_stack_pop(&list->blocks);

        if (likely(page))
                page->flags |= PAGE_ALLOCATED_BIT;
        return page;
}

/*
 * pcp_give - put an allocated block on this CPU's list, by a per-CPU pointer; it is PAGE_CACHED
 * from here on, before anybody can find it there, and its reference is the list's.
 *
 * Returns: false when the list is full; the block is then PAGE_CACHED but on no list.
 * Context: any; the task may move from one CPU to another.
 */
static inline bool pcp_give(struct pcp_list *list, struct page *page)
{
        page->flags &= ~PAGE_ALLOCATED_BIT;
        return this_cpu_stack_push(&list->blocks, page);
}

/*
 * pcp_init - note which list serves which request, and make the lists of every CPU that has its
 * per-CPU variables already. Context: boot, after zones_finish().
 *
 * pcp_init_cpu - make the lists of a CPU, empty, with room that fits the zones' pages. Context:
 * after pcp_init(), when the CPU's copy of the template is there and before it runs.
 */
void pcp_init(void);
void pcp_init_cpu(unsigned int cpu);

/*
 * pcp_refill - move up to a batch of blocks from zone to an empty list of this CPU, as long as more
 * than floor pages stay free in the zone.
 */
void pcp_refill(struct zone *zone, struct pcp_list *list, unsigned int order, unsigned long floor)
        REQUIRES(&zone->lock);

/* pcp_flush - move the oldest blocks of this CPU's list, at most count of them, back to zone. */
void pcp_flush(struct zone *zone, struct pcp_list *list, unsigned int order, unsigned int count)
        REQUIRES(&zone->lock);

/* pcp_drain_zone - move all that this CPU keeps of zone back to it. Takes the zone's lock. */
void pcp_drain_zone(struct zone *zone) EXCLUDES(&zone->lock);

/*
 * pcp_set_closed - from now on the lists of all CPUs are to keep nothing, so that every block that
 * is given back goes to its zone; or to keep again what fits. Each CPU follows with
 * pcp_update_this_cpu(), which is for on_each_cpu(), and for a CPU that has just come online.
 * pcp_are_closed - what was said last.
 *
 * Context: any; who says so sees to it that nobody else does.
 */
void pcp_set_closed(bool closed);
void pcp_update_this_cpu(void);
bool pcp_are_closed(void);

/* pcp_page_count - the pages on all CPUs' lists of zone; exact while the other CPUs stand still. */
unsigned long pcp_page_count(const struct zone *zone);

/* pcp_check - PCP-1 to PCP-3 for a CPU's lists of zone. Context: that CPU stands still. */
void pcp_check(const struct zone *zone, unsigned int cpu);
