/*
 * Callers' bugs: each is reported in one line with its class, and changes nothing (ALLOC-3). What
 * only the debug build catches is left out of the release build's run.
 */
#include "kernel/cpu/address.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/boot/bootmem.h"
#include "mm/claims.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/picture.h"
#include "tests/host/ram.h"

/* The statement must report one bug of a class and leave free memory, and a page, as they were. */
#define EXPECT_REFUSED(statement, watched, bug_class)                              \
        do {                                                                    \
                struct picture picture_before = picture_take();                 \
                struct page page_before = *(watched);                           \
                EXPECT_BUG(statement, bug_class);                               \
                struct picture picture_after = picture_take();                  \
                EXPECT(picture_same(&picture_before, &picture_after));          \
                EXPECT(!memcmp(&page_before, (watched), sizeof(page_before)));  \
                mm_check();                                                     \
        } while (0)

/* Every way to free a page that is free already, while it lies on a CPU's list or in its zone. */
TEST(page_alloc_bugs, double_free_of_a_page)
{
        machine_boot_pc(64 * MIB);
        for (unsigned int drained = 0; drained < 2; drained++) {
                struct page *page = alloc_page(GFP_KERNEL);
                unsigned long address = (unsigned long)page_address(page);

                __free_page(page);
                if (drained)
                        drain_all_pages();
                EXPECT_REFUSED(__free_page(page), page, "double-free");
                EXPECT_REFUSED(__free_pages(page, 0), page, "double-free");
                EXPECT_REFUSED(put_page(page), page, "double-free");
                EXPECT_REFUSED(free_page(address), page, "double-free");
                EXPECT_REFUSED(free_pages(address, 3), page, "double-free");
        }
}

TEST(page_alloc_bugs, double_free_of_a_block)
{
        machine_boot_pc(64 * MIB);
        for (unsigned int order = 1; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);

                __free_pages(page, order);
                EXPECT_REFUSED(__free_pages(page, order), page, "double-free");
                EXPECT_REFUSED(__free_pages(page + 1, 0), page + 1, "double-free");
                EXPECT_REFUSED(__free_pages(page + BIT(order) - 1, 0), page, "double-free");
        }
}

/* The page has become the tail of a larger free block. */
TEST(page_alloc_bugs, double_free_after_a_merge)
{
        machine_boot_pc(64 * MIB);
        struct page *block = alloc_pages(GFP_KERNEL, 4);

        split_page(block, 4);
        for (unsigned int index = 0; index < 16; index++)
                __free_page(block + index);
        drain_all_pages();
        REQUIRE(page_state(block + 5) == PAGE_TAIL);
        EXPECT_REFUSED(__free_page(block + 5), block + 5, "double-free");
        EXPECT_REFUSED(put_page(block + 5), block + 5, "double-free");
}

/* A page that the allocator has but never handed out. */
TEST(page_alloc_bugs, free_of_a_page_never_allocated)
{
        machine_boot_pc(64 * MIB);
        struct page *page = pfn_to_page((pfn_t)(60 * MIB >> PAGE_SHIFT));

        REQUIRE(page_state(page) == PAGE_FREE || page_state(page) == PAGE_TAIL);
        EXPECT_REFUSED(__free_page(page), page, "double-free");
}

/* Kernel image, boot memory, hole, the first MiB, page 0: all reserved. */
TEST(page_alloc_bugs, free_of_a_reserved_page)
{
        const phys_addr_t places[] = {
                0, 0x9F000, 0xA0000, MACHINE_TEXT_START, MACHINE_IMAGE_END - PAGE_SIZE,
        };

        machine_boot_pc(2 * GIB);
        for (unsigned int index = 0; index < ARRAY_SIZE(places); index++) {
                struct page *page = pfn_to_page((pfn_t)(places[index] >> PAGE_SHIFT));

                EXPECT_REFUSED(__free_page(page), page, "free-reserved");
                EXPECT_REFUSED(__free_pages(page, 4), page, "free-reserved");
                EXPECT_REFUSED(put_page(page), page, "free-reserved");
                EXPECT_REFUSED(free_page((unsigned long)__va(places[index])), page,
                               "free-reserved");
        }
        struct page *page = virt_to_page(mem_map);
        EXPECT_REFUSED(__free_page(page), page, "free-reserved");
}

/* Above the RAM there may still be descriptors; there is nothing to free. */
TEST(page_alloc_bugs, free_of_a_hole)
{
        const struct machine_range ranges[] = {
                { MIB, 40 * MIB, MEMORY_RAM }, { 900 * MIB, 900 * MIB + 5 * PAGE_SIZE, MEMORY_RAM },
        };

        machine_boot(ranges, ARRAY_SIZE(ranges));
        struct page *hole = pfn_to_page((pfn_t)(500 * MIB >> PAGE_SHIFT));
        struct page *above = pfn_to_page((pfn_t)(900 * MIB >> PAGE_SHIFT) + 5);
        EXPECT_REFUSED(__free_page(hole), hole, "free-reserved");
        EXPECT_REFUSED(__free_page(above), above, "free-reserved");
        EXPECT_REFUSED(free_page((unsigned long)__va(500 * MIB)), hole, "free-reserved");
}

TEST(page_alloc_bugs, free_with_the_wrong_order)
{
        machine_boot_pc(64 * MIB);
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);
                unsigned long address = (unsigned long)page_address(page);

                for (unsigned int wrong = 0; wrong < 13; wrong++) {
                        if (wrong == order)
                                continue;
                        EXPECT_REFUSED(__free_pages(page, wrong), page, "wrong-order");
                        EXPECT_REFUSED(free_pages(address, wrong), page, "wrong-order");
                }
                if (order)
                        EXPECT_REFUSED(__free_page(page), page, "wrong-order");
                EXPECT_REFUSED(__free_pages(page, UINT32_MAX), page, "wrong-order");
                EXPECT_REFUSED(__free_pages(page, 16 + order), page, "wrong-order");
                __free_pages(page, order);
                mm_check();
        }
}

/* Orders whose bits, shifted to their place in the flags, would fall on those of the state. */
static const unsigned int absurd_orders[] = {
        0x10000000, 0x20000000, 0xD0000000, 0xE0000000, 0xF0000000, 0xFFFFFFFE, UINT32_MAX,
};

/* An absurd order makes nobody's page look like somebody's: neither a free one nor a tail. */
TEST(page_alloc_bugs, free_of_nobodys_page_with_an_absurd_order)
{
        machine_boot_pc(64 * MIB);
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *freed = alloc_pages(GFP_KERNEL, order);
                struct page *block = alloc_pages(GFP_KERNEL, MAX_ORDER - 1);

                __free_pages(freed, order);
                for (unsigned int index = 0; index < ARRAY_SIZE(absurd_orders); index++) {
                        unsigned int absurd = absurd_orders[index];

                        EXPECT_REFUSED(__free_pages(freed, absurd), freed, "double-free");
                        EXPECT_REFUSED(__free_pages(block + 1, absurd), block + 1, "bad-address");
                }
                __free_pages(block, MAX_ORDER - 1);
        }
}

/* The middle of somebody's block. */
TEST(page_alloc_bugs, free_of_a_page_inside_a_block)
{
        machine_boot_pc(64 * MIB);
        for (unsigned int order = 1; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);
                unsigned long address = (unsigned long)page_address(page);

                for (unsigned int index = 1; index < BIT(order); index = index * 2 + 1) {
                        EXPECT_REFUSED(__free_page(page + index), page + index, "bad-address");
                        EXPECT_REFUSED(put_page(page + index), page + index, "bad-address");
                        EXPECT_REFUSED(free_page(address + index * PAGE_SIZE), page + index,
                                       "bad-address");
                }
                __free_pages(page, order);
        }
}

TEST(page_alloc_bugs, free_of_an_address_inside_a_page)
{
        machine_boot_pc(64 * MIB);
        unsigned long address = __get_free_page(GFP_KERNEL);
        struct page *page = virt_to_page((void *)address);

        EXPECT_REFUSED(free_page(address + 1), page, "bad-address");
        EXPECT_REFUSED(free_page(address + PAGE_SIZE / 2), page, "bad-address");
        EXPECT_REFUSED(free_pages(address - 1, 2), page, "bad-address");
        free_page(address);
}

TEST(page_alloc_bugs, free_of_an_address_that_is_not_logical)
{
        machine_boot_pc(2 * GIB);
        const unsigned long places[] = {
                PAGE_SIZE, 0x10000000, PAGE_OFFSET - PAGE_SIZE, DIRECT_MAP_END, VMALLOC_START,
                KMAP_START, FIXMAP_START, (unsigned long)-PAGE_SIZE,
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(places); index++) {
                EXPECT_REFUSED(free_page(places[index]), mem_map, "bad-address");
                EXPECT_REFUSED(free_pages(places[index], 5), mem_map, "bad-address");
        }
}

/* On a machine with little memory the direct map ends early. */
TEST(page_alloc_bugs, free_of_an_address_above_low_memory)
{
        machine_boot_pc(64 * MIB);
        EXPECT_REFUSED(free_page((unsigned long)__va(64 * MIB)), mem_map, "bad-address");
        EXPECT_REFUSED(free_page((unsigned long)__va(800 * MIB)), mem_map, "bad-address");
}

TEST(page_alloc_bugs, put_of_what_is_no_descriptor)
{
        struct page stranger = { .flags = 0 };

        machine_boot_pc(64 * MIB);
        struct page *inside = (struct page *)((char *)mem_map + 4);
        EXPECT_REFUSED(put_page(NULL), mem_map, "bad-address");
        EXPECT_REFUSED(put_page(&stranger), mem_map, "bad-address");
        EXPECT_REFUSED(put_page(mem_map - 1), mem_map, "bad-address");
        EXPECT_REFUSED(put_page(mem_map + mem_map_count), mem_map, "bad-address");
        EXPECT_REFUSED(put_page(inside), mem_map, "bad-address");
}

TEST(page_alloc_bugs, free_of_what_is_no_descriptor)
{
        struct page stranger = { .flags = 0 };

        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        machine_boot_pc(64 * MIB);
        struct page *inside = (struct page *)((char *)mem_map + 4);
        EXPECT_REFUSED(__free_page(NULL), mem_map, "bad-address");
        EXPECT_REFUSED(__free_page(&stranger), mem_map, "bad-address");
        EXPECT_REFUSED(__free_pages(mem_map - 1, 1), mem_map, "bad-address");
        EXPECT_REFUSED(__free_page(mem_map + mem_map_count), mem_map, "bad-address");
        EXPECT_REFUSED(__free_page(inside), mem_map, "bad-address");
}

/* A page is freed once more than it is held: the first free too many is reported. */
TEST(page_alloc_bugs, one_put_too_many)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 2);

        get_page(page);
        put_page(page);
        put_page(page);
        EXPECT_REFUSED(put_page(page), page, "double-free");
}

TEST(page_alloc_bugs, highmem_where_a_logical_address_is_returned)
{
        unsigned long address = 1;

        machine_boot_pc(5 * GIB);
        EXPECT_REFUSED(address = __get_free_page(GFP_HIGHUSER), mem_map, "highmem-address");
        EXPECT_EQ(address, 0);
        EXPECT_REFUSED(address = __get_free_pages(__GFP_HIGHMEM, 3), mem_map, "highmem-address");
        EXPECT_EQ(address, 0);
        EXPECT_REFUSED(address = get_zeroed_page(GFP_DMA | __GFP_HIGHMEM), mem_map,
                       "highmem-address");
        EXPECT_EQ(address, 0);
}

/* __GFP_DMA32 promises below 4 GiB: with a logical address that is every low page. */
TEST(page_alloc_bugs, dma32_with_a_logical_address_is_low)
{
        machine_boot_pc(5 * GIB);
        unsigned long addresses[] = {
                __get_free_page(GFP_DMA32), __get_free_pages(GFP_KERNEL | __GFP_DMA32, 3),
                get_zeroed_page(GFP_DMA32),
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(addresses); index++) {
                REQUIRE(virt_addr_valid((void *)addresses[index]));
                EXPECT_EQ(page_zone_index(virt_to_page((void *)addresses[index])), ZONE_NORMAL);
        }
}

/* The report names page, zone and order. */
TEST(page_alloc_bugs, report_names_the_object)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_DMA, 2);

        EXPECT_BUG(__free_pages(page, 3), "wrong-order: free of order 3, page 0x");
        EXPECT(host_text_contains(host_last_bug(), ", zone DMA, order 2, allocated by "));
        __free_pages(page, 2);
}
