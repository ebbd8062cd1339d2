/* test_pages_exhaust.c - taking all there is, and giving it back in different orders. */
#include "lib/bits.h"
#include "mm/layout.h"
#include "tests/self/page_tools.h"

/* Of what is taken, so much as single pages; the rest of a large machine goes by large blocks. */
#define SINGLE_PAGES_MOST 32768ul

/* How many pairs of pages are compared whose addresses differ only in their upper bits. */
#define ALIAS_REGIONS 6u
#define ALIAS_REGION_SAMPLES 64u
#define ALIAS_REGION_PAGES (LARGE_PAGE_SIZE / PAGE_SIZE)
#define ADDRESS_BITS_36_PFN ((pfn_t)1 << (36 - PAGE_SHIFT))

/* Take everything, sign it, check it, give it back; everything must be as before. */
static void exhaust(struct test_state *test, struct zone *zone, unsigned long single_pages,
                    enum hoard_order order)
{
        gfp_t gfp_mask = page_tools_gfp(zone);
        static struct free_picture before;
        struct hoard hoard;

        free_picture_take(&before);
        hoard_init(&hoard);
        hoard_take_all(&hoard, gfp_mask, single_pages);
        EXPECT(hoard.zone_pages[zone->kind] > 0);
        EXPECT(!alloc_page(gfp_mask));
        EXPECT(!alloc_pages(gfp_mask, MAX_ORDER - 1));

        hoard_sign(&hoard, order);
        page_tools_check();
        EXPECT_EQ(hoard_verify(&hoard, order), 0);

        hoard_give_back(&hoard, order, test->seed);
        free_picture_compare(test, &before);
        page_tools_check();
}

/* In large blocks, given back in the order in which they were taken. */
static void exhaust_by_blocks(struct test_state *test, struct zone *zone)
{
        exhaust(test, zone, 0, HOARD_OLDEST_FIRST);
}

/* In single pages, given back in the order in which they were taken. */
static void exhaust_in_order(struct test_state *test, struct zone *zone)
{
        exhaust(test, zone, SINGLE_PAGES_MOST, HOARD_OLDEST_FIRST);
}

/* In single pages, the last one back first. */
static void exhaust_in_reverse(struct test_state *test, struct zone *zone)
{
        exhaust(test, zone, SINGLE_PAGES_MOST, HOARD_NEWEST_FIRST);
}

/* In single pages, given back in an order that the seed decides. */
static void exhaust_shuffled(struct test_state *test, struct zone *zone)
{
        exhaust(test, zone, SINGLE_PAGES_MOST, HOARD_SHUFFLED);
}

TEST_EACH_ZONE(page_exhaustion, blocks, exhaust_by_blocks)
TEST_EACH_ZONE(page_exhaustion, in_order, exhaust_in_order)
TEST_EACH_ZONE(page_exhaustion, in_reverse, exhaust_in_reverse)
TEST_EACH_ZONE(page_exhaustion, shuffled, exhaust_shuffled)

/*
 * After a shortage, small blocks given back one by one serve large requests again: at the latest
 * the last one does, from the block that they were or, merged with a neighbour, another.
 */
static void recover(struct test_state *test, struct zone *zone)
{
        gfp_t gfp_mask = page_tools_gfp(zone);
        static struct free_picture before;
        struct hoard hoard;

        free_picture_take(&before);
        struct page *page = page_tools_take_in_zone(zone, 6);
        if (!page)
                SKIP("the zone has no block of order 6");
        split_page(page, 6);
        hoard_init(&hoard);
        hoard_take_all(&hoard, gfp_mask, 0);
        for (unsigned int index = 0; index < BIT(6); index++) {
                EXPECT(!alloc_pages(gfp_mask, 6));
                __free_page(page + index);
        }
        page = alloc_pages(gfp_mask, 6);
        EXPECT(page != NULL);
        if (page)
                __free_pages(page, 6);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(page_exhaustion, recovery, recover)

/* Every byte of DMA memory can be used: it is small enough to sign each page in one boot. */
TEST(page_exhaustion, every_page_of_dma_memory_is_distinct)
{
        struct zone *dma = &zones[ZONE_DMA];
        struct page *page;
        struct hoard hoard;

        hoard_init(&hoard);
        drain_all_pages();
        unsigned long free_count = dma->free_pages;
        hoard_take_all(&hoard, GFP_DMA | GFP_ATOMIC | __GFP_NOWARN, ~0ul);
        list_for_each_entry(page, &hoard.blocks, list)
                page_sign(page, 4);
        list_for_each_entry(page, &hoard.blocks, list)
                if (!page_is_signed(page, 4)) {
                        test_fail(test, __FILE__, __LINE__, "page %#x changed", page_to_pfn(page));
                        break;
                }
        EXPECT(hoard.page_count + page_tools_floor(dma, GFP_DMA | GFP_ATOMIC, dma) >= free_count);
        hoard_give_back(&hoard, HOARD_OLDEST_FIRST, 0);
}

/* Whether a frame belongs to a block of a hoard. */
static bool is_hoarded(pfn_t pfn)
{
        struct page *head = pfn_valid(pfn) ? page_block_head(pfn_to_page(pfn)) : NULL;

        return head && page_state(head) == PAGE_ALLOCATED && (head->flags & PAGE_HOARDED);
}

/* What is done to two pages whose addresses agree in their lower bits. */
typedef bool (*pair_visit_t)(struct page *upper, struct page *lower);

/* Write to both, so that if they were one page, the first would lose its contents. */
static bool sign_pair(struct page *upper, struct page *lower)
{
        page_sign(upper, 36);
        page_sign(lower, 32);
        return true;
}

/* Whether both hold what was written. */
static bool verify_pair(struct page *upper, struct page *lower)
{
        return page_is_signed(upper, 36) && page_is_signed(lower, 32);
}

/* Counts of what visit_pairs() did. */
struct pair_counts {
        unsigned int visited;
        unsigned int refused;           /* visit returned false */
};

/* Visit a pair if both pages are hoarded. */
static void visit_pair(pfn_t upper, pfn_t lower, pair_visit_t visit, struct pair_counts *counts)
{
        if (!is_hoarded(lower) || !is_hoarded(upper))
                return;
        counts->visited++;
        counts->refused += !visit(pfn_to_page(upper), pfn_to_page(lower));
}

/*
 * Visit pairs of hoarded pages that differ by a multiple of span frames, the same ones for the
 * same seed. They lie in few regions, because a host may give 2 MiB for each page touched.
 */
static struct pair_counts visit_pairs(u64 seed, pfn_t span, pair_visit_t visit)
{
        struct pair_counts counts = { 0, 0 };
        struct random random;

        random_seed(&random, seed);
        for (unsigned int region = 0; region < ALIAS_REGIONS; region++) {
                pfn_t upper = span + random_below(&random, mem_map_count - span);

                upper = ROUND_DOWN(upper, ALIAS_REGION_PAGES);
                for (unsigned int sample = 0; sample < ALIAS_REGION_SAMPLES; sample++) {
                        pfn_t pfn = upper + random_below(&random, ALIAS_REGION_PAGES);

                        visit_pair(pfn, pfn % span, visit, &counts);
                }
        }
        return counts;
}

/* With everything taken: no page above span frames is the same memory as one below. */
static void check_aliases(struct test_state *test, pfn_t span)
{
        struct pair_counts counts;
        struct hoard hoard;

        hoard_init(&hoard);
        for (unsigned int kind = MAX_NR_ZONES; kind > 0; kind--)
                if (zones[kind - 1].managed_pages)
                        hoard_take_all(&hoard, page_tools_gfp(&zones[kind - 1]), 0);
        visit_pairs(test->seed, span, sign_pair);
        counts = visit_pairs(test->seed, span, verify_pair);
        EXPECT(counts.visited > 0);
        EXPECT_EQ(counts.refused, 0);
        hoard_give_back(&hoard, HOARD_OLDEST_FIRST, 0);
}

TEST(page_exhaustion, memory_above_4_gib_is_memory_of_its_own)
{
        if (mem_map_count <= FOUR_GIB_PFN)
                SKIP("this machine has no memory above 4 GiB");
        check_aliases(test, FOUR_GIB_PFN);
}

TEST(page_exhaustion, memory_above_64_gib_is_memory_of_its_own)
{
        if (mem_map_count <= ADDRESS_BITS_36_PFN)
                SKIP("this machine has no memory above 64 GiB");
        check_aliases(test, ADDRESS_BITS_36_PFN);
}
