/* The census and the account of all RAM: they agree with every counter, and notice when not. */
#include "mm/debug/census.h"

#include "lib/bits.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/boot/bootmem.h"
#include "mm/claims.h"
#include "mm/debug/check.h"
#include "mm/phys/handover.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/pcp.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

#define PAGE ((u64)PAGE_SIZE)

static struct zone *const normal = &zones[ZONE_NORMAL];

/* The bytes of the row of a name; UINT64_MAX when there is no such row. */
static u64 row_bytes(const char *name)
{
        struct memory_account_row rows[MEMORY_ACCOUNT_ROWS_MAX];
        u64 total_bytes;
        unsigned int count = memory_account(rows, &total_bytes);

        for (unsigned int index = 0; index < count; index++)
                if (!strcmp(rows[index].name, name))
                        return rows[index].bytes;
        return UINT64_MAX;
}

/* HANDOVER-3: the sum of all rows is all RAM that the firmware listed. */
static void expect_account_adds_up(struct test_state *test, u64 firmware_bytes)
{
        struct memory_account_row rows[MEMORY_ACCOUNT_ROWS_MAX];
        u64 total_bytes, sum_bytes = 0;
        unsigned int count = memory_account(rows, &total_bytes);

        EXPECT(count <= MEMORY_ACCOUNT_ROWS_MAX);
        for (unsigned int index = 0; index < count; index++)
                sum_bytes += rows[index].bytes;
        EXPECT_EQ(total_bytes, firmware_bytes);
        EXPECT_EQ(sum_bytes, total_bytes);
}

TEST(census, counts_what_pages_are)
{
        struct page_census census;

        machine_boot_pc(64 * MIB);
        page_census_take(&census);
        unsigned long free_before = census.free[ZONE_NORMAL];
        EXPECT_EQ(census.ram, 63 * MIB / PAGE);
        EXPECT_EQ(census.cached[ZONE_NORMAL], 0);
        EXPECT_EQ(census.allocated[ZONE_NORMAL], 0);
        EXPECT_EQ(census.bootmem, handover_report.bootmem_pages);
        EXPECT_EQ(census.claimed, (MACHINE_IMAGE_END - MIB) / PAGE +
                                  DIV_ROUND_UP(handover_report.mem_map_bytes, PAGE));

        alloc_pages(GFP_KERNEL, 7);
        __free_page(alloc_page(GFP_KERNEL));
        alloc_pages(GFP_DMA, 10);
        page_census_take(&census);
        EXPECT_EQ(census.allocated[ZONE_NORMAL], 128);
        EXPECT_EQ(census.cached[ZONE_NORMAL], pcp_page_count(normal));
        EXPECT_EQ(census.free[ZONE_NORMAL], free_before - 128 - pcp_page_count(normal));
        EXPECT_EQ(census.allocated[ZONE_DMA], 1024);
        page_census_check();
}

TEST(census, account_of_an_ordinary_machine)
{
        machine_boot_pc(5 * GIB);
        expect_account_adds_up(test, 5 * GIB - (MIB - 640 * 1024));
        EXPECT_EQ(row_bytes("RAM below 1 MiB (left to firmware)"), 640 << 10);
        EXPECT_EQ(row_bytes("Kernel code"), MACHINE_RODATA_START - MACHINE_TEXT_START);
        EXPECT_EQ(row_bytes("mem_map"), handover_report.mem_map_bytes);
        EXPECT_EQ(row_bytes("Parts of pages"), 0);
        EXPECT_EQ(row_bytes("Normal free"), (u64)normal->free_pages << PAGE_SHIFT);
        EXPECT_EQ(row_bytes("Boot allocations"), (u64)handover_report.bootmem_pages << PAGE_SHIFT);
}

TEST(census, account_with_everything_at_once)
{
        const struct machine_range ranges[] = {
                { 0, 639 << 10, MEMORY_RAM },
                { MIB, 14 * MIB + 100, MEMORY_RAM },
                { 15 * MIB + 10, 15 * MIB + 20, MEMORY_RAM },
                { 15 * MIB + 4000, 15 * MIB + 9000, MEMORY_RAM },
                { 16 * MIB, 40 * MIB - 1, MEMORY_RAM },
                { 30 * MIB, 30 * MIB + 77, MEMORY_ACPI },
                { 900 * MIB + 1, 910 * MIB, MEMORY_RAM },
                { 64 * GIB, 64 * GIB + 12345, MEMORY_RAM },
                { UINT64_MAX - 5000, UINT64_MAX, MEMORY_RAM },
        };
        u64 firmware_bytes = 0;

        machine_options.physical_bits = 40;
        machine_start(ranges, ARRAY_SIZE(ranges));
        for (enum memory_kind kind = MEMORY_RAM; kind <= MEMORY_RAM_UNREACHABLE; kind++)
                firmware_bytes += memmap_bytes(&memmap, kind);
        memmap_convert(&memmap, 39 * MIB + 1, UINT64_MAX, MEMORY_RAM, MEMORY_RAM_CUT);
        memmap_convert(&memmap, 900 * MIB, GIB, MEMORY_RAM_CUT, MEMORY_RAM);
        memory_claim_add(2 * MIB + 1, 2 * MIB + 2, "one byte");
        memory_claim_add(2 * MIB + 2, 2 * MIB + 5000, "overlapping pages");
        memory_claim_add(901 * MIB - 1, 901 * MIB + 1, "high module");
        memory_claim_add(15 * MIB, 17 * MIB, "over a hole");
        machine_start_bootmem();
        machine_build_direct_map();
        machine_hand_over();
        mm_check();
        expect_account_adds_up(test, firmware_bytes);
        EXPECT_EQ(row_bytes("one byte"), PAGE);
        EXPECT_EQ(row_bytes("overlapping pages"), PAGE);
        EXPECT_EQ(row_bytes("high module"), 2 * PAGE);
        EXPECT(row_bytes("RAM above mem=") > 0);
        EXPECT(row_bytes("Parts of pages") > 0);
}

/* A module that is freed while bootmem is open becomes free memory, though its claim stays. */
TEST(census, account_of_a_freed_module)
{
        machine_start_pc(64 * MIB);
        memory_claim_add(8 * MIB, 9 * MIB, "module");
        machine_start_bootmem();
        machine_build_direct_map();
        free_bootmem(8 * MIB, MIB);
        machine_hand_over();
        mm_check();
        expect_account_adds_up(test, 64 * MIB - (MIB - 640 * 1024));
        EXPECT_EQ(row_bytes("module"), 0);
}

TEST(census, account_while_memory_is_used)
{
        struct random random;

        machine_boot_pc(64 * MIB);
        random_seed(&random, test->seed);
        for (unsigned int count = 0; count < 40; count++) {
                struct page *page = alloc_pages(GFP_KERNEL, random_below(&random, 6));

                if (page && random_one_in(&random, 2))
                        put_page(page);
                expect_account_adds_up(test, 64 * MIB - (MIB - 640 * 1024));
                page_census_check();
        }
}

/* As many claims as there can be fit into the account. */
TEST(census, account_with_every_claim)
{
        machine_start_pc(64 * MIB);
        for (u64 index = 0; memory_claim_count < MEMORY_CLAIMS_MAX - 1; index++)
                memory_claim_add(4 * MIB + index * 10000, 4 * MIB + index * 10000 + 4097, "module");
        machine_start_bootmem();
        machine_build_direct_map();
        machine_hand_over();
        expect_account_adds_up(test, 64 * MIB - (MIB - 640 * 1024));
}

TEST(census, account_on_random_maps)
{
        struct random random;

        random_seed(&random, test->seed);
        for (unsigned int round = 0; round < 8; round++) {
                struct machine_range ranges[10];
                u64 firmware_bytes = 0;

                ranges[0] = (struct machine_range){ MIB, 24 * MIB, MEMORY_RAM };
                for (unsigned int index = 1; index < ARRAY_SIZE(ranges); index++) {
                        u64 start = (u64)random_below(&random, 1u << 30) + 24 * MIB;
                        bool is_ram = !random_one_in(&random, 4);

                        ranges[index] = (struct machine_range){
                                start, start + random_below(&random, 1u << 20),
                                is_ram ? MEMORY_RAM : MEMORY_RESERVED,
                        };
                }
                machine_start(ranges, ARRAY_SIZE(ranges));
                for (enum memory_kind kind = MEMORY_RAM; kind <= MEMORY_RAM_UNREACHABLE; kind++)
                        firmware_bytes += memmap_bytes(&memmap, kind);
                machine_start_bootmem();
                machine_build_direct_map();
                machine_hand_over();
                mm_check();
                expect_account_adds_up(test, firmware_bytes);
        }
}

/* The check itself, each invariant broken by hand. */
TEST(census, finds_a_damaged_tail)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 3);

        page_set_block(page + 5, PAGE_FREE, 0);
        EXPECT_PANIC(mm_check(), "PAGE-1");
}

TEST(census, finds_a_tail_without_head)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 3);

        page_set_block(page, PAGE_ALLOCATED, 2);
        EXPECT_PANIC(page_census_check(), "PAGE-2");
}

TEST(census, finds_an_impossible_order)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 3);

        page_set_block(page, PAGE_ALLOCATED, 15);
        EXPECT_PANIC(page_census_check(), "PAGE-2");
}

/* A block whose order makes it reach beyond the RAM that it lies in. */
TEST(census, finds_a_block_beyond_ram)
{
        const struct machine_range ranges[] = {
                { MIB, 20 * MIB, MEMORY_RAM }, { 900 * MIB, 900 * MIB + 4 * PAGE, MEMORY_RAM },
        };

        machine_boot(ranges, ARRAY_SIZE(ranges));
        struct page *page = pfn_to_page((pfn_t)(900 * MIB >> PAGE_SHIFT));
        for (unsigned int index = 4; index < 8; index++)
                page_set_block(page + index, PAGE_TAIL, 0);
        page_set_block(page, PAGE_FREE, 3);
        EXPECT_PANIC(page_census_check(), "PAGE-2");
}

TEST(census, finds_a_wrong_free_count)
{
        machine_boot_pc(64 * MIB);
        normal->free_pages++;
        EXPECT_PANIC(page_census_check(), "BUDDY-3");
}

TEST(census, finds_a_page_missing_on_the_lists)
{
        machine_boot_pc(64 * MIB);
        __free_page(alloc_page(GFP_KERNEL));
        this_cpu_ptr(pcp_list_of(normal, 0))->blocks.top--;
        EXPECT_PANIC(page_census_check(), "PCP-1");
}

/* ZONE-3: what a zone manages is free, cached or allocated. */
TEST(census, finds_a_wrong_managed_count)
{
        machine_boot_pc(64 * MIB);
        normal->managed_pages++;
        EXPECT_PANIC(page_census_check(), "ZONE-3");
}

TEST(census, finds_a_page_lost_by_its_zone)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);

        page_set_block(page, PAGE_RESERVED, 0);
        normal->managed_pages--;
        EXPECT_PANIC(page_census_check(), "HANDOVER-3");
}

TEST(census, finds_a_page_claimed_later)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);

        page_set_block(page, PAGE_RESERVED, 0);
        memory_claim_add(page_to_phys(page), page_to_phys(page) + 1, "stolen");
        EXPECT_PANIC(page_census_check(), "ZONE-3");
}

TEST(census, finds_wrong_marks)
{
        machine_boot_pc(64 * MIB);
        normal->watermark[WATERMARK_LOW] = normal->watermark[WATERMARK_MIN] - 1;
        EXPECT_PANIC(mm_check(), "ZONE-2");
}

TEST(census, finds_marks_out_of_order)
{
        machine_boot_pc(64 * MIB);
        normal->watermark[WATERMARK_HIGH] = normal->watermark[WATERMARK_LOW] - 1;
        EXPECT_PANIC(mm_check(), "ZONE-2");
}

TEST(census, finds_a_zone_that_breaks_a_promise)
{
        machine_boot_four_zones();
        zone_lists[0].zones[0] = &zones[ZONE_HIGHMEM];
        EXPECT_PANIC(mm_check(), "ZONE-1");
}

TEST(census, finds_a_zone_beyond_the_limit)
{
        machine_boot_four_zones();
        zone_lists[__GFP_DMA].zones[0] = normal;
        EXPECT_PANIC(mm_check(), "ZONE-1");
}

TEST(census, finds_a_zone_list_in_the_wrong_order)
{
        machine_boot_four_zones();
        zone_lists[__GFP_HIGHMEM].zones[0] = &zones[ZONE_DMA32];
        zone_lists[__GFP_HIGHMEM].zones[1] = &zones[ZONE_HIGHMEM];
        EXPECT_PANIC(mm_check(), "ZONE-1");
}

TEST(census, finds_a_damaged_map)
{
        machine_boot_pc(64 * MIB);
        memmap.ranges[0].end = 0;
        EXPECT_PANIC(mm_check(), "MEMMAP-1");
}

/* PCP-1 while tasks run: a block that one of them is just taking is on no list. */
TEST(census, block_between_list_and_task)
{
        machine_boot_pc(64 * MIB);
        __free_page(alloc_page(GFP_KERNEL));
        struct pcp_list *list = pcp_list_of(normal, 0);
        struct page *page = this_cpu_stack_pop(&list->blocks);

        REQUIRE(page);
        mm_check_running();
        EXPECT_PANIC(mm_check(), "PCP-1");
        page_set_block(page, PAGE_ALLOCATED, 0);
        mm_check();
        __free_page(page);
        mm_check();
}

/* But one that is on two lists is wrong, whoever runs. */
TEST(census, block_on_two_lists)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        struct pcp_list *list = pcp_list_of(normal, 0);

        pcp_give(list, page);
        host_cpu = 1;
        pcp_give(list, page);
        EXPECT_PANIC(mm_check_running(), "PCP-1");
}
