/* What the debug build notices of pages: writes after free, and who had them. */
#include "mm/page_debug.h"

#include "lib/bits.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/ram.h"

#define DEBUG_ONLY()                                            \
        do {                                                    \
                if (!DEBUG_BUILD)                               \
                        SKIP("done in the debug build only");   \
        } while (0)

/* Functions that the reports are to name; not static, so that their names are known. */
struct page *culprit_allocates(gfp_t gfp_mask, unsigned int order);
void culprit_frees(struct page *page, unsigned int order);

/* Allocate a block on the culprit's account. */
struct page *__noinline culprit_allocates(gfp_t gfp_mask, unsigned int order)
{
        struct page *page = alloc_pages(gfp_mask, order);

        barrier();
        return page;
}

/* Free a block on the culprit's account. */
void __noinline culprit_frees(struct page *page, unsigned int order)
{
        __free_pages(page, order);
        barrier();
}

/* Write a byte to a page from below, whoever owns it. */
static void write_byte(const struct page *page, unsigned int offset, u8 value)
{
        ram_write(page_to_phys(page) + offset, &value, 1);
}

/* PAGEDEBUG-1: every byte of a freed block holds the pattern. */
TEST(page_debug, freed_pages_hold_the_pattern)
{
        static u8 contents[4096];

        DEBUG_ONLY();
        machine_boot_pc(5 * GIB);
        for (unsigned int order = 0; order < MAX_ORDER; order += 2) {
                struct page *page = alloc_pages(GFP_HIGHUSER, order);

                __free_pages(page, order);
                for (unsigned int index = 0; index < BIT(order); index++) {
                        EXPECT(page[index].flags & PAGE_POISONED);
                        ram_read(page_to_phys(page + index), contents, PAGE_SIZE);
                        EXPECT(!memchr_inv(contents, 0xAA, PAGE_SIZE));
                }
        }
}

/* PAGEDEBUG-1 broken at one byte of a page: the report has its offset and what is there. */
static void expect_write_found(struct test_state *test, gfp_t gfp_mask, unsigned int offset)
{
        char expected[64];
        struct page *page = culprit_allocates(gfp_mask, 0);

        culprit_frees(page, 0);
        write_byte(page, offset, 0x5C);
        snprintf(expected, sizeof(expected), "write-after-free: offset %#x holds 0x5c, page %#x,",
                 offset, page_to_pfn(page));
        struct page *again = NULL;
        EXPECT_BUG(again = alloc_page(gfp_mask), expected);
        EXPECT(again == page);
        EXPECT(host_text_contains(host_last_bug(), "allocated by culprit_allocates+"));
        EXPECT(host_text_contains(host_last_bug(), "freed by culprit_frees+"));
        EXPECT(!(page->flags & PAGE_POISONED));
        __free_page(again);
        __free_page(alloc_page(gfp_mask));
}

TEST(page_debug, write_after_free_of_a_low_page)
{
        DEBUG_ONLY();
        machine_boot_pc(64 * MIB);
        expect_write_found(test, GFP_KERNEL, 0);
        expect_write_found(test, GFP_KERNEL, 1);
        expect_write_found(test, GFP_KERNEL, 2047);
        expect_write_found(test, GFP_KERNEL, 4095);
}

TEST(page_debug, write_after_free_of_a_high_page)
{
        DEBUG_ONLY();
        machine_options.owners_limit_bytes = 32 * MIB;
        machine_boot_four_zones();
        expect_write_found(test, GFP_HIGHUSER, 0);
        expect_write_found(test, GFP_HIGHUSER, 4095);
}

/* The first byte that differs is the one that is reported. */
TEST(page_debug, first_of_several_writes)
{
        DEBUG_ONLY();
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);

        __free_page(page);
        write_byte(page, 300, 1);
        write_byte(page, 200, 2);
        EXPECT_BUG(alloc_page(GFP_KERNEL), "offset 0xc8 holds 0x02");
}

/* Every page of a large block is looked at, and the report still knows who freed the block. */
TEST(page_debug, write_inside_a_freed_block)
{
        DEBUG_ONLY();
        machine_boot_pc(64 * MIB);
        for (unsigned int order = 1; order < MAX_ORDER; order++) {
                struct page *page = culprit_allocates(GFP_KERNEL, order);

                culprit_frees(page, order);
                write_byte(page + BIT(order) - 1, 77, 3);
                struct page *again = NULL;
                EXPECT_BUG(again = alloc_pages(GFP_KERNEL, order), "write-after-free: offset 0x4d");
                EXPECT(again == page);
                EXPECT(host_text_contains(host_last_bug(), "allocated by culprit_allocates+"));
                EXPECT(host_text_contains(host_last_bug(), "freed by culprit_frees+"));
                __free_pages(again, order);
        }
}

/* Where the pattern is turned off, nothing is filled and nothing is checked; owners are noted. */
TEST(page_debug, pattern_can_be_turned_off)
{
        DEBUG_ONLY();
        page_poison_enabled = false;
        machine_boot_pc(64 * MIB);
        struct page *page = culprit_allocates(GFP_KERNEL, 2);

        culprit_frees(page, 2);
        EXPECT(!(page->flags & PAGE_POISONED));
        write_byte(page, 7, 7);
        EXPECT_BUG(__free_pages(page, 2), "freed by culprit_frees+");
        EXPECT(alloc_pages(GFP_KERNEL, 2) == page);
        EXPECT_EQ(host_bug_count(), 1);
}

/* The pattern survives merging, splitting and the CPU's lists. */
TEST(page_debug, write_found_in_a_block_of_another_order)
{
        DEBUG_ONLY();
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 5);

        __free_pages(page, 5);
        write_byte(page + 9, 0, 0);
        unsigned int bugs_before = host_bug_count();
        while (page_state(page + 9) == PAGE_TAIL || page_state(page + 9) == PAGE_FREE)
                alloc_page(GFP_KERNEL);
        while (page_state(page + 9) == PAGE_CACHED)
                alloc_page(GFP_KERNEL);
        EXPECT_EQ(host_bug_count(), bugs_before + 1);
        EXPECT(host_text_contains(host_last_bug(), "write-after-free"));
}

/* A page that nobody ever freed has no pattern to check. */
TEST(page_debug, pages_never_freed_are_not_checked)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 10);

        REQUIRE(page);
        EXPECT_EQ(host_bug_count(), 0);
        for (unsigned int index = 0; index < 1024; index++)
                EXPECT(!(page[index].flags & PAGE_POISONED));
}

TEST(page_debug, double_free_names_both_culprits)
{
        DEBUG_ONLY();
        machine_boot_pc(64 * MIB);
        struct page *page = culprit_allocates(GFP_KERNEL, 3);

        culprit_frees(page, 3);
        EXPECT_BUG(__free_pages(page, 3), "double-free: free of a page that is free");
        EXPECT(host_text_contains(host_last_bug(), "zone Normal, order 3, allocated by culprit_a"));
        EXPECT(host_text_contains(host_last_bug(), "freed by culprit_frees+"));
}

/* Each call that allocates or frees notes its own caller. */
TEST(page_debug, page_of_boot_has_no_owner)
{
        machine_boot_pc(64 * MIB);
        struct page *page = pfn_to_page(MACHINE_TEXT_START >> PAGE_SHIFT);

        EXPECT_BUG(__free_page(page), "allocated by unknown, freed by unknown");
}

/* Where the table of owners would cost too much, reports do without. */
TEST(page_debug, without_a_table_owners_are_unknown)
{
        DEBUG_ONLY();
        machine_options.owners_limit_bytes = 1000;
        host_forget_output();
        machine_boot_pc(64 * MIB);
        EXPECT(host_text_contains(host_printed_text(), "page owners are not tracked"));
        struct page *page = culprit_allocates(GFP_KERNEL, 0);

        culprit_frees(page, 0);
        EXPECT_BUG(__free_page(page), "allocated by unknown, freed by unknown");
        write_byte(page, 9, 9);
        EXPECT_BUG(alloc_page(GFP_KERNEL), "offset 0x9 holds 0x09");
        mm_check();
}

/* The limit is met exactly. */
TEST(page_debug, table_of_owners_within_its_limit)
{
        unsigned long table_bytes = (unsigned long)(64 * MIB / PAGE_SIZE * 2 * sizeof(long));

        DEBUG_ONLY();
        machine_options.owners_limit_bytes = table_bytes - 1;
        machine_boot_pc(64 * MIB);
        EXPECT(host_text_contains(host_printed_text(), "not tracked"));
        host_forget_output();
        machine_options.owners_limit_bytes = table_bytes;
        machine_boot_pc(64 * MIB);
        EXPECT(!host_text_contains(host_printed_text(), "not tracked"));
}
