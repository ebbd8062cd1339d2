/* Page descriptors: flags, and the ways between frames, descriptors and addresses. */
#include "mm/page.h"

#include "lib/test.h"
#include "mm/claims.h"
#include "mm/debug/dump_page.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/pcp.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

/* Every combination of what a page's flags say can be written and read back. */
TEST(page, flags_hold_zone_order_and_state)
{
        for (unsigned int zone = 0; zone < 4; zone++) {
                for (unsigned int order = 0; order < MAX_ORDER; order++) {
                        for (enum page_state state = PAGE_RESERVED; state <= PAGE_TAIL; state++) {
                                struct page page = {
                                        .flags = page_identity_make(state, zone, order) |
                                                 PAGE_POISONED,
                                };

                                EXPECT_EQ(page_zone_index(&page), zone);
                                EXPECT_EQ(page_order(&page), order);
                                EXPECT_EQ(page_state(&page), state);
                                EXPECT_EQ(page.identity, page_identity_make(state, zone, order));
                                EXPECT_EQ(page.block, page_block_make(state, order));
                        }
                }
        }
}

TEST(page, set_block_keeps_all_else)
{
        struct page page = { .flags = page_identity_make(PAGE_TAIL, 3, 0) | PAGE_POISONED };

        page_set_block(&page, PAGE_ALLOCATED, 10);
        EXPECT_EQ(page.flags, (u32)page_identity_make(PAGE_ALLOCATED, 3, 10) | PAGE_POISONED);
        page_set_block(&page, PAGE_RESERVED, 0);
        EXPECT_EQ(page.flags, (u32)page_identity_make(PAGE_RESERVED, 3, 0) | PAGE_POISONED);
}

/* Fresh memory describes reserved pages. */
TEST(page, zeros_are_a_reserved_page)
{
        struct page page = { .flags = 0 };

        EXPECT_EQ(page_state(&page), PAGE_RESERVED);
}

TEST(page, conversions_go_both_ways)
{
        machine_boot_pc(5 * GIB);
        for (pfn_t pfn = 0; pfn < mem_map_count; pfn += 977) {
                struct page *page = pfn_to_page(pfn);

                EXPECT_EQ(page_to_pfn(page), pfn);
                EXPECT_EQ(page_to_phys(page), (phys_addr_t)pfn << PAGE_SHIFT);
                EXPECT(page_is_descriptor(page));
                EXPECT_EQ(PageHighMem(page), pfn >= DIRECT_MAP_END_PFN);
                if (!PageHighMem(page))
                        EXPECT(virt_to_page(__va(page_to_phys(page))) == page);
        }
        EXPECT(pfn_valid(mem_map_count - 1));
        EXPECT(!pfn_valid(mem_map_count));
}

TEST(page, only_elements_of_mem_map_are_descriptors)
{
        machine_boot_pc(64 * MIB);
        EXPECT(!page_is_descriptor(NULL));
        EXPECT(!page_is_descriptor(mem_map - 1));
        EXPECT(!page_is_descriptor(mem_map + mem_map_count));
        EXPECT(!page_is_descriptor((struct page *)((char *)mem_map + 1)));
        EXPECT(page_is_descriptor(mem_map));
        EXPECT(page_is_descriptor(mem_map + mem_map_count - 1));
}

TEST(page, logical_addresses_are_those_of_low_frames)
{
        machine_boot_pc(64 * MIB);
        EXPECT(virt_addr_valid((void *)PAGE_OFFSET));
        EXPECT(virt_addr_valid(__va(64 * MIB - 1)));
        EXPECT(!virt_addr_valid(__va(64 * MIB)));
        EXPECT(!virt_addr_valid((void *)(PAGE_OFFSET - 1)));
        EXPECT(!virt_addr_valid(NULL));
        EXPECT(!virt_addr_valid((void *)~0ul));
}

/* PAGE-2: every page of every block finds its head. */
TEST(page, head_is_found_from_every_page)
{
        machine_boot_pc(64 * MIB);
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);

                for (unsigned int index = 0; index < 1u << order; index++)
                        EXPECT(page_block_head(page + index) == page);
                __free_pages(page, order);
        }
        EXPECT(page_block_head(mem_map) == mem_map);
}

TEST(page, tail_of_no_block_has_no_head)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 4);

        page_set_block(page, PAGE_ALLOCATED, 2);
        EXPECT(page_block_head(page + 3) == page);
        EXPECT(!page_block_head(page + 4));
        for (unsigned int index = 0; index < 1024; index++)
                page_set_block(mem_map + 4096 + index, PAGE_TAIL, 0);
        EXPECT(!page_block_head(mem_map + 4096 + 5));
}

/* What dump_page() prints of a page has all of these. */
static void expect_dump(struct test_state *test, struct page *page, const char *const parts[])
{
        host_forget_output();
        dump_page(page);
        for (unsigned int index = 0; parts[index]; index++)
                if (!host_text_contains(host_printed_text(), parts[index]))
                        test_fail(test, __FILE__, __LINE__, "\"%s\" is not in: %s", parts[index],
                                  host_printed_text());
}

TEST(page, dump_says_what_a_page_is)
{
        machine_boot_pc(5 * GIB);
        struct page *low = alloc_pages(GFP_KERNEL, 3);
        struct page *high = alloc_page(GFP_HIGHUSER);

        get_page(low);
        expect_dump(test, low, (const char *const[]){
                "state   allocated", "zone    Normal", "block   order 3", "refcount 2",
                "address:0x", NULL });
        expect_dump(test, low + 1, (const char *const[]){
                "state   inside a block", "block   order 3", "head    allocated", NULL });
        expect_dump(test, high, (const char *const[]){ "address:none", "zone    HighMem", NULL });
        put_page(low);
        __free_pages(low, 3);
        expect_dump(test, low, (const char *const[]){ "on a CPU's list", NULL });
        if (DEBUG_BUILD)
                expect_dump(test, low, (const char *const[]){ "filled with the pattern", NULL });
        drain_all_pages();
        expect_dump(test, low, (const char *const[]){ "state   free", NULL });
}

/* The first page of RAM that is reserved though nothing claims it. */
static struct page *first_boot_page(void)
{
        pfn_t pfn = 0;

        while (page_state(pfn_to_page(pfn)) != PAGE_RESERVED ||
               !memmap_contains(&memmap, (u64)pfn << PAGE_SHIFT, (u64)(pfn + 1) << PAGE_SHIFT,
                                MEMORY_RAM) ||
               memory_claim_find((u64)pfn << PAGE_SHIFT, (u64)(pfn + 1) << PAGE_SHIFT))
                pfn++;
        return pfn_to_page(pfn);
}

TEST(page, dump_says_what_a_page_is_reserved_for)
{
        machine_boot_pc(64 * MIB);
        expect_dump(test, pfn_to_page(MACHINE_TEXT_START >> PAGE_SHIFT),
                    (const char *const[]){ "state   reserved", "for     Kernel code", NULL });
        expect_dump(test, pfn_to_page(1),
                    (const char *const[]){ "for     no RAM of the page allocator's", NULL });

        /* Direct-map tables and the like are boot memory, and nothing claims them. */
        struct page *page = first_boot_page();
        expect_dump(test, page, (const char *const[]){ "for     boot allocations", NULL });
}

TEST(page, dump_of_damaged_descriptors)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 4);

        page_set_block(page, PAGE_ALLOCATED, 2);
        expect_dump(test, page + 4,
                    (const char *const[]){ "none: the descriptors are damaged", NULL });
        page_set_block(page, (enum page_state)9, 2);
        expect_dump(test, page, (const char *const[]){ "in no known state", NULL });
}
