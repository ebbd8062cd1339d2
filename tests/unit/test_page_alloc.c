/* The page allocator's calls, one by one: what they return, and what they leave behind. */
#include "mm/phys/page_alloc.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/sync/context.h"
#include "lib/bits.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/picture.h"
#include "tests/host/ram.h"

/* ALLOC-1: the head says what it is, all else is its tail, and all of it was RAM of one zone. */
static void expect_block(struct test_state *test, const struct page *page, unsigned int order)
{
        const struct zone *zone = zone_of_page(page);
        pfn_t pfn = page_to_pfn(page);

        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        EXPECT_EQ(page_order(page), order);
        EXPECT_EQ(atomic_read(&page->refcount), 1);
        EXPECT(IS_ALIGNED(pfn, BIT(order)));
        EXPECT(pfn >= zone->start_pfn && pfn + BIT(order) <= zone->end_pfn);
        EXPECT(memmap_contains(&memmap, page_to_phys(page),
                               page_to_phys(page) + (PAGE_SIZE << order), MEMORY_RAM));
        for (unsigned int index = 1; index < BIT(order); index++)
                EXPECT_EQ(page_state(page + index), PAGE_TAIL);
}

TEST(page_alloc, every_order)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();

        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);

                REQUIRE(page);
                expect_block(test, page, order);
                mm_check();
                __free_pages(page, order);
                mm_check();
        }
        drain_local_pages();
        struct picture after = picture_take();
        EXPECT(picture_same(&before, &after));
}

/* The constant 0 takes another way through the header than an order that varies. */
TEST(page_alloc, order_zero_by_every_call)
{
        machine_boot_pc(64 * MIB);
        volatile unsigned int zero = 0;
        struct page *pages[] = {
                alloc_page(GFP_KERNEL), alloc_pages(GFP_KERNEL, 0), alloc_pages(GFP_KERNEL, zero),
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(pages); index++) {
                REQUIRE(pages[index]);
                expect_block(test, pages[index], 0);
        }
        __free_page(pages[0]);
        __free_pages(pages[1], zero);
        __free_pages(pages[2], 0);
        for (unsigned int index = 0; index < ARRAY_SIZE(pages); index++)
                EXPECT_EQ(page_state(pages[index]), PAGE_CACHED);
        mm_check();
}

TEST(page_alloc, logical_addresses)
{
        machine_boot_pc(5 * GIB);
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                unsigned long address = __get_free_pages(GFP_KERNEL, order);

                REQUIRE(address);
                EXPECT(IS_ALIGNED(address, PAGE_SIZE << order));
                EXPECT(address >= PAGE_OFFSET && address < DIRECT_MAP_END);
                EXPECT(page_address(virt_to_page((void *)address)) == (void *)address);
                EXPECT(!mmu_faults(address, true));
                EXPECT(!mmu_faults(address + (PAGE_SIZE << order) - 1, true));
                expect_block(test, virt_to_page((void *)address), order);
                free_pages(address, order);
        }
        unsigned long address = __get_free_page(GFP_ATOMIC);
        REQUIRE(address);
        expect_block(test, virt_to_page((void *)address), 0);
        free_page(address);
        mm_check();
}

TEST(page_alloc, free_of_address_zero_does_nothing)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();
        free_page(0);
        free_pages(0, 3);
        struct picture after = picture_take();
        EXPECT(picture_same(&before, &after));
}

TEST(page_alloc, zeroed_page_is_zero)
{
        machine_boot_pc(64 * MIB);
        unsigned long address = __get_free_page(GFP_KERNEL);

        memset((void *)address, 0x77, PAGE_SIZE);
        free_page(address);
        EXPECT_EQ(get_zeroed_page(GFP_KERNEL), address);
        EXPECT(!memchr_inv((void *)address, 0, PAGE_SIZE));
        free_page(address);
}

/* Whether all of a block, seen from below, holds one byte. */
static bool block_is_filled(const struct page *page, unsigned int order, u8 byte)
{
        static u8 contents[4096];

        for (unsigned int index = 0; index < BIT(order); index++) {
                ram_read(page_to_phys(page + index), contents, PAGE_SIZE);
                if (memchr_inv(contents, byte, PAGE_SIZE))
                        return false;
        }
        return true;
}

/* Write to every page of a block from below. */
static void fill_block(const struct page *page, unsigned int order, u8 byte)
{
        static u8 contents[4096];

        memset(contents, byte, sizeof(contents));
        for (unsigned int index = 0; index < BIT(order); index++)
                ram_write(page_to_phys(page + index), contents, PAGE_SIZE);
}

/* __GFP_ZERO clears every page of a block, in high memory too, whichever path brings the block. */
TEST(page_alloc, zero_flag_clears_high_blocks)
{
        const unsigned int orders[] = { 0, 3, 5 };

        machine_boot_pc(5 * GIB);
        for (unsigned int index = 0; index < ARRAY_SIZE(orders); index++) {
                unsigned int order = orders[index];
                struct page *page = alloc_pages(GFP_HIGHUSER, order);

                REQUIRE(page && PageHighMem(page));
                fill_block(page, order, 0x99);
                __free_pages(page, order);
                struct page *again = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, order);
                EXPECT(again == page);
                EXPECT(block_is_filled(page, order, 0));
                /* By the slow path: nothing is on the list. */
                fill_block(page, order, 0xAA);
                __free_pages(page, order);
                drain_local_pages();
                again = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, order);
                EXPECT(block_is_filled(again, order, 0));
                __free_pages(again, order);
        }
        mm_check();
}

TEST(page_alloc, without_zero_flag_nothing_is_cleared)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        __free_page(page);
        EXPECT(alloc_page(GFP_KERNEL) == page);
        EXPECT(block_is_filled(page, 0, DEBUG_BUILD ? 0xAA : 0));
        __free_page(page);
}

TEST(page_alloc, high_page_has_no_address)
{
        machine_boot_pc(5 * GIB);
        struct page *high = alloc_page(GFP_HIGHUSER);
        struct page *low = alloc_page(GFP_KERNEL);

        EXPECT(page_address(high) == NULL);
        EXPECT(page_address(low) == __va(page_to_phys(low)));
        __free_page(high);
        __free_page(low);
}

TEST(page_alloc, references_keep_a_page)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);

        get_page(page);
        get_page(page);
        EXPECT_EQ(atomic_read(&page->refcount), 3);
        __free_page(page);
        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        put_page(page);
        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        EXPECT_EQ(atomic_read(&page->refcount), 1);
        put_page(page);
        EXPECT_EQ(page_state(page), PAGE_CACHED);
        EXPECT(alloc_page(GFP_KERNEL) == page);
        expect_block(test, page, 0);
        __free_page(page);
        mm_check();
}

/* The last reference of a large block frees all of it, by the block's own order. */
TEST(page_alloc, references_keep_a_block)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();

        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);

                get_page(page);
                put_page(page);
                EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
                get_page(page);
                __free_pages(page, order);
                EXPECT_EQ(page_order(page), order);
                put_page(page);
                EXPECT(page_state(page) != PAGE_ALLOCATED);
                mm_check();
        }
        drain_local_pages();
        struct picture after = picture_take();
        EXPECT(picture_same(&before, &after));
}

TEST(page_alloc, reference_dropped_by_address)
{
        machine_boot_pc(64 * MIB);
        unsigned long address = __get_free_pages(GFP_KERNEL, 2);

        get_page(virt_to_page((void *)address));
        free_pages(address, 2);
        EXPECT_EQ(page_state(virt_to_page((void *)address)), PAGE_ALLOCATED);
        free_pages(address, 2);
        EXPECT(page_state(virt_to_page((void *)address)) != PAGE_ALLOCATED);
        mm_check();
}

/* A block becomes single pages, each with its own reference; freed, they are one block again. */
TEST(page_alloc, split_page_makes_single_pages)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();

        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);

                split_page(page, order);
                for (unsigned int index = 0; index < BIT(order); index++)
                        expect_block(test, page + index, 0);
                mm_check();
                for (unsigned int index = 0; index < BIT(order); index++)
                        __free_page(page + (index * 7 + 3) % BIT(order));
                mm_check();
                drain_local_pages();
                struct picture after = picture_take();
                EXPECT(picture_same(&before, &after));
        }
}

TEST(page_alloc, split_page_refuses_what_is_no_block)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 3);

        EXPECT_PANIC(split_page(page, 2), "order 2");
        EXPECT_PANIC(split_page(page + 1, 0), "order 0");
        EXPECT_PANIC(split_page(NULL, 0), "order 0");
        get_page(page);
        EXPECT_PANIC(split_page(page, 3), "order 3");
        put_page(page);
        __free_pages(page, 3);
        EXPECT_PANIC(split_page(page, 3), "order 3");
}

TEST(page_alloc, order_too_large_is_a_bug)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();
        const unsigned int orders[] = { 11, 12, 16, 31, 32, 64, UINT32_MAX };

        for (unsigned int index = 0; index < ARRAY_SIZE(orders); index++) {
                struct page *page = mem_map;

                EXPECT_BUG(page = alloc_pages(GFP_KERNEL, orders[index]), "bad-order");
                EXPECT(!page);
                EXPECT_BUG(EXPECT(!__get_free_pages(GFP_KERNEL, orders[index])), "bad-order");
        }
        struct picture after = picture_take();
        EXPECT(picture_same(&before, &after));
        EXPECT_EQ(page_alloc_counts().failed, 0);
}

/* Interrupts are as they were after every call, on or off. */
TEST(page_alloc, interrupts_stay_as_they_were)
{
        machine_boot_pc(5 * GIB);
        for (unsigned int off = 0; off < 2; off++) {
                if (off)
                        local_irq_disable();
                for (unsigned int order = 0; order < MAX_ORDER; order++) {
                        struct page *page = alloc_pages(GFP_ATOMIC | __GFP_HIGHMEM, order);
                        EXPECT_EQ(irqs_disabled(), off);
                        __free_pages(page, order);
                        EXPECT_EQ(irqs_disabled(), off);
                }
                drain_local_pages();
                EXPECT_EQ(irqs_disabled(), off);
        }
        local_irq_enable();
        EXPECT_EQ(lock_debug_current()->count, 0);
}

TEST(page_alloc, sleeping_request_where_sleeping_is_forbidden)
{
        struct page *page = NULL;

        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        machine_boot_pc(64 * MIB);
        local_irq_disable();
        EXPECT_BUG(page = alloc_page(GFP_KERNEL), "sleep-in-atomic");
        EXPECT(page);
        __free_page(alloc_page(GFP_ATOMIC));
        local_irq_enable();
        preempt_disable();
        EXPECT_BUG(page = alloc_pages(GFP_USER, 3), "sleep-in-atomic");
        __free_page(alloc_page(GFP_NOWAIT));
        preempt_enable();
        __free_page(alloc_page(GFP_KERNEL));
}

/* Neighbouring requests get neighbouring pages; what was freed last is handed out first. */
TEST(page_alloc, hot_pages_come_back_first)
{
        machine_boot_pc(64 * MIB);
        struct page *first = alloc_page(GFP_KERNEL);
        struct page *second = alloc_page(GFP_KERNEL);

        __free_page(first);
        __free_page(second);
        EXPECT(alloc_page(GFP_KERNEL) == second);
        EXPECT(alloc_page(GFP_KERNEL) == first);
}

/* No page is handed out twice: each is marked with its own number, on all CPUs and in all zones. */
TEST(page_alloc, every_page_has_one_owner)
{
        static struct page *pages[20000];
        unsigned int count = 0;
        const struct machine_range ranges[] = {
                { MIB, 40 * MIB, MEMORY_RAM },
                { 900 * MIB, 904 * MIB, MEMORY_RAM },
        };

        machine_boot(ranges, ARRAY_SIZE(ranges));
        while ((pages[count] = alloc_page(GFP_ATOMIC | __GFP_HIGHMEM | __GFP_NOWARN))) {
                u32 number = count;

                ram_write(page_to_phys(pages[count]), &number, sizeof(number));
                host_cpu = count++ % NR_CPUS;
        }
        EXPECT(count > 3000);
        for (u32 index = 0; index < count; index++) {
                u32 number;

                ram_read(page_to_phys(pages[index]), &number, sizeof(number));
                REQUIRE(number == index);
        }
        for (u32 index = 0; index < count; index++)
                __free_page(pages[index]);
        mm_check();
}

TEST(page_alloc, drain_local_pages_drains_this_cpu)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();

        for (host_cpu = 0; host_cpu < NR_CPUS; host_cpu++)
                __free_page(alloc_page(GFP_KERNEL));
        host_cpu = 1;
        unsigned long kept = pcp_page_count(&zones[ZONE_NORMAL]);
        drain_local_pages();
        EXPECT_EQ(pcp_page_count(&zones[ZONE_NORMAL]), kept / NR_CPUS * (NR_CPUS - 1));
        drain_all_pages();
        struct picture after = picture_take();
        EXPECT(picture_same(&before, &after));
}

TEST(page_alloc, drain_all_pages_drains_every_cpu)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();

        for (host_cpu = 0; host_cpu < NR_CPUS; host_cpu++)
                for (unsigned int order = 0; order < PCP_ORDERS; order++)
                        __free_pages(alloc_pages(GFP_KERNEL, order), order);
        host_cpu = 0;
        drain_all_pages();
        EXPECT_EQ(host_cpu, 0);
        struct picture after = picture_take();
        EXPECT(picture_same(&before, &after));
}
