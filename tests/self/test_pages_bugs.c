/*
 * test_pages_bugs.c - bugs of callers, planted one by one: each is reported and harms nothing
 * (ALLOC-3).
 */
#include "kernel/cpu/irqflags.h"
#include "kernel/image.h"
#include "kernel/sync/context.h"
#include "lib/bits.h"
#include "lib/bug_expect.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "mm/map/page_window.h"
#include "tests/self/page_tools.h"

/* Blocks of this order go back to their zone at once, and of the next lower ones do not. */
#define UNCACHED_ORDER 5u

#define USER_ADDRESS 0x08048000ul

/* Do something that is a bug of class_name, whose report says detail. */
#define EXPECT_BUG(class_name, detail, action)                  \
        do {                                                    \
                bug_expect_begin();                             \
                action;                                         \
                EXPECT(bug_expect_end(class_name, detail));     \
        } while (0)

/* A page given back twice in a row: it lies on the CPU's list. */
static void check_double_free(struct test_state *test, struct zone *zone)
{
        static struct free_picture before;

        free_picture_take(&before);
        struct page *page = page_tools_take_in_zone(zone, 0);
        REQUIRE(page);
        __free_page(page);
        EXPECT_BUG("double-free", "free of a page that is free", __free_page(page));
        EXPECT_BUG("double-free", zone->name, put_page(page));
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(page_bugs, double_free, check_double_free)

/* A page given back twice, the second time after it went to the zone by itself. */
static void check_double_free_in_zone(struct test_state *test, struct zone *zone)
{
        static struct free_picture before;

        free_picture_take(&before);
        struct page *page = page_tools_take_in_zone(zone, UNCACHED_ORDER);
        if (!page)
                SKIP("the zone has no block of order 5");
        __free_pages(page, UNCACHED_ORDER);
        EXPECT_BUG("double-free", NULL, __free_pages(page, UNCACHED_ORDER));
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(page_bugs, double_free_in_zone, check_double_free_in_zone)

/* A page given back twice, the second time after it became the middle of a large free block. */
static void check_double_free_merged(struct test_state *test, struct zone *zone)
{
        static struct free_picture before;

        free_picture_take(&before);
        struct page *page = page_tools_take_in_zone(zone, UNCACHED_ORDER);
        if (!page)
                SKIP("the zone has no block of order 5");
        split_page(page, UNCACHED_ORDER);
        for (unsigned int index = 0; index < BIT(UNCACHED_ORDER); index++)
                __free_page(page + index);
        drain_all_pages();
        for (unsigned int index = 1; index < BIT(UNCACHED_ORDER); index++)
                EXPECT_BUG("double-free", "inside a free block", __free_page(page + index));
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(page_bugs, double_free_merged, check_double_free_merged)

TEST(page_bugs, wrong_order)
{
        struct page *page = alloc_pages(GFP_KERNEL, 3);

        REQUIRE(page);
        EXPECT_BUG("wrong-order", "free of order 0", __free_page(page));
        EXPECT_BUG("wrong-order", "free of order 2", __free_pages(page, 2));
        EXPECT_BUG("wrong-order", "free of order 4", __free_pages(page, 4));
        EXPECT_BUG("wrong-order", "free of order 10", __free_pages(page, MAX_ORDER - 1));
        EXPECT_BUG("wrong-order", "free of order 11", __free_pages(page, MAX_ORDER));
        EXPECT_BUG("wrong-order", "free of order 19", __free_pages(page, 3 + 16));
        EXPECT_BUG("wrong-order", "order 3", free_page((unsigned long)page_address(page)));
        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        __free_pages(page, 3);
}

TEST(page_bugs, absurd_orders)
{
        struct page *page = alloc_page(GFP_KERNEL);

        REQUIRE(page);
        for (unsigned int bit = 0; bit < 32; bit++)
                EXPECT_BUG("wrong-order", NULL, __free_pages(page, BIT(bit)));
        EXPECT_BUG("wrong-order", NULL, __free_pages(page, ~0u));
        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        EXPECT_EQ(atomic_read(&page->refcount), 1);
        if (page_state(page) == PAGE_ALLOCATED)
                __free_page(page);
}

TEST(page_bugs, middle_of_a_block)
{
        struct page *page = alloc_pages(GFP_KERNEL, 4);

        REQUIRE(page);
        for (unsigned int index = 1; index < BIT(4); index++) {
                EXPECT_BUG("bad-address", "inside a block", __free_page(page + index));
                EXPECT_BUG("bad-address", "inside a block", __free_pages(page + index, 4));
        }
        __free_pages(page, 4);
}

TEST(page_bugs, split_pages_are_freed_one_by_one)
{
        struct page *page = alloc_pages(GFP_KERNEL, 2);

        REQUIRE(page);
        split_page(page, 2);
        EXPECT_BUG("wrong-order", "free of order 2", __free_pages(page, 2));
        for (unsigned int index = 0; index < 4; index++)
                __free_page(page + index);
}

TEST(page_bugs, one_free_too_many_with_references)
{
        struct page *page = alloc_page(GFP_KERNEL);

        REQUIRE(page);
        get_page(page);
        put_page(page);
        put_page(page);
        EXPECT_BUG("double-free", NULL, put_page(page));
}

/* The first frame that is no RAM; mem_map_count when there is none. */
static pfn_t find_hole(void)
{
        pfn_t pfn = (pfn_t)(ISA_WINDOW_BYTES >> PAGE_SHIFT);

        while (pfn < mem_map_count &&
               memmap_contains(&memmap, (u64)pfn << PAGE_SHIFT, ((u64)pfn + 1) << PAGE_SHIFT,
                               MEMORY_RAM))
                pfn++;
        return pfn;
}

TEST(page_bugs, reserved_pages)
{
        pfn_t hole = find_hole();

        EXPECT_BUG("free-reserved", "zone DMA", free_page((unsigned long)kernel_text_start));
        EXPECT_BUG("free-reserved", NULL, free_page((unsigned long)kernel_rodata_start));
        EXPECT_BUG("free-reserved", NULL, free_pages(PAGE_OFFSET, 3));
        EXPECT_BUG("free-reserved", NULL, free_page(PAGE_OFFSET + ISA_VIDEO_START));
        EXPECT_BUG("free-reserved", NULL, __free_page(pfn_to_page(0)));
        EXPECT_BUG("free-reserved", NULL, free_page((unsigned long)mem_map & PAGE_MASK));
        EXPECT_BUG("free-reserved", NULL, put_page(virt_to_page(mem_map)));
        if (hole < mem_map_count)
                EXPECT_BUG("free-reserved", NULL, __free_page(pfn_to_page(hole)));
}

TEST(page_bugs, addresses_that_are_none)
{
        static const unsigned long nowhere[] = { USER_ADDRESS, PAGE_OFFSET - PAGE_SIZE, PAGE_SIZE,
                                                 DIRECT_MAP_END, VMALLOC_START, KMAP_START,
                                                 FIXMAP_START, FIXMAP_END };
        unsigned long low_end = PAGE_OFFSET + ((unsigned long)max_low_pfn << PAGE_SHIFT);

        for (unsigned int index = 0; index < ARRAY_SIZE(nowhere); index++) {
                EXPECT_BUG("bad-address", "no logical address", free_page(nowhere[index]));
                EXPECT_BUG("bad-address", "no logical address", free_pages(nowhere[index], 2));
        }
        EXPECT_BUG("bad-address", NULL, free_page(low_end));
}

TEST(page_bugs, unaligned_address)
{
        unsigned long address = __get_free_page(GFP_KERNEL);

        REQUIRE(address);
        EXPECT_BUG("bad-address", NULL, free_page(address + 1));
        EXPECT_BUG("bad-address", NULL, free_page(address + PAGE_SIZE / 2));
        EXPECT_BUG("bad-address", NULL, free_pages(address - 4, 0));
        EXPECT_EQ(page_state(virt_to_page((void *)address)), PAGE_ALLOCATED);
        free_page(address);
}

TEST(page_bugs, pointers_that_are_no_descriptor)
{
        struct page *page = alloc_page(GFP_KERNEL);
        struct page on_stack = { .flags = PAGE_ALLOCATED };

        REQUIRE(page);
        EXPECT_BUG("bad-address", "no struct page", put_page(NULL));
        EXPECT_BUG("bad-address", "no struct page", put_page(&on_stack));
        EXPECT_BUG("bad-address", "no struct page", put_page(mem_map + mem_map_count));
        EXPECT_BUG("bad-address", "no struct page", put_page((struct page *)((char *)page + 4)));
        if (DEBUG_BUILD) {
                EXPECT_BUG("bad-address", "no struct page", __free_page(&on_stack));
                EXPECT_BUG("bad-address", "no struct page", __free_pages(mem_map - 1, 2));
        }
        __free_page(page);
}

TEST(page_bugs, high_memory_where_an_address_is_returned)
{
        EXPECT_BUG("highmem-address", NULL, EXPECT_EQ(__get_free_page(GFP_HIGHUSER), 0));
        EXPECT_BUG("highmem-address", NULL, EXPECT_EQ(__get_free_pages(GFP_HIGHUSER, 3), 0));
        EXPECT_BUG("highmem-address", NULL, EXPECT_EQ(get_zeroed_page(__GFP_HIGHMEM | GFP_DMA), 0));
}

/* Change one byte of a page. */
static void write_byte(struct page *page, unsigned long offset, u8 value)
{
        unsigned long flags;
        u8 *contents = page_window_open(page, &flags);

        contents[offset] = value;
        page_window_close(page, flags);
}

/* Take blocks until one of them is page: which block comes first is nobody's promise. */
static bool take_until(struct hoard *hoard, const struct page *page, gfp_t gfp_mask,
                       unsigned int order)
{
        while (hoard_take(hoard, gfp_mask | __GFP_NOWARN, order))
                if (list_last_entry(&hoard->blocks, struct page, list) == page)
                        return true;
        return false;
}

/* A write to a page that was given back is found when it is handed out again. */
static void check_write_after_free(struct test_state *test, struct zone *zone)
{
        static const unsigned long offsets[] = { 0, 1, 0x123, PAGE_SIZE - 1 };
        struct hoard hoard;
        char detail[32];

        if (!DEBUG_BUILD)
                SKIP("only the debug build fills free pages");
        hoard_init(&hoard);
        for (unsigned int index = 0; index < ARRAY_SIZE(offsets); index++) {
                struct page *page = page_tools_take_in_zone(zone, 0);

                REQUIRE(page);
                __free_page(page);
                write_byte(page, offsets[index], 0x5A);
                snprintf(detail, sizeof(detail), "offset %#lx holds 0x5a", offsets[index]);
                EXPECT_BUG("write-after-free", detail,
                           EXPECT(take_until(&hoard, page, page_tools_gfp(zone), 0)));
                hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        }
}

TEST_EACH_ZONE(page_bugs, write_after_free, check_write_after_free)

TEST(page_bugs, write_after_free_inside_a_block)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build fills free pages");
        struct page *page = alloc_pages(GFP_KERNEL, 3);
        struct hoard hoard;

        REQUIRE(page);
        hoard_init(&hoard);
        __free_pages(page, 3);
        write_byte(page + 5, 77, 0);
        EXPECT_BUG("write-after-free", "offset 0x4d",
                   EXPECT(take_until(&hoard, page, GFP_KERNEL, 3)));
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
}

TEST(page_bugs, report_names_who_allocated_and_who_freed)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build notes owners");
        struct page *page = alloc_page(GFP_KERNEL);

        REQUIRE(page);
        __free_page(page);
        bug_expect_begin();
        __free_page(page);
        EXPECT(bug_expect_end("double-free", NULL));
        if (strstr(bug_last_report(), "freed by unknown"))
                SKIP("the table of owners does not fit into low memory");
        EXPECT(strstr(bug_last_report(), "allocated by page_bugs_report_names_who"));
        EXPECT(strstr(bug_last_report(), "freed by page_bugs_report_names_who"));
}

TEST(page_bugs, sleeping_request_in_atomic_context)
{
        struct page *page = NULL;

        if (!DEBUG_BUILD)
                SKIP("only the debug build checks");
        preempt_disable();
        EXPECT_BUG("sleep-in-atomic", "preempt count 0x1", page = alloc_page(GFP_KERNEL));
        preempt_enable();
        REQUIRE(page);
        __free_page(page);

        unsigned long flags = local_irq_save();
        EXPECT_BUG("sleep-in-atomic", "interrupts off", page = alloc_pages(GFP_NOIO, 2));
        local_irq_restore(flags);
        REQUIRE(page);
        __free_pages(page, 2);

        flags = local_irq_save();
        irq_enter();
        EXPECT_BUG("sleep-in-atomic", "preempt count 0x10000",
                   free_page(__get_free_page(GFP_USER)));
        irq_exit();
        local_irq_restore(flags);
}

TEST(page_bugs, atomic_request_in_atomic_context_is_fine)
{
        unsigned int count = bug_report_count();
        unsigned long flags = local_irq_save();

        preempt_disable();
        free_page(__get_free_page(GFP_ATOMIC));
        free_pages(__get_free_pages(GFP_NOWAIT, 5), 5);
        preempt_enable();
        local_irq_restore(flags);
        EXPECT_EQ(bug_report_count(), count);
}
