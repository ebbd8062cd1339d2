/*
 * Buddy system
 *
 * Idea        A block of order n starts at a frame that is a multiple of 2^n. Its buddy is the
 *             block whose number differs in bit n alone; two free buddies are one free block of
 *             order n + 1. So splitting and merging need no search: one exclusive-or names the
 *             partner, and one comparison with the partner's flags tells whether it is free, whole,
 *             and of this zone.
 *
 * Picture     order 3   |               0               |
 *             order 2   |       0       |       4       |     4 = 0 xor 2^2
 *             order 1   |   0   |   2   |   4   |   6   |     6 = 4 xor 2^1
 *             order 0   | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
 *
 *             take order 0 from a free 0..7:   give back 4..7, 2..3, 1; keep 0
 *             give 0 back:                     merge with 1, then 2..3, then 4..7
 *
 * Data        zone->free_blocks[n]: a list of the heads of free blocks, newest first.
 *             zone->free_orders has a bit for each list that is not empty, so that the smallest
 *             block that serves is found by one instruction. Nobody counts a list's blocks but
 *             who wants to know: a count would cost every split and merge two instructions.
 *
 * Invariants  BUDDY-1  every block on list n is PAGE_FREE, of order n, of this zone, aligned to
 *                      2^n frames, and inside the zone.
 *             BUDDY-2  two free buddies of one order never coexist.
 *             BUDDY-3  free_pages is the sum of all listed blocks.
 *             BUDDY-4  bit n of free_orders is set exactly when list n is not empty.
 *             BUDDY-5  the other pages of a listed block are PAGE_TAIL (PAGE-1).
 *
 * Locking     zone->lock, interrupts off: see the header. Nothing is called with it held but
 *             list primitives.
 *
 * Cost        At most MAX_ORDER - 1 splits or merges, a dozen instructions each; one on average
 *             when pages come and go one by one.
 *
 * Failure     No block: NULL. Wrong frees are caught before they get here, in page_alloc.
 *
 * Reading     docs/03-page-allocator.md; Knuth, The Art of Computer Programming, volume 1,
 *             section 2.5; Gorman, chapter 6.
 */
#include "mm/phys/buddy.h"

#include "lib/bits.h"

/* Put a block on the list of its order. identity: PAGE_FREE, with the block's zone and order. */
static inline void list_block(struct zone *zone, struct page *page, unsigned int order,
                              u16 identity)
{
        page->identity = identity;
        list_add(&page->list, &zone->free_blocks[order]);
        zone->free_orders |= BIT(order);
}

/* Take a block off the list of its order. Alone on the list, it had the list head on both sides. */
static inline void unlist_block(struct zone *zone, struct page *page, unsigned int order)
{
        struct list_head *next = page->list.next, *prev = page->list.prev;

        next->prev = prev;
        prev->next = next;
        if (unlikely(next == prev))
                zone->free_orders &= ~BIT(order);
}

struct page *buddy_alloc(struct zone *zone, unsigned int order, enum page_state state)
{
        u32 candidates = zone->free_orders >> order;

        if (!candidates)
                return NULL;

        unsigned int found = order + lowest_bit(candidates);
        struct page *page = list_first_entry(&zone->free_blocks[found], struct page, list);

        unlist_block(zone, page, found);
        while (found > order) {
                found--;
                list_block(zone, page + (1ul << found), found,
                           page_identity_make(PAGE_FREE, zone->kind, found));
        }
        page_set_block(page, state, order);
        zone->free_pages -= 1ul << order;
        return page;
}

/*
 * Merge one block with its buddies and list the result. identity is PAGE_FREE with the block's
 * zone and order: what a buddy that can be merged has. map is mem_map, kept in a register.
 */
static __always_inline void merge_and_list(struct zone *zone, struct page *page,
                                           unsigned int order, u16 identity, struct page *map)
{
        pfn_t pfn = (pfn_t)(page - map);

        for (; order < MAX_ORDER - 1; order++, identity += 1u << PAGE_ORDER_SHIFT) {
                pfn_t buddy_pfn = pfn ^ BIT(order);
                struct page *buddy = map + buddy_pfn;

                if (buddy->identity != identity)
                        break;
                unlist_block(zone, buddy, order);
                pfn &= buddy_pfn;
                map[pfn | BIT(order)].block = page_block_make(PAGE_TAIL, 0);
        }
        list_block(zone, map + pfn, order, identity);
}

void buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
        zone->free_pages += 1ul << order;
        merge_and_list(zone, page, order, page_identity_make(PAGE_FREE, zone->kind, order),
                       mem_map);
}

void buddy_free_many(struct zone *zone, struct page *const *blocks, unsigned int count,
                     unsigned int order)
{
        const u16 identity = page_identity_make(PAGE_FREE, zone->kind, order);
        struct page *const map = mem_map;

        zone->free_pages += (unsigned long)count << order;
        for (unsigned int index = 0; index < count; index++)
                merge_and_list(zone, blocks[index], order, identity, map);
}

/* The largest order that a block from frame first may have without crossing end. */
static unsigned int largest_order(pfn_t first, pfn_t end)
{
        unsigned int by_alignment = first ? lowest_bit(first) : MAX_ORDER - 1;
        unsigned int by_length = highest_bit(end - first);
        unsigned int order = min(by_alignment, by_length);

        return min(order, MAX_ORDER - 1);
}

void buddy_add_range(struct zone *zone, pfn_t first, pfn_t end)
{
        const u32 tail_flags = page_identity_make(PAGE_TAIL, zone->kind, 0);

        zone->managed_pages += end - first;
        while (first < end) {
                unsigned int order = largest_order(first, end);
                struct page *head = pfn_to_page(first);

                for (struct page *page = head; page < head + (1ul << order); page++)
                        page->flags = tail_flags;
                buddy_free(zone, head, order);
                first += 1u << order;
        }
}

/* BUDDY-1, BUDDY-2 and BUDDY-5 for one block. */
static void check_block(const struct zone *zone, const struct page *page, unsigned int order)
{
        const u16 identity = page_identity_make(PAGE_FREE, zone->kind, order);
        pfn_t pfn = page_to_pfn(page);
        const struct page *buddy = pfn_to_page(pfn ^ BIT(order));

        CHECK_INVARIANT(BUDDY-1, page->identity == identity, "pfn %#x flags %#x order %u", pfn,
                        page->flags, order);
        CHECK_INVARIANT(BUDDY-1, IS_ALIGNED(pfn, BIT(order)) && pfn >= zone->start_pfn &&
                        pfn + BIT(order) <= zone->end_pfn, "pfn %#x order %u", pfn, order);
        CHECK_INVARIANT(BUDDY-2, order == MAX_ORDER - 1 || buddy->identity != identity,
                        "pfn %#x order %u", pfn, order);
        for (const struct page *tail = page + 1; tail < page + BIT(order); tail++)
                CHECK_INVARIANT(BUDDY-5, page_state(tail) == PAGE_TAIL, "pfn %#x state %d",
                                page_to_pfn(tail), page_state(tail));
}

unsigned long buddy_block_count(const struct zone *zone, unsigned int order)
{
        unsigned long block_count = 0;
        const struct page *page;

        list_for_each_entry(page, &zone->free_blocks[order], list)
                block_count++;
        return block_count;
}

void buddy_check(struct zone *zone)
{
        unsigned long free_pages = 0;

        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                const struct page *page;

                list_for_each_entry(page, &zone->free_blocks[order], list) {
                        check_block(zone, page, order);
                        free_pages += 1ul << order;
                }
                CHECK_INVARIANT(BUDDY-4, !(zone->free_orders & BIT(order)) ==
                                list_empty(&zone->free_blocks[order]),
                                "%s order %u free orders %#x", zone->name, order,
                                zone->free_orders);
        }
        CHECK_INVARIANT(BUDDY-3, free_pages == zone->free_pages, "%s: %lu listed, %lu counted",
                        zone->name, free_pages, zone->free_pages);
}
