/*
 * The hand-over: every page of RAM that nobody has goes to its zone, exactly once, on machines from
 * the smallest to the largest and with maps as odd as they come.
 */
#include "mm/phys/handover.h"

#include "lib/bits.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/boot/bootmem.h"
#include "mm/claims.h"
#include "mm/debug/check.h"
#include "mm/layout.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/ram.h"

#define PAGE ((u64)PAGE_SIZE)

/* Which low pages bootmem had free before the hand-over; its bitmap's pages count as free. */
static bool was_free[DIRECT_MAP_BYTES >> PAGE_SHIFT];
static unsigned long was_free_count;

/* Where the bitmap ends, while it is bootmem's only allocation: it lies after the image. */
static pfn_t find_bitmap_end(void)
{
        pfn_t pfn = MACHINE_IMAGE_END >> PAGE_SHIFT;

        while (!bootmem_page_is_free(pfn) && !memory_claim_find(pfn * PAGE, pfn * PAGE + 1))
                pfn++;
        return pfn;
}

/* Note what bootmem has, on a machine that is ready to be handed over. */
static void note_bootmem(pfn_t bitmap_end)
{
        was_free_count = 0;
        for (pfn_t pfn = 0; pfn < ARRAY_SIZE(was_free); pfn++) {
                bool is_bitmap = pfn >= MACHINE_IMAGE_END >> PAGE_SHIFT && pfn < bitmap_end;

                was_free[pfn] = is_bitmap || bootmem_page_is_free(pfn);
                was_free_count += was_free[pfn];
        }
}

/* Whether the allocator has a page, right after the hand-over. */
static bool is_given(pfn_t pfn)
{
        return page_state(pfn_to_page(pfn)) != PAGE_RESERVED;
}

/* HANDOVER-2 for low memory: whatever was given was free; of the rest, all but boot allocations. */
static void expect_low_right(struct test_state *test)
{
        unsigned long given_count = 0;

        for (pfn_t pfn = 0; pfn < max_low_pfn; pfn++) {
                if (!is_given(pfn))
                        continue;
                given_count++;
                REQUIRE(was_free[pfn]);
                REQUIRE(!memory_claim_find(pfn * PAGE, pfn * PAGE + PAGE));
                REQUIRE(memmap_contains(&memmap, pfn * PAGE, pfn * PAGE + PAGE, MEMORY_RAM));
        }

        unsigned long taken_bytes = handover_report.mem_map_bytes;
        unsigned long owners_bytes = mem_map_count * 2 * sizeof(void *);
        unsigned long missing = was_free_count - given_count;

        EXPECT(missing >= taken_bytes / PAGE);
        EXPECT(missing <= (taken_bytes + (DEBUG_BUILD ? owners_bytes : 0)) / PAGE + 4);
}

/* For high memory it is simple: RAM that nobody claims. */
static bool should_be_given(pfn_t pfn)
{
        return memmap_contains(&memmap, pfn * PAGE, pfn * PAGE + PAGE, MEMORY_RAM) &&
               !memory_claim_find(pfn * PAGE, pfn * PAGE + PAGE);
}

/* Each page of high memory is given exactly if it should be. */
static void expect_high_right(struct test_state *test)
{
        for (pfn_t pfn = max_low_pfn; pfn < mem_map_count; pfn++)
                REQUIRE(is_given(pfn) == should_be_given(pfn));
}

/* Each given page belongs to the zone of its address. */
static void expect_zones_right(struct test_state *test)
{
        for (pfn_t pfn = 0; pfn < mem_map_count; pfn++)
                if (is_given(pfn))
                        REQUIRE(zone_of_page(pfn_to_page(pfn)) == zone_of_pfn(pfn));
}

/* Hand over a machine that was started, and look at every page. */
static void hand_over_and_look(struct test_state *test)
{
        machine_start_bootmem();
        pfn_t bitmap_end = find_bitmap_end();
        machine_build_direct_map();
        note_bootmem(bitmap_end);
        machine_hand_over();
        mm_check();
        expect_low_right(test);
        expect_high_right(test);
        expect_zones_right(test);
        EXPECT_EQ(machine_stray_page(), RAM_NONE);
}

TEST(handover, machines_of_many_sizes)
{
        const u64 sizes[] = {
                3 * MIB, 5 * MIB, 8 * MIB, 15 * MIB, 16 * MIB, 17 * MIB, 64 * MIB,
                512 * MIB, 896 * MIB, 897 * MIB, GIB, 4 * GIB, 5 * GIB,
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(sizes); index++) {
                machine_start_pc(sizes[index]);
                hand_over_and_look(test);
        }
}

/* The largest: 70 GiB, of which the last frame lies at 71 GiB. */
TEST(handover, seventy_gib)
{
        machine_start_pc(70 * GIB);
        hand_over_and_look(test);
        EXPECT_EQ(handover_report.unreachable_bytes, 0);
        EXPECT_EQ(mem_map_count, 71 * GIB / PAGE);
}

TEST(handover, holes_and_fragments)
{
        const struct machine_range ranges[] = {
                { 0, 639 << 10, MEMORY_RAM },
                { MIB, 14 * MIB + 100, MEMORY_RAM },
                { 14 * MIB + 300, 15 * MIB - 1, MEMORY_RAM },
                { 15 * MIB + PAGE + 1, 15 * MIB + 2 * PAGE + 1, MEMORY_RAM },
                { 16 * MIB - PAGE, 16 * MIB + PAGE, MEMORY_RAM },
                { 20 * MIB + 5, 40 * MIB - 5, MEMORY_RAM },
                { 30 * MIB, 30 * MIB + 1, MEMORY_BAD },
                { 895 * MIB + 7 * PAGE + 1, 897 * MIB + 3 * PAGE + 1, MEMORY_RAM },
                { 4 * GIB - 3 * PAGE, 4 * GIB + 5 * PAGE, MEMORY_RAM },
                { 4 * GIB + 6 * PAGE - 1, 4 * GIB + 7 * PAGE - 1, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        hand_over_and_look(test);
}

TEST(handover, modules_in_low_memory)
{
        machine_start_pc(64 * MIB);
        memory_claim_add(2 * MIB, 2 * MIB + 1, "one byte");
        memory_claim_add(3 * MIB - 1, 3 * MIB + 1, "across two pages");
        memory_claim_add(4 * MIB + 100, 9 * MIB + 100, "large");
        memory_claim_add(5 * MIB, 6 * MIB, "inside another");
        memory_claim_add(64 * MIB - 1, 64 * MIB, "at the end");
        hand_over_and_look(test);
}

TEST(handover, modules_in_high_memory)
{
        machine_start_pc(6 * GIB);
        memory_claim_add(896 * MIB - 1, 896 * MIB + 1, "across the end of the direct map");
        memory_claim_add(GIB, GIB + 1, "one byte");
        memory_claim_add(GIB + PAGE, GIB + 2 * PAGE, "the next page");
        memory_claim_add(2 * GIB + 1, 2 * GIB + 5 * MIB, "odd start");
        memory_claim_add(2 * GIB + MIB, 2 * GIB + 2 * MIB, "inside another");
        memory_claim_add(2 * GIB + 4 * MIB, 2 * GIB + 7 * MIB, "overlapping another");
        memory_claim_add(3 * GIB - MIB, 5 * GIB, "across the hole");
        memory_claim_add(7 * GIB - 1, 7 * GIB, "at the end");
        memory_claim_add(100 * GIB, 101 * GIB, "beyond all");
        hand_over_and_look(test);
}

TEST(handover, high_memory_all_claimed)
{
        const struct machine_range ranges[] = {
                { MIB, 40 * MIB, MEMORY_RAM }, { 900 * MIB, 901 * MIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        memory_claim_add(899 * MIB, 902 * MIB, "all of it");
        hand_over_and_look(test);
        EXPECT_EQ(zones[ZONE_HIGHMEM].managed_pages, 0);
        EXPECT(!PageHighMem(alloc_page(GFP_HIGHUSER)));
}

/* Random maps and claims. */
TEST(handover, random_machines)
{
        struct random random;

        random_seed(&random, test->seed);
        for (unsigned int round = 0; round < 12; round++) {
                struct machine_range ranges[12];

                ranges[0] = (struct machine_range){ MIB, 24 * MIB, MEMORY_RAM };
                for (unsigned int index = 1; index < ARRAY_SIZE(ranges); index++) {
                        u64 start = (u64)random_below(&random, 1u << 20) * 1000 + 24 * MIB;
                        bool is_ram = !random_one_in(&random, 4);

                        ranges[index] = (struct machine_range){
                                start, start + random_below(&random, 5u << 20),
                                is_ram ? MEMORY_RAM : MEMORY_RESERVED,
                        };
                }
                machine_start(ranges, ARRAY_SIZE(ranges));
                for (unsigned int count = random_below(&random, 8); count > 0; count--) {
                        u64 start = ranges[1 + random_below(&random, 11)].start;

                        start += random_below(&random, 1u << 20);
                        memory_claim_add(start, start + random_below(&random, 3u << 20), "module");
                }
                hand_over_and_look(test);
        }
}

/* Everything that was given can be allocated, and nothing else. */
TEST(handover, all_that_was_given_can_be_had)
{
        unsigned long count = 0;

        machine_boot_pc(24 * MIB);
        unsigned long managed = zones[ZONE_DMA].managed_pages + zones[ZONE_NORMAL].managed_pages;
        for (struct zone *zone = zones; zone < zones + MAX_NR_ZONES; zone++) {
                memset(zone->watermark, 0, sizeof(zone->watermark));
                memset(zone->reserve, 0, sizeof(zone->reserve));
        }
        while (alloc_page(GFP_KERNEL | __GFP_NOWARN))
                count++;
        EXPECT_EQ(count, managed);
        mm_check();
}

/* RAM whose descriptors would take more than half of low memory is given up, from the top. */
TEST(handover, ram_out_of_mem_maps_reach)
{
        const struct machine_range ranges[] = {
                { MIB, 32 * MIB, MEMORY_RAM },
                { 900 * MIB, 901 * MIB, MEMORY_RAM },
                { 64 * GIB, 64 * GIB + 3 * MIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        hand_over_and_look(test);
        EXPECT_EQ(handover_report.unreachable_bytes, 3 * MIB);
        EXPECT_EQ(memmap_bytes(&memmap, MEMORY_RAM_UNREACHABLE), 3 * MIB);
        EXPECT_EQ(memmap_end(&memmap, MEMORY_RAM), 901 * MIB);
        EXPECT(zones[ZONE_HIGHMEM].managed_pages == 256);
        EXPECT(!zones[ZONE_DMA32].managed_pages);
}

/* What is left of the RAM decides how many descriptors there are, not what was given up. */
TEST(handover, mem_map_describes_only_what_is_left)
{
        const struct machine_range ranges[] = {
                { MIB, 64 * MIB, MEMORY_RAM }, { 1024 * GIB, 1025 * GIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        hand_over_and_look(test);
        EXPECT_EQ(mem_map_count, 64 * MIB / PAGE);
        EXPECT_EQ(handover_report.mem_map_bytes, mem_map_count * sizeof(struct page));
        EXPECT_EQ(handover_report.unreachable_bytes, GIB);
}

/* A range that is cut in the middle: its lower part stays. */
TEST(handover, range_partly_out_of_reach)
{
        const struct machine_range ranges[] = {
                { MIB, 32 * MIB, MEMORY_RAM }, { GIB, 32 * GIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        hand_over_and_look(test);
        u64 unreachable = handover_report.unreachable_bytes;
        EXPECT(unreachable > 0 && unreachable < 31 * GIB);
        EXPECT_EQ(memmap_bytes(&memmap, MEMORY_RAM) + unreachable, 31 * GIB + 31 * MIB);
        EXPECT(zones[ZONE_HIGHMEM].managed_pages > 0);
}

/* No more is given up than must be: what is left takes all the room that mem_map may have. */
TEST(handover, ram_just_out_of_reach_costs_no_more_than_that)
{
        u64 low_bytes = 64 * MIB, reach = low_bytes / 2 / sizeof(struct page) * PAGE;
        const struct machine_range ranges[] = {
                { MIB, low_bytes, MEMORY_RAM }, { GIB, reach + MIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        hand_over_and_look(test);
        EXPECT(handover_report.unreachable_bytes > 0);
        EXPECT(handover_report.unreachable_bytes < reach / 16);
}

/* Half of low memory is free, but nowhere in one piece. */
TEST(handover, low_memory_in_pieces)
{
        const struct machine_range ranges[] = {
                { MIB, 8 * MIB, MEMORY_RAM }, { 16 * MIB, 20 * MIB, MEMORY_RAM },
                { 32 * MIB, 36 * MIB, MEMORY_RAM }, { 48 * MIB, 52 * MIB, MEMORY_RAM },
                { GIB, 3 * GIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        hand_over_and_look(test);
        EXPECT(handover_report.unreachable_bytes > 0);
        EXPECT(memmap_end(&memmap, MEMORY_RAM) >= 52 * MIB);
}

TEST(handover, descriptors_are_a_multiple_of_the_largest_block)
{
        const u64 sizes[] = { 3 * MIB, 5 * MIB, 17 * MIB, 897 * MIB, 5 * GIB + PAGE };

        for (unsigned int index = 0; index < ARRAY_SIZE(sizes); index++) {
                machine_boot_pc(sizes[index]);
                EXPECT(IS_ALIGNED(mem_map_count, MAX_ORDER_PAGES));
                EXPECT((u64)mem_map_count * PAGE >= memmap_end(&memmap, MEMORY_RAM));
        }
}

TEST(handover, no_room_for_any_descriptor_panics)
{
        machine_start_pc(24 * MIB);
        machine_start_bootmem();
        while (bootmem_free_page_count() > 2)
                bootmem_alloc(PAGE, PAGE, 0, DIRECT_MAP_BYTES);
        EXPECT_PANIC(handover(&memmap, 0), "no room for the descriptors");
}

TEST(handover, bootmem_is_closed_afterwards)
{
        machine_boot_pc(24 * MIB);
        EXPECT_PANIC(alloc_bootmem(100), "alloc_bootmem(100) after bootmem was handed over");
        EXPECT_PANIC(alloc_bootmem_low_pages(1), "after");
        EXPECT_PANIC(free_bootmem(20 * MIB, PAGE_SIZE), "after");
        EXPECT_PANIC(bootmem_alloc(1, 1, 0, GIB), "after");
}

/* A first zone-straddling range: present pages count RAM whether given or not. */
TEST(handover, present_pages_count_all_ram)
{
        machine_boot_pc(5 * GIB);
        EXPECT_EQ(zones[ZONE_DMA].present_pages, 15 * MIB / PAGE);
        EXPECT_EQ(zones[ZONE_NORMAL].present_pages, 880 * MIB / PAGE);
        EXPECT_EQ(zones[ZONE_DMA32].present_pages, (3 * GIB - 896 * MIB) / PAGE);
        EXPECT_EQ(zones[ZONE_HIGHMEM].present_pages, 2 * GIB / PAGE);
        for (struct zone *zone = zones; zone < zones + MAX_NR_ZONES; zone++)
                EXPECT(zone->managed_pages <= zone->present_pages);
}

/* The claim that names mem_map covers it exactly. */
TEST(handover, mem_map_is_claimed)
{
        machine_boot_pc(64 * MIB);
        const struct memory_claim *claim = memory_claim_find(__pa(mem_map), __pa(mem_map) + 1);

        REQUIRE(claim);
        EXPECT(strcmp(claim->name, "mem_map") == 0);
        EXPECT_EQ(claim->start, __pa(mem_map));
        EXPECT_EQ(claim->end - claim->start, mem_map_count * sizeof(struct page));
}
