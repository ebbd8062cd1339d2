/* test_tlb_batch.c - what a batch of translations to be forgotten remembers. */
#include "kernel/cpu/address.h"
#include "kernel/cpu/tlb.h"
#include "lib/test.h"

#define BASE 0xF8800000ul
#define PAGES(count) ((unsigned long)(count) << PAGE_SHIFT)

TEST(tlb_batch, rounds_to_whole_pages)
{
        struct tlb_batch batch;

        tlb_batch_init(&batch);
        tlb_batch_add(&batch, BASE + 1, BASE + 2);
        tlb_batch_add(&batch, BASE + PAGES(4) - 1, BASE + PAGES(4) + 1);
        EXPECT_EQ(batch.range_count, 2);
        EXPECT_EQ(batch.page_count, 3);
        EXPECT_EQ(batch.ranges[0].start, BASE);
        EXPECT_EQ(batch.ranges[0].end, BASE + PAGES(1));
        EXPECT_EQ(batch.ranges[1].start, BASE + PAGES(3));
        EXPECT_EQ(batch.ranges[1].end, BASE + PAGES(5));
        EXPECT(!batch.is_whole);
}

TEST(tlb_batch, ignores_empty_ranges)
{
        struct tlb_batch batch;

        tlb_batch_init(&batch);
        tlb_batch_add(&batch, BASE, BASE);
        tlb_batch_add(&batch, BASE + PAGES(1), BASE);
        EXPECT_EQ(batch.range_count, 0);
        EXPECT(!batch.is_whole);
}

TEST(tlb_batch, joins_neighbours)
{
        struct tlb_batch batch;

        tlb_batch_init(&batch);
        for (unsigned int page = 0; page < TLB_BATCH_PAGES; page++)
                tlb_batch_add(&batch, BASE + PAGES(page), BASE + PAGES(page + 1));
        EXPECT_EQ(batch.range_count, 1);
        EXPECT_EQ(batch.page_count, TLB_BATCH_PAGES);
        EXPECT(!batch.is_whole);
        tlb_batch_add(&batch, BASE + PAGES(TLB_BATCH_PAGES), BASE + PAGES(TLB_BATCH_PAGES + 1));
        EXPECT(batch.is_whole);
}

TEST(tlb_batch, gives_up_on_too_many_ranges)
{
        struct tlb_batch batch;

        tlb_batch_init(&batch);
        for (unsigned int index = 0; index < TLB_BATCH_RANGES; index++)
                tlb_batch_add(&batch, BASE + PAGES(2 * index), BASE + PAGES(2 * index + 1));
        EXPECT(!batch.is_whole);
        tlb_batch_add(&batch, BASE + PAGES(100), BASE + PAGES(101));
        EXPECT(batch.is_whole);
}

TEST(tlb_batch, takes_the_whole_address_space)
{
        struct tlb_batch batch;

        tlb_batch_init(&batch);
        tlb_batch_add(&batch, 0, (unsigned long)-1);
        EXPECT(batch.is_whole);
}
