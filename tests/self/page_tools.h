/*
 * page_tools.h - what the tests of the page allocator share: taking all there is and giving it
 * back, comparing what is free, and telling pages apart by their contents.
 *
 * Nothing here needs memory of its own: pages that were taken are linked by page->list.
 */
#pragma once

#include "lib/random.h"
#include "lib/test.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"

/* A mark in the flags of a block that a hoard owns. The allocator leaves these bits alone. */
#define PAGE_HOARDED 0x80000000u

/*
 * Define the four tests SUITE.NAME_dma, …, each of which calls check(test, zone), or is skipped on
 * a machine that has no such zone.
 */
#define TEST_EACH_ZONE(suite, name, check)                                      \
        TEST(suite, name##_dma)                                                 \
        {                                                                       \
                page_tools_run(test, &zones[ZONE_DMA], check);                  \
        }                                                                       \
        TEST(suite, name##_normal)                                              \
        {                                                                       \
                page_tools_run(test, &zones[ZONE_NORMAL], check);               \
        }                                                                       \
        TEST(suite, name##_dma32)                                               \
        {                                                                       \
                page_tools_run(test, &zones[ZONE_DMA32], check);                \
        }                                                                       \
        TEST(suite, name##_highmem)                                             \
        {                                                                       \
                page_tools_run(test, &zones[ZONE_HIGHMEM], check);              \
        }

/* page_tools_run - the body of TEST_EACH_ZONE()'s tests. */
void page_tools_run(struct test_state *test, struct zone *zone,
                    void (*check)(struct test_state *test, struct zone *zone));

/* page_tools_gfp - a request that prefers zone, does not sleep and does not warn. */
gfp_t page_tools_gfp(const struct zone *zone);

/* page_tools_floor - where a request must stop in zone, by the documents, not by the code. */
unsigned long page_tools_floor(const struct zone *zone, gfp_t gfp_mask,
                               const struct zone *preferred);

/* page_tools_take_in_zone - one block that lies in zone; NULL when the allocator picks others. */
struct page *page_tools_take_in_zone(struct zone *zone, unsigned int order);

/* How many blocks of each order are free. */
struct free_picture {
        unsigned long blocks[MAX_NR_ZONES][MAX_ORDER];
};

/* free_picture_take - empty the CPU's lists, then count. */
void free_picture_take(struct free_picture *picture);

/* free_picture_compare - fail the test for each order of each zone that is not as before. */
void free_picture_compare(struct test_state *test, const struct free_picture *before);

/* Blocks that were taken, in the order in which that happened. */
struct hoard {
        struct list_head blocks;
        unsigned long block_count;
        unsigned long page_count;
        unsigned long zone_pages[MAX_NR_ZONES];
};

/* The order in which a hoard is given back. */
enum hoard_order {
        HOARD_OLDEST_FIRST,
        HOARD_NEWEST_FIRST,
        HOARD_SHUFFLED,
};

/* hoard_init - an empty hoard. */
void hoard_init(struct hoard *hoard);

/* hoard_add, hoard_remove - let a block belong to the hoard, or no longer. */
void hoard_add(struct hoard *hoard, struct page *page);
void hoard_remove(struct hoard *hoard, struct page *page);

/* hoard_take - one more block. Returns: false when there is none. */
bool hoard_take(struct hoard *hoard, gfp_t gfp_mask, unsigned int order);

/*
 * hoard_take_all - take all that gfp_mask can get: blocks as large as there are while more than
 * single_pages are free, from then on single pages, until there is none.
 */
void hoard_take_all(struct hoard *hoard, gfp_t gfp_mask, unsigned long single_pages);

/* hoard_give_back - free all blocks. seed: for HOARD_SHUFFLED. */
void hoard_give_back(struct hoard *hoard, enum hoard_order order, u64 seed);

/*
 * hoard_sign - write a pattern made of its frame number to pages of the hoard: all, or of a large
 * zone some from all over its range, because the host pays for each page that is touched.
 * hoard_verify - check these pages. Returns: how many have something else in them.
 */
void hoard_sign(struct hoard *hoard, u32 salt);
unsigned long hoard_verify(struct hoard *hoard, u32 salt);

/*
 * page_sign - fill one page with a pattern made of its frame number and salt.
 * page_is_signed - whether the page holds it, to the last word.
 */
void page_sign(struct page *page, u32 salt);
bool page_is_signed(struct page *page, u32 salt);

/* page_fill - fill a page with one word; page_is_filled - whether it is. */
void page_fill(struct page *page, u32 word);
bool page_is_filled(struct page *page, u32 word);

/* page_tools_check - mm_check(), unless this boot has spent enough time on it already. */
void page_tools_check(void);
