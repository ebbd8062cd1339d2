/*
 * The buddy system on zones of our own making: exact sequences of splits and merges, the ends of
 * ranges, and random streams against what the set of free pages alone determines.
 */
#include "mm/phys/buddy.h"

#include "lib/bits.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"

/* 32 MiB: all of ZONE_DMA, and as much of ZONE_NORMAL. */
#define FRAME_COUNT 8192u
#define DMA_END 4096u

static struct page frames[FRAME_COUNT];
static struct zone *const dma = &zones[ZONE_DMA];
static struct zone *const normal = &zones[ZONE_NORMAL];

/* Zones without pages. */
static void start(void)
{
        static struct memmap map;

        memmap_add(&map, 0, (u64)FRAME_COUNT << PAGE_SHIFT, MEMORY_RAM);
        mem_map = frames;
        mem_map_count = FRAME_COUNT;
        zones_init(&map);
}

/* buddy_add_range() under the lock that it wants, and a check; the same of the next two. */
static void add(struct zone *zone, pfn_t first, pfn_t end)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        buddy_add_range(zone, first, end);
        buddy_check(zone);
        spin_unlock_irqrestore(&zone->lock, flags);
}

/* Take a block. */
static struct page *take(struct zone *zone, unsigned int order)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);
        struct page *page = buddy_alloc(zone, order, PAGE_ALLOCATED);

        buddy_check(zone);
        spin_unlock_irqrestore(&zone->lock, flags);
        return page;
}

/* Give a block back. */
static void give(struct zone *zone, struct page *page, unsigned int order)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        buddy_free(zone, page, order);
        buddy_check(zone);
        spin_unlock_irqrestore(&zone->lock, flags);
}

/* Check a zone, under its lock. */
static void check(struct zone *zone)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        buddy_check(zone);
        spin_unlock_irqrestore(&zone->lock, flags);
}

/* How many free blocks of an order there are. */
static unsigned long blocks(struct zone *zone, unsigned int order)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);
        unsigned long count = buddy_block_count(zone, order);

        spin_unlock_irqrestore(&zone->lock, flags);
        return count;
}

/* Whether exactly the orders of mask have a free block, one each. */
static bool has_one_block_of(struct zone *zone, u32 mask)
{
        for (unsigned int order = 0; order < MAX_ORDER; order++)
                if (blocks(zone, order) != (mask >> order & 1))
                        return false;
        return true;
}

TEST(buddy, empty_zone_gives_nothing)
{
        start();
        for (unsigned int order = 0; order < MAX_ORDER; order++)
                EXPECT(!take(dma, order));
        EXPECT_EQ(dma->free_pages, 0);
        EXPECT_EQ(dma->free_orders, 0);
}

/* BUDDY-3, BUDDY-4: a whole block of the largest order, split down to one page and merged again. */
TEST(buddy, splits_down_and_merges_up)
{
        start();
        add(dma, 0, 1024);
        EXPECT(has_one_block_of(dma, BIT(10)));
        struct page *page = take(dma, 0);

        EXPECT(page == frames);
        EXPECT(has_one_block_of(dma, 0x3FF));
        EXPECT_EQ(dma->free_pages, 1023);
        EXPECT_EQ(dma->free_orders, 0x3FF);
        for (unsigned int order = 0; order < 10; order++)
                EXPECT_EQ(page_state(frames + BIT(order)), PAGE_FREE);
        give(dma, page, 0);
        EXPECT(has_one_block_of(dma, BIT(10)));
        EXPECT_EQ(dma->free_pages, 1024);
}

/* The block is given with the state asked for and its order, and the rest is its tail. */
TEST(buddy, block_has_order_state_and_tail)
{
        start();
        add(dma, 0, 1024);
        unsigned long flags = spin_lock_irqsave(&dma->lock);
        struct page *page = buddy_alloc(dma, 3, PAGE_CACHED);
        spin_unlock_irqrestore(&dma->lock, flags);

        EXPECT_EQ(page_state(page), PAGE_CACHED);
        EXPECT_EQ(page_order(page), 3);
        EXPECT_EQ(page_zone_index(page), ZONE_DMA);
        for (unsigned int index = 1; index < 8; index++)
                EXPECT_EQ(page_state(page + index), PAGE_TAIL);
}

/* Each order is aligned to its size and taken from the smallest block that serves. */
TEST(buddy, smallest_block_that_serves)
{
        start();
        add(dma, 0, 16);
        add(dma, 64, 68);
        add(dma, 128, 129);
        EXPECT(take(dma, 0) == frames + 128);
        EXPECT(take(dma, 1) == frames + 64);
        EXPECT(take(dma, 1) == frames + 66);
        EXPECT(take(dma, 2) == frames);
        EXPECT(take(dma, 0) == frames + 4);
        EXPECT(has_one_block_of(dma, BIT(3) | BIT(1) | BIT(0)));
        EXPECT(!take(dma, 4));
}

TEST(buddy, every_order_can_be_taken)
{
        start();
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                add(dma, 1024 * (order % 4), 1024 * (order % 4) + 1024);
                struct page *page = take(dma, order);

                REQUIRE(page);
                EXPECT(IS_ALIGNED(page_to_pfn(page), BIT(order)));
                EXPECT_EQ(dma->free_pages, 1024 - BIT(order));
                give(dma, page, order);
                EXPECT(take(dma, MAX_ORDER - 1) != NULL);
                memset(frames, 0, sizeof(frames));
        }
}

/* The newest free block of an order is the first to be taken: it is likely in the cache. */
TEST(buddy, newest_block_first)
{
        start();
        add(dma, 0, 1);
        add(dma, 2, 3);
        add(dma, 4, 5);
        EXPECT(take(dma, 0) == frames + 4);
        give(dma, frames + 4, 0);
        EXPECT(take(dma, 0) == frames + 4);
        EXPECT(take(dma, 0) == frames + 2);
        EXPECT(take(dma, 0) == frames + 0);
}

/* BUDDY-2: buddies merge whichever comes last; neighbours that are no buddies do not. */
TEST(buddy, only_buddies_merge)
{
        start();
        add(dma, 8, 9);
        add(dma, 9, 10);
        EXPECT(has_one_block_of(dma, BIT(1)));
        add(dma, 21, 22);
        add(dma, 20, 21);
        EXPECT_EQ(blocks(dma, 1), 2);
        add(dma, 33, 34);
        add(dma, 34, 35);
        EXPECT_EQ(blocks(dma, 0), 2);
        EXPECT_EQ(blocks(dma, 1), 2);
}

/* A buddy that is free but split, allocated, cached or reserved is left alone. */
TEST(buddy, merges_only_whole_free_buddies)
{
        start();
        add(dma, 0, 8);
        struct page *low = take(dma, 2);
        struct page *piece = take(dma, 0);

        REQUIRE(low == frames && piece == frames + 4);
        give(dma, low, 2);
        EXPECT(has_one_block_of(dma, BIT(2) | BIT(1) | BIT(0)));
        give(dma, piece, 0);
        EXPECT(has_one_block_of(dma, BIT(3)));
        low = take(dma, 2);
        unsigned long flags = spin_lock_irqsave(&dma->lock);
        struct page *cached = buddy_alloc(dma, 2, PAGE_CACHED);
        spin_unlock_irqrestore(&dma->lock, flags);
        give(dma, low, 2);
        EXPECT(has_one_block_of(dma, BIT(2)));
        give(dma, cached, 2);
        EXPECT(has_one_block_of(dma, BIT(3)));
}

/* Two free blocks of the largest order side by side stay two. */
TEST(buddy, largest_order_does_not_merge)
{
        start();
        add(dma, 0, 2048);
        EXPECT_EQ(blocks(dma, 10), 2);
        struct page *page = take(dma, 10);
        give(dma, page, 10);
        EXPECT_EQ(blocks(dma, 10), 2);
}

/* BUDDY-1 at the border of two zones: blocks on both sides are buddies, but never merge. */
TEST(buddy, zones_do_not_merge)
{
        start();
        dma->end_pfn = 512;
        normal->start_pfn = 512;
        add(dma, 0, 512);
        add(normal, 512, 1024);
        EXPECT(has_one_block_of(dma, BIT(9)));
        EXPECT(has_one_block_of(normal, BIT(9)));
        struct page *page = take(normal, 9);
        give(normal, page, 9);
        EXPECT(has_one_block_of(normal, BIT(9)));
}

/* The ends of ranges: blocks as large as alignment and the rest allow. */
TEST(buddy, range_with_odd_ends)
{
        start();
        add(dma, 3, 1021);
        for (unsigned int order = 0; order < MAX_ORDER; order++)
                EXPECT_EQ(blocks(dma, order), order == 1 || order > 8 ? 0 : 2);
        EXPECT_EQ(dma->free_pages, 1018);
        EXPECT_EQ(dma->managed_pages, 1018);
        add(dma, 4095, 4096);
        add(normal, FRAME_COUNT - 1, FRAME_COUNT);
        EXPECT_EQ(normal->free_pages, 1);
        add(dma, 0, 1);
        EXPECT_EQ(page_order(&frames[0]), 0);
}

TEST(buddy, empty_range_adds_nothing)
{
        start();
        add(dma, 7, 7);
        EXPECT_EQ(dma->managed_pages, 0);
        EXPECT_EQ(dma->free_orders, 0);
}

/* Pages added beside free ones merge with them, whatever the order. */
TEST(buddy, single_pages_added_in_any_order_make_one_block)
{
        struct random random;
        pfn_t order_of_adding[1024];

        start();
        random_seed(&random, test->seed);
        for (pfn_t pfn = 0; pfn < 1024; pfn++)
                order_of_adding[pfn] = pfn;
        random_shuffle(&random, order_of_adding, 1024, sizeof(pfn_t));
        for (unsigned int index = 0; index < 1024; index++)
                add(dma, order_of_adding[index], order_of_adding[index] + 1);
        EXPECT(has_one_block_of(dma, BIT(10)));
}

TEST(buddy, free_many_is_as_many_frees)
{
        struct page *taken[32];

        start();
        add(dma, 0, 1024);
        for (unsigned int index = 0; index < ARRAY_SIZE(taken); index++)
                taken[index] = take(dma, 2);
        unsigned long flags = spin_lock_irqsave(&dma->lock);
        buddy_free_many(dma, taken, 5, 2);
        EXPECT_EQ(dma->free_pages, 1024 - 27 * 4);
        buddy_check(dma);
        buddy_free_many(dma, taken, 0, 2);
        buddy_free_many(dma, taken + 5, 27, 2);
        spin_unlock_irqrestore(&dma->lock, flags);
        EXPECT(has_one_block_of(dma, BIT(10)));
}

/* The pages of a zone that are free, for the model. */
static bool is_free[FRAME_COUNT];

/* Whether all frames of a block are free. */
static bool block_is_free(pfn_t first, unsigned int order)
{
        for (pfn_t pfn = first; pfn < first + BIT(order); pfn++)
                if (!is_free[pfn])
                        return false;
        return true;
}

/*
 * With eager merging the free pages alone decide which blocks there are: the largest aligned ones.
 * Whether the descriptors say exactly that, for the frames below end.
 */
static bool blocks_follow_from_free_pages(pfn_t end)
{
        for (pfn_t pfn = 0; pfn < end;) {
                unsigned int order = MAX_ORDER - 1;

                if (!is_free[pfn]) {
                        if (page_state(&frames[pfn]) == PAGE_FREE)
                                return false;
                        pfn++;
                        continue;
                }
                while (!IS_ALIGNED(pfn, BIT(order)) || !block_is_free(pfn, order))
                        order--;
                if (page_state(&frames[pfn]) != PAGE_FREE || page_order(&frames[pfn]) != order)
                        return false;
                pfn += BIT(order);
        }
        return true;
}

/* What the model knows of blocks that are taken. */
static struct {
        struct page *page;
        unsigned int order;
} taken[512];
static unsigned int taken_count;

/* Mark a block in the model. */
static void mark(const struct page *page, unsigned int order, bool free)
{
        for (pfn_t pfn = page_to_pfn(page); pfn < page_to_pfn(page) + BIT(order); pfn++)
                is_free[pfn] = free;
}

/* Take a block of a random order; false when it is not as it should be. */
static bool take_random(struct random *random)
{
        unsigned int order = random_below(random, random_one_in(random, 4) ? MAX_ORDER : 4);
        u32 orders_before = dma->free_orders;
        struct page *page = take(dma, order);

        if (!page)
                return !(orders_before >> order);
        if (!block_is_free(page_to_pfn(page), order) || !IS_ALIGNED(page_to_pfn(page), BIT(order)))
                return false;
        mark(page, order, false);
        taken[taken_count].page = page;
        taken[taken_count++].order = order;
        return true;
}

/* Give back a random block. */
static void give_random(struct random *random)
{
        unsigned int index = random_below(random, taken_count);

        mark(taken[index].page, taken[index].order, true);
        give(dma, taken[index].page, taken[index].order);
        taken[index] = taken[--taken_count];
}

/* BUDDY-1 to BUDDY-5 after each step, and the model after each. */
TEST(buddy, random_stream_agrees_with_the_free_pages)
{
        struct random random;

        start();
        random_seed(&random, test->seed);
        add(dma, 5, 1000);
        add(dma, 1024, 3000);
        for (pfn_t pfn = 0; pfn < DMA_END; pfn++)
                is_free[pfn] = (pfn >= 5 && pfn < 1000) || (pfn >= 1024 && pfn < 3000);
        for (unsigned int step = 0; step < 3000; step++) {
                bool has_room = taken_count < ARRAY_SIZE(taken);
                bool take_one = !taken_count || (has_room && random_below(&random, 100) < 52);

                if (take_one)
                        REQUIRE(take_random(&random));
                else
                        give_random(&random);
                REQUIRE(blocks_follow_from_free_pages(DMA_END));
        }
        while (taken_count)
                give_random(&random);
        EXPECT(blocks_follow_from_free_pages(DMA_END));
        EXPECT_EQ(dma->free_pages, dma->managed_pages);
}

/* The check itself: each invariant broken by hand. */
TEST(buddy, check_finds_a_wrong_state)
{
        start();
        add(dma, 0, 64);
        page_set_block(&frames[0], PAGE_ALLOCATED, 6);
        EXPECT_PANIC(check(dma), "BUDDY-1");
}

TEST(buddy, check_finds_a_wrong_place)
{
        start();
        add(dma, 0, 64);
        dma->end_pfn = 63;
        EXPECT_PANIC(check(dma), "BUDDY-1");
}

TEST(buddy, check_finds_a_wrong_start)
{
        start();
        add(dma, 0, 64);
        dma->start_pfn = 1;
        EXPECT_PANIC(check(dma), "BUDDY-1");
}

TEST(buddy, check_finds_a_wrong_alignment)
{
        start();
        add(dma, 1, 2);
        unsigned long flags = spin_lock_irqsave(&dma->lock);
        list_del(&frames[1].list);
        list_add(&frames[1].list, &dma->free_blocks[3]);
        page_set_block(&frames[1], PAGE_FREE, 3);
        dma->free_orders = BIT(3);
        spin_unlock_irqrestore(&dma->lock, flags);
        EXPECT_PANIC(check(dma), "BUDDY-1");
}

TEST(buddy, check_finds_unmerged_buddies)
{
        start();
        add(dma, 0, 1);
        add(dma, 2, 3);
        unsigned long flags = spin_lock_irqsave(&dma->lock);
        list_del(&frames[2].list);
        list_add(&frames[1].list, &dma->free_blocks[0]);
        frames[1].flags = frames[2].flags;
        spin_unlock_irqrestore(&dma->lock, flags);
        EXPECT_PANIC(check(dma), "BUDDY-2");
}

TEST(buddy, check_finds_a_wrong_count)
{
        start();
        add(dma, 0, 64);
        dma->free_pages--;
        EXPECT_PANIC(check(dma), "BUDDY-3");
}

TEST(buddy, check_finds_a_wrong_bit)
{
        start();
        add(dma, 0, 64);
        dma->free_orders |= BIT(2);
        EXPECT_PANIC(check(dma), "BUDDY-4");
}

TEST(buddy, check_finds_a_missing_bit)
{
        start();
        add(dma, 0, 64);
        dma->free_orders = 0;
        EXPECT_PANIC(check(dma), "BUDDY-4");
}

TEST(buddy, check_finds_a_head_inside_a_block)
{
        start();
        add(dma, 0, 64);
        page_set_block(&frames[17], PAGE_ALLOCATED, 0);
        EXPECT_PANIC(check(dma), "BUDDY-5");
}
