/* test_pages_fragments.c - memory in pieces, and how the pieces become whole again. */
#include "lib/bits.h"
#include "mm/phys/pcp.h"
#include "tests/self/page_tools.h"

/* Blocks that are split into single pages. */
#define SPLIT_ORDER 8u
#define SPLIT_PAGES BIT(SPLIT_ORDER)
#define SPLIT_BLOCKS_MOST 8u

/* Blocks of a zone, each split into pages that are owned one by one. */
struct pieces {
        struct page *blocks[SPLIT_BLOCKS_MOST];
        unsigned int block_count;
};

/* Take blocks from a zone and split them; fewer where the zone is small. */
static void pieces_take(struct pieces *pieces, struct zone *zone)
{
        pieces->block_count = 0;
        while (pieces->block_count < SPLIT_BLOCKS_MOST) {
                struct page *page = page_tools_take_in_zone(zone, SPLIT_ORDER);

                if (!page)
                        break;
                split_page(page, SPLIT_ORDER);
                pieces->blocks[pieces->block_count++] = page;
        }
}

/* Free every second page of all blocks: those with even frame numbers, or the odd ones. */
static void pieces_free_every_second(const struct pieces *pieces, unsigned int parity)
{
        for (unsigned int block = 0; block < pieces->block_count; block++)
                for (unsigned int index = parity; index < SPLIT_PAGES; index += 2)
                        __free_page(pieces->blocks[block] + index);
}

/* Take whatever serves an order from one up, in any zone of the list. */
static void take_all_pairs(struct hoard *hoard, gfp_t gfp_mask)
{
        for (unsigned int order = MAX_ORDER - 1; order > 0; order--)
                while (hoard_take(hoard, gfp_mask, order))
                        ;
}

/* Every second page free is much free, and not one pair (BUDDY-4: no order but 0 is there). */
static void check_every_second(struct test_state *test, struct zone *zone)
{
        gfp_t gfp_mask = page_tools_gfp(zone);
        static struct free_picture before;
        struct pieces pieces;
        struct hoard hoard;

        free_picture_take(&before);
        pieces_take(&pieces, zone);
        if (!pieces.block_count)
                SKIP("the zone has no block of order 8");
        hoard_init(&hoard);
        hoard_take_all(&hoard, gfp_mask, 0);
        pieces_free_every_second(&pieces, 0);
        take_all_pairs(&hoard, gfp_mask);
        drain_all_pages();

        EXPECT(zone->free_pages >= pieces.block_count * SPLIT_PAGES / 2);
        EXPECT_EQ(zone->free_orders, 1);
        EXPECT(!alloc_pages(gfp_mask | __GFP_WAIT | __GFP_NORETRY, 1));
        EXPECT(hoard_take(&hoard, gfp_mask, 0));

        pieces_free_every_second(&pieces, 1);
        EXPECT(hoard_take(&hoard, gfp_mask, SPLIT_ORDER - 1));
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(page_fragments, every_second_page, check_every_second)

/* Odd pages first, then the even ones from the top: all merge (BUDDY-2, BUDDY-3, BUDDY-5). */
static void check_merge_backwards(struct test_state *test, struct zone *zone)
{
        static struct free_picture before;
        struct pieces pieces;

        free_picture_take(&before);
        pieces_take(&pieces, zone);
        pieces_free_every_second(&pieces, 1);
        page_tools_check();
        for (unsigned int block = pieces.block_count; block > 0; block--)
                for (unsigned int index = SPLIT_PAGES; index > 0; index -= 2)
                        __free_page(pieces.blocks[block - 1] + index - 2);
        free_picture_compare(test, &before);
        page_tools_check();
}

TEST_EACH_ZONE(page_fragments, merge_backwards, check_merge_backwards)

/* A block that is split is as many pages, each complete; freed in any order they merge. */
static void check_split(struct test_state *test, struct zone *zone)
{
        static struct free_picture before;
        struct random random;

        free_picture_take(&before);
        random_seed(&random, test->seed);
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *page = page_tools_take_in_zone(zone, order);
                struct hoard hoard;

                if (!page)
                        continue;
                split_page(page, order);
                hoard_init(&hoard);
                for (unsigned int index = 0; index < BIT(order); index++) {
                        EXPECT_EQ(page_order(page + index), 0);
                        EXPECT_EQ(page_state(page + index), PAGE_ALLOCATED);
                        EXPECT_EQ(atomic_read(&page[index].refcount), 1);
                        hoard_add(&hoard, page + index);
                }
                hoard_give_back(&hoard, HOARD_SHUFFLED, random_next(&random));
                free_picture_compare(test, &before);
        }
}

TEST_EACH_ZONE(page_fragments, split, check_split)

/* The order of the smallest free block of at least that order; MAX_ORDER: none. */
static unsigned int smallest_free(const struct free_picture *picture, const struct zone *zone,
                                  unsigned int order)
{
        while (order < MAX_ORDER && !picture->blocks[zone->kind][order])
                order++;
        return order;
}

/*
 * A block comes out of the smallest one that serves, of which the halves stay free (BUDDY-1). Small
 * orders are taken in batches, so this is seen with those that no CPU keeps.
 */
static void check_halves(struct test_state *test, struct zone *zone)
{
        static struct free_picture before, now;

        free_picture_take(&before);
        for (unsigned int order = PCP_ORDERS; order < MAX_ORDER; order++) {
                struct page *page = page_tools_take_in_zone(zone, order);
                unsigned int source = smallest_free(&before, zone, order);

                if (!page)
                        continue;
                free_picture_take(&now);
                for (unsigned int half = 0; half < MAX_ORDER; half++)
                        EXPECT_EQ(now.blocks[zone->kind][half] + (half == source),
                                  before.blocks[zone->kind][half] +
                                          (half >= order && half < source));
                __free_pages(page, order);
                free_picture_compare(test, &before);
        }
}

TEST_EACH_ZONE(page_fragments, halves, check_halves)
