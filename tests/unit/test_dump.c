/* The pages of memory as the monitor prints them: layout, sums, and what damage looks like. */
#include "lib/format.h"
#include "mm/claims.h"
#include "mm/debug/dump_memory.h"
#include "mm/debug/dump_page.h"
#include "mm/debug/dump_zones.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

/* Whether something printed in this test has part. */
static bool printed(const char *part)
{
        return host_text_contains(host_printed_text(), part);
}

TEST(dump, meminfo_adds_up)
{
        machine_boot_pc(64 * MIB);
        host_forget_output();
        EXPECT(dump_meminfo());
        EXPECT(printed("MemTotal:       "));
        EXPECT(printed("HighTotal:             0 kB\n"));
        EXPECT(printed("\n  Normal free "));
        EXPECT(printed("\nThe rows add up: the map has as much.\n"));
}

TEST(dump, meminfo_counts_high_memory)
{
        machine_boot_pc(2 * GIB);
        host_forget_output();
        EXPECT(dump_meminfo());
        EXPECT(!printed("HighTotal:             0 kB\n"));
        EXPECT(printed("\n  HighMem free "));
}

TEST(dump, meminfo_says_when_nothing_is_to_be_had)
{
        machine_boot_pc(64 * MIB);
        while (alloc_pages(GFP_ATOMIC | __GFP_NOWARN, 0))
                continue;
        host_forget_output();
        EXPECT(dump_meminfo());
        EXPECT(printed("MemAvailable:          0 kB\n"));
}

TEST(dump, meminfo_says_when_rows_do_not_add_up)
{
        machine_boot_pc(64 * MIB);
        mem_map_count = ISA_WINDOW_BYTES >> PAGE_SHIFT;         /* hides the claims above */
        host_forget_output();
        EXPECT(!dump_meminfo());
        EXPECT(printed("\nThe rows do NOT add up: the map has "));
}

TEST(dump, names_from_outside_are_made_printable)
{
        machine_start_pc(64 * MIB);
        memory_claim_add(32 * MIB, 33 * MIB,
                         "a\033[2J\377b, and so long that it has to be cut off");
        machine_start_bootmem();
        machine_build_direct_map();
        machine_hand_over();
        host_forget_output();
        dump_iomem();
        EXPECT(printed("\n  02000000-020fffff : a?[2J?b, and so long"));
        EXPECT(!printed("cut off"));
}

TEST(dump, iomem_shows_claims_inside_ram)
{
        machine_boot_pc(6 * GIB);
        host_forget_output();
        dump_iomem();
        EXPECT(printed("\n00100000-bfffffff : System RAM\n"));
        EXPECT(printed(" : mem_map\n"));
        EXPECT(printed(" : Boot allocations\n"));
        EXPECT(printed("\n100000000-1bfffffff : System RAM\n"));
        EXPECT(printed("00000000-0009ffff : RAM below 1 MiB (left to firmware)\n"));
}

TEST(dump, buddyinfo_has_a_line_for_each_zone)
{
        machine_boot_pc(6 * GIB);
        host_forget_output();
        dump_buddyinfo();
        EXPECT(printed("Node 0, zone      DMA "));
        EXPECT(printed("\nNode 0, zone   Normal "));
        EXPECT(printed("\nNode 0, zone    DMA32 "));
        EXPECT(printed("\nNode 0, zone  HighMem "));
}

TEST(dump, zoneinfo_has_marks_and_lists)
{
        char line[80];

        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        REQUIRE(page);
        host_forget_output();
        dump_zoneinfo();
        snprintf(line, sizeof(line),
                 "Node 0, zone   Normal\n  pages free     %lu\n        min      %lu\n",
                 zones[ZONE_NORMAL].free_pages, zones[ZONE_NORMAL].watermark[WATERMARK_MIN]);
        EXPECT(printed(line));
        EXPECT(printed("  pagesets\n    cpu: 0\n              order: 0\n              count: "));
        EXPECT(printed("Node 0, zone  HighMem\n  pages free     0\n"));
        __free_page(page);
}

TEST(dump, zoneinfo_leaves_out_lists_that_keep_nothing)
{
        machine_boot_pc(4 * MIB);
        host_forget_output();
        dump_zoneinfo();
        EXPECT(!printed("order: 4\n"));
}

TEST(dump, pagetypes_count_blocks_and_pages)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 9);
        REQUIRE(page);
        host_forget_output();
        dump_pagetypes();
        EXPECT(printed("Block count per state at order"));
        EXPECT(printed("\nNode    0, zone   Normal, type    Allocated      0      0      0      0 "
                       "     0      0      0      0      0      1      0 \n"));
        EXPECT(printed("\nNumber of pages           Reserved         Free       Cached "));
        EXPECT(printed("          512 \n"));
        __free_pages(page, 9);
}

TEST(dump, pagetypes_survive_damage)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 3);
        REQUIRE(page);
        u32 flags = page->flags;
        page->flags |= PAGE_ORDER_MASK;
        dump_pagetypes();
        page->flags = flags;
        __free_pages(page, 3);
}

TEST(dump, page_in_every_state)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_pages(GFP_KERNEL, 2);
        REQUIRE(page);
        host_forget_output();
        dump_page(page);
        EXPECT(printed("  state   allocated\n"));
        EXPECT(printed("  block   order 2, "));
        dump_page(page + 1);
        EXPECT(printed("  state   inside a block\n"));
        EXPECT(printed("  head    allocated, refcount 1\n"));
        __free_pages(page, 2);
        dump_page(page);
        EXPECT(printed("  state   on a CPU's list\n"));
        drain_local_pages();
        dump_page(page_block_head(page));
        EXPECT(printed("  state   free\n"));
}

/* The first page that bootmem gave away for good. */
static struct page *first_boot_allocation(void)
{
        for (pfn_t pfn = ISA_WINDOW_BYTES >> PAGE_SHIFT; pfn < max_low_pfn; pfn++) {
                u64 start = (u64)pfn << PAGE_SHIFT;

                if (page_state(pfn_to_page(pfn)) == PAGE_RESERVED &&
                    !memory_claim_find(start, start + PAGE_SIZE))
                        return pfn_to_page(pfn);
        }
        return NULL;
}

TEST(dump, reserved_page_says_for_what)
{
        machine_boot_pc(64 * MIB);
        host_forget_output();
        dump_page(virt_to_page(mem_map));
        EXPECT(printed("  for     mem_map\n"));
        dump_page(pfn_to_page(0));
        EXPECT(printed("  for     no RAM of the page allocator's\n"));
        dump_page(first_boot_allocation());
        EXPECT(printed("  for     boot allocations\n"));
}

TEST(dump, high_page_has_no_address)
{
        machine_boot_pc(2 * GIB);
        struct page *page = alloc_page(GFP_HIGHUSER);
        REQUIRE(page);
        host_forget_output();
        dump_page(page);
        EXPECT(printed(" address:none\n"));
        __free_page(page);
}

TEST(dump, damaged_page_is_called_so)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        REQUIRE(page);
        u32 flags = page->flags;
        page->flags |= PAGE_STATE_MASK;
        host_forget_output();
        dump_page(page);
        EXPECT(printed("  state   in no known state\n"));
        page_set_block(page, PAGE_TAIL, 0);
        dump_page(page);
        EXPECT(printed("  block   none: the descriptors are damaged\n"));
        page->flags = flags;
        __free_page(page);
}
