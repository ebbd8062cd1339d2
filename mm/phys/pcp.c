/*
 * Per-CPU page lists
 *
 * Idea        Most requests are for single pages, and most pages that come back are wanted again
 *             soon. Each CPU keeps a small stack of free blocks for each small order; taking and
 *             giving is a push or a pop with interrupts off, no lock, and the page is likely still
 *             in the CPU's cache. An empty stack is refilled, a full one half emptied, with one
 *             acquisition of the zone's lock for a whole batch.
 *
 * Picture     blocks[]   oldest                newest
 *                        [ p | p | p | p | p | p |   |   ]
 *                        flush <--             --> take, give
 *
 *             refill: one free block of 32 pages becomes 32 entries, highest address first, so
 *             that pages are taken in rising order and requests in a row get neighbours.
 *
 * Data        struct cpu_page_lists, one for each CPU and zone.
 *
 * Invariants  PCP-1  count <= capacity, and every slot below count is PAGE_CACHED, of the list's
 *                    order and zone.
 *             PCP-2  the refill leaves at least floor pages in the zone.
 *                    (Guarded by the tests of watermarks.)
 *             PCP-3  the stacks of one CPU's lists do not overlap.
 *
 * Locking     A list belongs to its CPU with interrupts off. The zone's lock is taken inside that.
 *
 * Cost        About ten instructions a block; refill and flush cost a batch of 32 what one block
 *             would cost otherwise.
 *
 * Failure     A zone that is short refills less, or nothing.
 *
 * Reading     docs/03-page-allocator.md; Gorman, chapter 6; Bonwick and Adams, Magazines and
 *             Vmem (USENIX 2001), for why arrays beat lists.
 */
#include "mm/phys/pcp.h"

#include "lib/bits.h"
#include "lib/string.h"
#include "mm/phys/buddy.h"

/* A zone's lists may keep one page in so many of it. */
#define PCP_ZONE_SHARE 64u

void pcp_lists_init(struct cpu_page_lists *lists, unsigned long managed_pages)
{
        unsigned int budget = min(managed_pages / PCP_ZONE_SHARE, (unsigned long)PCP_PAGES_MOST);
        struct page **slots = lists->slots;

        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                struct pcp_list *list = &lists->lists[order];

                *list = (struct pcp_list){
                        .capacity = budget >> order >= 2 ? budget >> order : 0,
                        .batch = budget >> order >> 1,
                        .blocks = slots,
                };
                slots += PCP_PAGES_MOST >> order;
        }
}

/* Cut a block into blocks of order and push them, the lowest address last. */
static void push_pieces(struct pcp_list *list, struct page *block, unsigned int block_order,
                        unsigned int order)
{
        struct page *piece = block + (1ul << block_order);

        while (piece > block) {
                piece -= 1ul << order;
                page_set_block(piece, PAGE_CACHED, order);
                list->blocks[list->count++] = piece;
        }
}

void pcp_refill(struct zone *zone, struct pcp_list *list, unsigned int order, unsigned long floor)
{
        unsigned long spare = zone->free_pages > floor ? zone->free_pages - floor : 0;
        unsigned int wanted = min(spare >> order, (unsigned long)list->batch);

        while (wanted && zone->free_orders >> order) {
                unsigned int smallest = order + lowest_bit(zone->free_orders >> order);
                unsigned int block_order = min(smallest, order + highest_bit(wanted));
                struct page *block = buddy_alloc(zone, block_order, PAGE_CACHED);

                push_pieces(list, block, block_order, order);
                wanted -= 1u << (block_order - order);
        }
}

void pcp_flush(struct zone *zone, struct pcp_list *list, unsigned int order, unsigned int count)
{
        count = min(count, list->count);
        for (unsigned int index = 0; index < count; index++)
                buddy_free(zone, list->blocks[index], order);
        list->count -= count;
        memmove(list->blocks, list->blocks + count, list->count * sizeof(list->blocks[0]));
}

void pcp_drain_zone(struct zone *zone)
{
        spin_lock(&zone->lock);
        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                struct pcp_list *list = pcp_list_of(zone, order);

                pcp_flush(zone, list, order, list->count);
        }
        spin_unlock(&zone->lock);
}

unsigned long pcp_page_count(const struct zone *zone)
{
        unsigned long page_count = 0;

        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                const struct cpu_page_lists *lists = zone->cpu_lists[cpu];

                for (unsigned int order = 0; lists && order < PCP_ORDERS; order++)
                        page_count += (unsigned long)lists->lists[order].count << order;
        }
        return page_count;
}

void pcp_check(const struct zone *zone)
{
        const struct cpu_page_lists *lists = zone->cpu_lists[smp_processor_id()];

        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                const struct pcp_list *list = &lists->lists[order];

                CHECK_INVARIANT(PCP-1, list->count <= list->capacity, "%s order %u: %u of %u",
                                zone->name, order, list->count, list->capacity);
                CHECK_INVARIANT(PCP-3, order == 0 || list->blocks >=
                                list[-1].blocks + list[-1].capacity, "%s order %u", zone->name,
                                order);
                for (unsigned int index = 0; index < list->count; index++) {
                        const struct page *page = list->blocks[index];

                        CHECK_INVARIANT(PCP-1, page_state(page) == PAGE_CACHED &&
                                        page_order(page) == order &&
                                        page_zone_index(page) == zone->kind,
                                        "%s order %u pfn %#x flags %#x", zone->name, order,
                                        page_to_pfn(page), page->flags);
                }
        }
}
