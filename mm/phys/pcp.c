/*
 * Per-CPU page lists
 *
 * Idea        Most requests are for single pages, and most pages that come back are wanted again
 *             soon. Each CPU keeps a small stack of free blocks for each small order; taking and
 *             giving is a push or a pop with interrupts off, no lock, and the page is likely still
 *             in the CPU's cache. An empty stack is refilled, a full one half emptied, with one
 *             acquisition of the zone's lock for a whole batch.
 *
 * Picture     bottom                     top      limit
 *               | p | p | p | p | p | p |   |   |
 *             oldest            newest
 *             flush <--                --> take, give
 *
 *             refill: one free block of 32 pages becomes 32 entries, highest address first, so
 *             that pages are taken in rising order and requests in a row get neighbours.
 *
 * Data        pcp_lists[zone and order] and the slots they point to, both per-CPU variables. The
 *             number of a list is made of the same bits as a page's flags, so that giving a page
 *             back finds its list by one mask.
 *
 * Invariants  PCP-1  bottom <= top <= limit, bottom[-1] is NULL, and every slot below top is
 *                    PAGE_CACHED, of the list's order and zone, with one reference.
 *             PCP-2  the refill leaves at least floor pages in the zone.
 *                    (Guarded by the tests of watermarks.)
 *             PCP-3  the stacks of one CPU's lists do not overlap.
 *
 * Locking     A list belongs to its CPU with interrupts off: whoever looks for "this CPU's list"
 *             does so inside. The zone's lock is taken inside that. Other CPUs only count what
 *             is on it, and may find the count of a moment ago.
 *
 *             While requests wait for pages (mm/phys/page_wait.c), the lists are closed: without
 *             room, a push takes the slow path and a pop finds nothing, without a test of its own.
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

#include "kernel/cpu/page_ops.h"
#include "kernel/cpu/smp.h"
#include "lib/bits.h"
#include "mm/phys/buddy.h"

/* A zone's lists may keep one page in so many of it. */
#define PCP_ZONE_SHARE 64u

/* The slots of all lists of a CPU, one list after the other. */
static DEFINE_PER_CPU(void *[MAX_NR_ZONES * PCP_SLOTS], pcp_slots);

DEFINE_PER_CPU(struct pcp_list[PCP_LISTS], pcp_lists);
u8 pcp_first_list[GFP_ZONE_LISTS];

static bool are_closed;

/* Make the lists of a CPU, all empty and without room. */
static void lay_out_slots(unsigned int cpu)
{
        void **slots = per_cpu(pcp_slots, cpu);

        for (unsigned int number = 0; number < PCP_LISTS; number++) {
                unsigned int order = number % PCP_LISTS_PER_ZONE;

                cpu_stack_init(&pcp_list_on(cpu, number)->blocks, slots, 1);
                slots += 1 + (order < PCP_ORDERS ? PCP_PAGES_MOST >> order : 0);
        }
}

/* Give one list room for up to block_count blocks; fewer than two are not worth it. */
static void set_capacity(struct pcp_list *list, unsigned int block_count)
{
        list->blocks.limit = list->blocks.bottom + (block_count < 2 ? 0 : block_count);
        list->batch = block_count / 2;
}

/* Give a CPU's lists of one zone a share of its pages, or close them. */
static void set_capacities(const struct zone *zone, unsigned int cpu, bool closed)
{
        unsigned int share = min(zone->managed_pages / PCP_ZONE_SHARE,
                                 (unsigned long)PCP_PAGES_MOST);
        unsigned int budget = closed ? 0 : share;

        for (unsigned int order = 0; order < PCP_ORDERS; order++)
                set_capacity(pcp_list_on(cpu, pcp_list_number(zone->kind, order)),
                             budget >> order);
}

void pcp_init_cpu(unsigned int cpu)
{
        const struct zone *zone;

        lay_out_slots(cpu);
        for_each_populated_zone(zone)
                set_capacities(zone, cpu, pcp_are_closed());
}

void pcp_init(void)
{
        unsigned int cpu;

        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++)
                pcp_first_list[modifiers] =
                        (u8)pcp_list_number(zone_lists[modifiers].zones[0]->kind, 0);
        for_each_possible_cpu(cpu)
                if (per_cpu_offset[cpu])
                        pcp_init_cpu(cpu);
}

/* Cut a block into blocks of order and push them, the lowest address last. */
static void push_pieces(struct pcp_list *list, struct page *block, unsigned int block_order,
                        unsigned int order)
{
        struct page *piece = block + (1ul << block_order);
        void **top = list->blocks.top;

        while (piece > block) {
                piece -= 1ul << order;
                page_set_block(piece, PAGE_CACHED, order);
                atomic_set(&piece->refcount, 1);
                *top++ = piece;
        }
        list->blocks.top = top;
}

void pcp_refill(struct zone *zone, struct pcp_list *list, unsigned int order, unsigned long floor)
{
        unsigned long spare = zone->free_pages > floor ? zone->free_pages - floor : 0;
        unsigned int wanted = min(spare >> order, list->batch);

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
        struct cpu_stack *blocks = &list->blocks;
        unsigned int held = cpu_stack_count(blocks);

        count = min(count, held);
        buddy_free_many(zone, (struct page *const *)blocks->bottom, count, order);
        blocks->top -= count;
        move_words_down(blocks->bottom, blocks->bottom + count, held - count);
}

/* Whether this CPU has no page of a zone on its lists. Interrupts are off. */
static bool are_empty(const struct zone *zone)
{
        for (unsigned int order = 0; order < PCP_ORDERS; order++)
                if (cpu_stack_count(&this_cpu_ptr(pcp_list_of(zone, order))->blocks))
                        return false;
        return true;
}

void pcp_drain_zone(struct zone *zone)
{
        /* Mostly so when all CPUs drain at once: they need not queue for the lock. */
        if (are_empty(zone))
                return;
        spin_lock(&zone->lock);
        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                struct pcp_list *list = this_cpu_ptr(pcp_list_of(zone, order));

                pcp_flush(zone, list, order, cpu_stack_count(&list->blocks));
        }
        spin_unlock(&zone->lock);
}

/* Before the next look at who is online: a CPU that comes online is seen, or sees this. */
void pcp_set_closed(bool closed)
{
        __atomic_store_n(&are_closed, closed, __ATOMIC_SEQ_CST);
}

bool pcp_are_closed(void)
{
        return READ_ONCE(are_closed);
}

void pcp_update_this_cpu(void)
{
        unsigned long flags = local_irq_save();
        bool closed = pcp_are_closed();
        struct zone *zone;

        for_each_populated_zone(zone) {
                if (!pcp_has_lists(smp_processor_id()))
                        break;
                if (closed)
                        pcp_drain_zone(zone);
                set_capacities(zone, smp_processor_id(), closed);
        }
        local_irq_restore(flags);
}

unsigned long pcp_page_count(const struct zone *zone)
{
        unsigned long page_count = 0;
        unsigned int cpu;

        for_each_possible_cpu(cpu)
                for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                        unsigned int number = pcp_list_number(zone->kind, order);

                        page_count += (unsigned long)cpu_stack_count(
                                              &pcp_list_on(cpu, number)->blocks) << order;
                }
        return page_count;
}

/* PCP-1 for the blocks on one list. */
static void check_blocks(const struct zone *zone, const struct pcp_list *list, unsigned int order)
{
        for (void **slot = list->blocks.bottom; slot < list->blocks.top; slot++) {
                const struct page *page = *slot;

                CHECK_INVARIANT(PCP-1, page->identity ==
                                page_identity_make(PAGE_CACHED, zone->kind, order) &&
                                atomic_read(&page->refcount) == 1,
                                "%s order %u pfn %#x flags %#x", zone->name, order,
                                page_to_pfn(page), page->flags);
        }
}

void pcp_check(const struct zone *zone, unsigned int cpu)
{
        /* A CPU that was left out at the start never got any lists. */
        if (!pcp_list_on(cpu, 0)->blocks.bottom)
                return;
        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                const struct pcp_list *list =
                        pcp_list_on(cpu, pcp_list_number(zone->kind, order));
                const struct cpu_stack *blocks = &list->blocks;

                CHECK_INVARIANT(PCP-1, blocks->bottom <= blocks->top &&
                                blocks->top <= blocks->limit && !blocks->bottom[-1],
                                "%s order %u: %u of %u", zone->name, order, cpu_stack_count(blocks),
                                cpu_stack_capacity(blocks));
                CHECK_INVARIANT(PCP-3, blocks->limit < list[1].blocks.bottom, "%s order %u",
                                zone->name, order);
                check_blocks(zone, list, order);
        }
}
