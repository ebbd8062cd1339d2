/* Boot memory: the five calls, one by one. Random streams are in tests/fuzz/fuzz_bootmem.c. */
#include "mm/boot/bootmem.h"

#include "kernel/cpu/address.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/claims.h"
#include "mm/layout.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/ram.h"

#define PAGE ((unsigned long)PAGE_SIZE)

/* Where the bitmap lies on machines of these tests: at the first place that nobody claims. */
#define BITMAP_ADDRESS MACHINE_IMAGE_END

/* A machine of 24 MiB with a hole below 16 MiB, and bootmem on it. */
static void start_small(void)
{
        const struct machine_range ranges[] = {
                { 0, 640 << 10, MEMORY_RAM },
                { MIB, 15 * MIB, MEMORY_RAM },
                { 15 * MIB, 16 * MIB, MEMORY_RESERVED },
                { 16 * MIB, 24 * MIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        machine_start_bootmem();
}

/* The physical address of what an allocation returned. */
static phys_addr_t physical(const void *memory)
{
        return __pa(memory);
}

/* Set or clear a frame's bit in the bitmap behind bootmem's back. */
static void spoil_bit(pfn_t pfn, bool taken)
{
        u32 *word = (u32 *)__va(BITMAP_ADDRESS) + pfn / 32;

        *word = taken ? *word | BIT(pfn % 32) : *word & ~BIT(pfn % 32);
}

/* Whether every byte of memory is zero. */
static bool is_zero(const void *memory, size_t bytes)
{
        return !memchr_inv(memory, 0, bytes);
}

/* BOOTMEM-1 and BOOTMEM-2: what is free at first is RAM, entirely, and claimed by nobody. */
static bool page_should_be_free(pfn_t pfn)
{
        u64 start = (u64)pfn << PAGE_SHIFT;

        return memmap_contains(&memmap, start, start + PAGE, MEMORY_RAM) &&
               !memory_claim_find(start, start + PAGE) && start != BITMAP_ADDRESS;
}

TEST(bootmem, what_is_free_at_first_is_unclaimed_ram)
{
        const struct machine_range ranges[] = {
                { 0, 640 << 10, MEMORY_RAM },
                { MIB, 3 * MIB + 100, MEMORY_RAM },
                { 3 * MIB + 5000, 3 * MIB + 9000, MEMORY_RAM },         /* holds no whole page */
                { 4 * MIB - 1, 5 * MIB + PAGE - 1, MEMORY_RAM },
                { 5 * MIB + 3 * PAGE, 5 * MIB + 4 * PAGE, MEMORY_RAM },
                { 7 * MIB + 1, 9 * MIB, MEMORY_ACPI },
                { 10 * MIB, 11 * MIB + 123, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        memory_claim_add(2 * MIB + 1, 2 * MIB + 2, "one byte");
        memory_claim_add(2 * MIB + 3 * PAGE - 1, 2 * MIB + 3 * PAGE + 1, "two pages' edges");
        memory_claim_add(10 * MIB, 900 * MIB, "beyond the end");
        memory_claim_add(1ull << 40, 1ull << 41, "beyond low memory");
        machine_start_bootmem();
        bootmem_check();
        for (pfn_t pfn = 0; pfn < 16 * MIB >> PAGE_SHIFT; pfn++)
                EXPECT_EQ(bootmem_page_is_free(pfn), page_should_be_free(pfn));
        EXPECT(!bootmem_page_is_free(UINT32_MAX));
}

TEST(bootmem, free_pages_are_counted)
{
        unsigned long count = 0;

        start_small();
        for (pfn_t pfn = 0; pfn < 24 * MIB >> PAGE_SHIFT; pfn++)
                count += bootmem_page_is_free(pfn);
        EXPECT_EQ(bootmem_free_page_count(), count);
        EXPECT_EQ(count, (22 * MIB - (MACHINE_IMAGE_END - MIB)) / PAGE - 1);
}

TEST(bootmem, only_low_memory_is_managed)
{
        machine_start_pc(2 * GIB);
        machine_start_bootmem();
        EXPECT(bootmem_page_is_free(DIRECT_MAP_END_PFN - 1));
        EXPECT(!bootmem_page_is_free(DIRECT_MAP_END_PFN));
        EXPECT_EQ(bootmem_free_page_count(), (DIRECT_MAP_BYTES - MACHINE_IMAGE_END) / PAGE - 7);
        bootmem_check();
}

TEST(bootmem, bitmap_avoids_claims)
{
        machine_start_pc(24 * MIB);
        memory_claim_add(MACHINE_IMAGE_END + 10, 3 * MIB, "module");
        memory_claim_add(3 * MIB + PAGE - 1, 4 * MIB + 1, "module");
        machine_start_bootmem();
        EXPECT(!bootmem_page_is_free((4 * MIB >> PAGE_SHIFT) + 1));
        EXPECT(bootmem_page_is_free((4 * MIB >> PAGE_SHIFT) + 2));
        EXPECT(bootmem_page_is_free((3 * MIB >> PAGE_SHIFT) - 1) == false);
        EXPECT_EQ(ram_next_touched(0), 4 * MIB + PAGE);
}

TEST(bootmem, bitmap_moves_to_the_next_range_when_the_first_is_full)
{
        const struct machine_range ranges[] = {
                { MIB, 2 * MIB, MEMORY_RAM },
                { 8 * MIB, 9 * MIB, MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
        memory_claim_add(MACHINE_IMAGE_END, 2 * MIB, "module");
        machine_start_bootmem();
        EXPECT_EQ(ram_next_touched(0), 8 * MIB);
        EXPECT_EQ(bootmem_free_page_count(), 255);
}

TEST(bootmem, no_room_for_the_bitmap_panics)
{
        const struct machine_range ranges[] = { { MIB, 2 * MIB, MEMORY_RAM } };

        machine_start(ranges, ARRAY_SIZE(ranges));
        memory_claim_add(MACHINE_IMAGE_END, 2 * MIB, "module");
        EXPECT_PANIC(machine_start_bootmem(), "4096 bytes");
}

TEST(bootmem, no_low_ram_at_all_panics)
{
        const struct machine_range ranges[] = { { 4 * GIB, 5 * GIB, MEMORY_RAM } };

        machine_start(ranges, ARRAY_SIZE(ranges));
        EXPECT_PANIC(machine_start_bootmem(), "low memory");
}

TEST(bootmem, calls_before_init_panic)
{
        machine_start_pc(24 * MIB);
        EXPECT_PANIC(alloc_bootmem(100), "alloc_bootmem(100) before");
        EXPECT_PANIC(bootmem_alloc(100, 1, 0, MIB), "bootmem_alloc(100) before");
        EXPECT_PANIC(free_bootmem(MIB, 200), "free_bootmem(200) before");
}

TEST(bootmem, calls_after_close_panic)
{
        pfn_t first, end;

        start_small();
        bootmem_close(&first, &end);
        EXPECT_EQ(first, BITMAP_ADDRESS >> PAGE_SHIFT);
        EXPECT_EQ(end, first + 1);
        EXPECT_PANIC(alloc_bootmem(100), "alloc_bootmem(100) after bootmem was handed over");
        EXPECT_PANIC(alloc_bootmem_low(1), "after");
        EXPECT_PANIC(alloc_bootmem_pages(1), "after");
        EXPECT_PANIC(alloc_bootmem_low_pages(1), "after");
        EXPECT_PANIC(bootmem_alloc(1, 1, 0, GIB), "after");
        EXPECT_PANIC(free_bootmem(20 * MIB, 1), "free_bootmem(1) after");
        EXPECT_PANIC(bootmem_close(&first, &end), "after");
}

TEST(bootmem, four_calls_keep_their_promises)
{
        start_small();
        const void *normal = alloc_bootmem(100);
        const void *low = alloc_bootmem_low(100);
        const void *pages = alloc_bootmem_pages(100);
        const void *low_pages = alloc_bootmem_low_pages(100);

        EXPECT(physical(normal) >= ZONE_DMA_END_ADDRESS);
        EXPECT(IS_ALIGNED(physical(normal), BOOTMEM_CACHE_LINE_BYTES));
        EXPECT(physical(low) + 100 <= ZONE_DMA_END_ADDRESS);
        EXPECT(IS_ALIGNED(physical(low), BOOTMEM_CACHE_LINE_BYTES));
        EXPECT(physical(pages) >= ZONE_DMA_END_ADDRESS);
        EXPECT(IS_ALIGNED(physical(pages), PAGE));
        EXPECT(physical(low_pages) + 100 <= ZONE_DMA_END_ADDRESS);
        EXPECT(IS_ALIGNED(physical(low_pages), PAGE));
        bootmem_check();
}

TEST(bootmem, memory_is_zero_even_when_used_before)
{
        start_small();
        u8 *memory = alloc_bootmem_pages(3 * PAGE);
        memset(memory, 0x5A, 3 * PAGE);
        free_bootmem((unsigned long)physical(memory), 3 * PAGE);
        EXPECT(alloc_bootmem(2 * PAGE + 100) == memory);
        EXPECT(is_zero(memory, 2 * PAGE + 100));
}

TEST(bootmem, small_requests_share_a_page)
{
        start_small();
        unsigned long before = bootmem_free_page_count();
        u8 *first = alloc_bootmem(100);
        u8 *second = alloc_bootmem(100);
        u8 *third = alloc_bootmem(64);

        EXPECT(second == first + 128);
        EXPECT(third == second + 128);
        EXPECT_EQ(bootmem_free_page_count(), before - 1);
}

TEST(bootmem, a_request_runs_from_the_tail_into_the_next_pages)
{
        start_small();
        unsigned long before = bootmem_free_page_count();
        u8 *first = alloc_bootmem(PAGE - 64);
        u8 *second = alloc_bootmem(2 * PAGE);

        EXPECT(second == first + PAGE - 64);
        EXPECT_EQ(bootmem_free_page_count(), before - 3);
        u8 *third = alloc_bootmem(10);
        EXPECT(third == second + 2 * PAGE);
        bootmem_check();
}

TEST(bootmem, a_tail_before_a_taken_page_serves_only_what_fits)
{
        start_small();
        u8 *first = alloc_bootmem(100);
        pfn_t pfn = (pfn_t)(physical(first) >> PAGE_SHIFT);
        u8 *second = alloc_bootmem_pages(PAGE);

        /* The second began a page of its own, so nothing is left of the first's. */
        EXPECT_EQ(physical(second) >> PAGE_SHIFT, pfn + 1);
        u8 *third = alloc_bootmem(100);
        EXPECT_EQ(physical(third) >> PAGE_SHIFT, pfn + 2);
        spoil_bit(pfn + 3, true);
        u8 *fourth = alloc_bootmem(PAGE);
        EXPECT_EQ(physical(fourth) >> PAGE_SHIFT, pfn + 4);
}

/* The tail of the very last page of low memory does not run on beyond it. */
TEST(bootmem, the_last_page_has_an_end)
{
        start_small();
        u8 *last = bootmem_alloc(100, PAGE, 24 * MIB - PAGE, DIRECT_MAP_BYTES);
        EXPECT_EQ(physical(last), 24 * MIB - PAGE);
        u8 *inside = bootmem_alloc(PAGE - 100, 1, 24 * MIB - PAGE, DIRECT_MAP_BYTES);
        EXPECT(inside == last + 100);
        last = bootmem_alloc(100, PAGE, 24 * MIB - PAGE, DIRECT_MAP_BYTES);
        EXPECT(physical(last) < 24 * MIB - PAGE);

        free_bootmem(24 * MIB - PAGE, PAGE);
        last = bootmem_alloc(100, PAGE, 24 * MIB - PAGE, DIRECT_MAP_BYTES);
        inside = bootmem_alloc(PAGE, 1, 24 * MIB - PAGE, DIRECT_MAP_BYTES);
        EXPECT(inside < last);
        bootmem_check();
}

TEST(bootmem, every_alignment_is_kept)
{
        start_small();
        for (unsigned long align = 1; align <= 4 * MIB; align *= 2) {
                void *memory = bootmem_alloc(24, align, 0, DIRECT_MAP_BYTES);

                REQUIRE(memory);
                EXPECT(IS_ALIGNED(physical(memory), align));
                bootmem_check();
        }
}

TEST(bootmem, alignment_beyond_the_rest_of_memory_fails)
{
        start_small();
        EXPECT(!bootmem_alloc(1, 32 * MIB, 0, DIRECT_MAP_BYTES));
        EXPECT(bootmem_alloc(1, 16 * MIB, 0, DIRECT_MAP_BYTES) == __va(16 * MIB));
        EXPECT(!bootmem_alloc(1, 16 * MIB, 0, DIRECT_MAP_BYTES));
}

TEST(bootmem, goal_is_reached_or_given_up)
{
        start_small();
        EXPECT_EQ(physical(bootmem_alloc(PAGE, 1, 20 * MIB, DIRECT_MAP_BYTES)), 20 * MIB);
        EXPECT_EQ(physical(bootmem_alloc(PAGE, 1, 20 * MIB, DIRECT_MAP_BYTES)), 20 * MIB + PAGE);
        /* No room at the goal, none at all above memory, and a goal above the limit. */
        EXPECT(physical(bootmem_alloc(5 * MIB, 1, 20 * MIB, DIRECT_MAP_BYTES)) < 15 * MIB);
        EXPECT(physical(bootmem_alloc(PAGE, 1, 700 * MIB, DIRECT_MAP_BYTES)) < 24 * MIB);
        EXPECT(physical(bootmem_alloc(PAGE, 1, 20 * MIB, 16 * MIB)) < 16 * MIB);
}

TEST(bootmem, goal_inside_a_page_is_not_undercut)
{
        start_small();
        EXPECT(physical(bootmem_alloc(10, 1, 20 * MIB + 1, DIRECT_MAP_BYTES)) >= 20 * MIB + 1);
}

/* What is left of a page below the goal is not used for a request that can be had above. */
TEST(bootmem, tail_below_the_goal_waits_for_another_request)
{
        start_small();
        u8 *low = alloc_bootmem_low(100);
        u8 *normal = alloc_bootmem(100);

        EXPECT(physical(low) < 16 * MIB);
        EXPECT(physical(normal) >= 16 * MIB);
}

TEST(bootmem, limit_is_kept_by_tail_and_by_first_fit)
{
        start_small();
        EXPECT(!bootmem_alloc(PAGE, 1, 0, PAGE));
        EXPECT(!bootmem_alloc(1, 1, 0, 0));
        EXPECT(!bootmem_alloc(2 * PAGE, 1, 0, BITMAP_ADDRESS + 2 * PAGE));
        EXPECT(bootmem_alloc(PAGE, 1, 0, BITMAP_ADDRESS + 2 * PAGE));
        EXPECT(!bootmem_alloc(1, 1, 0, BITMAP_ADDRESS + 2 * PAGE));

        /* The tail begins below the limit, but the request would end above it. */
        phys_addr_t start = physical(bootmem_alloc(100, PAGE, 2 * MIB, DIRECT_MAP_BYTES));
        EXPECT(physical(bootmem_alloc(100, 1, start, start + 150)) < start);
        bootmem_check();
}

TEST(bootmem, low_calls_panic_when_dma_memory_is_out)
{
        start_small();
        while (bootmem_alloc(64 * PAGE, PAGE, 0, ZONE_DMA_END_ADDRESS))
                ;
        while (bootmem_alloc(PAGE, PAGE, 0, ZONE_DMA_END_ADDRESS))
                ;
        unsigned long left = bootmem_free_page_count();
        EXPECT_EQ(left, 8 * MIB / PAGE);
        EXPECT_PANIC(alloc_bootmem_low(PAGE), "4096 bytes below 0x1000000 wanted");
        EXPECT_PANIC(alloc_bootmem_low_pages(12345), "12345 bytes below 0x1000000");
        EXPECT(alloc_bootmem(8 * MIB));
        EXPECT_PANIC(alloc_bootmem_pages(777), "777 bytes");
        EXPECT_EQ(bootmem_free_page_count(), 0);
        bootmem_check();
}

/* Above 16 MiB first; below only when nothing else is left. */
TEST(bootmem, dma_memory_is_spared)
{
        start_small();
        while (bootmem_free_page_count() > (15 * MIB - MACHINE_IMAGE_END) / PAGE - 1)
                EXPECT(physical(alloc_bootmem_pages(PAGE)) >= 16 * MIB);
        EXPECT(physical(alloc_bootmem_pages(PAGE)) < 16 * MIB);
}

TEST(bootmem, buffers_larger_than_the_largest_block)
{
        machine_start_pc(64 * MIB);
        machine_start_bootmem();
        u8 *memory = alloc_bootmem(40 * MIB);
        EXPECT_EQ(physical(memory), 16 * MIB);
        EXPECT_PANIC(alloc_bootmem(40 * MIB), "41943040 bytes");
}

TEST(bootmem, nothing_is_allocated_for_size_zero)
{
        start_small();
        EXPECT_PANIC(alloc_bootmem(0), "0 bytes");
        EXPECT_PANIC(alloc_bootmem_low(0), "0 bytes");
        EXPECT_PANIC(alloc_bootmem_pages(0), "0 bytes");
        EXPECT_PANIC(alloc_bootmem_low_pages(0), "0 bytes");
        EXPECT_PANIC(bootmem_alloc(0, 1, 0, GIB), "size 0");
        EXPECT_PANIC(bootmem_alloc(1, 0, 0, GIB), "align 0");
        EXPECT_PANIC(bootmem_alloc(1, 24, 0, GIB), "align 24");
}

TEST(bootmem, free_gives_back_what_was_allocated)
{
        start_small();
        unsigned long before = bootmem_free_page_count();
        phys_addr_t start = physical(alloc_bootmem_pages(100 * PAGE));

        free_bootmem((unsigned long)start, 100 * PAGE);
        EXPECT_EQ(bootmem_free_page_count(), before);
        EXPECT_EQ(physical(alloc_bootmem_pages(100 * PAGE)), start);
}

TEST(bootmem, free_of_a_part_and_of_several)
{
        start_small();
        unsigned long before = bootmem_free_page_count();
        unsigned long first = (unsigned long)physical(alloc_bootmem_pages(4 * PAGE));
        unsigned long second = (unsigned long)physical(alloc_bootmem_pages(4 * PAGE));

        REQUIRE(second == first + 4 * PAGE);
        free_bootmem(first + PAGE, PAGE);
        EXPECT_EQ(bootmem_free_page_count(), before - 7);
        free_bootmem(first + 2 * PAGE, 5 * PAGE);
        EXPECT_EQ(bootmem_free_page_count(), before - 2);
        EXPECT(!bootmem_page_is_free((pfn_t)(first >> PAGE_SHIFT)));
        EXPECT(!bootmem_page_is_free((pfn_t)(second >> PAGE_SHIFT) + 3));
        bootmem_check();
}

/* A page of which the range covers a part stays taken. */
TEST(bootmem, free_rounds_to_whole_pages_inwards)
{
        start_small();
        unsigned long start = (unsigned long)physical(alloc_bootmem_pages(4 * PAGE));
        unsigned long before = bootmem_free_page_count();

        free_bootmem(start + 1, PAGE);
        free_bootmem(start, PAGE - 1);
        free_bootmem(start + 100, 200);
        free_bootmem(start, 0);
        free_bootmem(start + PAGE / 2, PAGE);
        EXPECT_EQ(bootmem_free_page_count(), before);
        free_bootmem(start + 1, 2 * PAGE - 1);
        EXPECT_EQ(bootmem_free_page_count(), before + 1);
        EXPECT(bootmem_page_is_free((pfn_t)(start >> PAGE_SHIFT) + 1));
        bootmem_check();
}

TEST(bootmem, free_of_a_claimed_module)
{
        machine_start_pc(24 * MIB);
        memory_claim_add(4 * MIB, 5 * MIB, "module");
        machine_start_bootmem();
        unsigned long before = bootmem_free_page_count();
        free_bootmem(4 * MIB, MIB);
        EXPECT_EQ(bootmem_free_page_count(), before + 256);
        bootmem_check();
}

TEST(bootmem, double_free_panics_and_changes_nothing)
{
        start_small();
        unsigned long start = (unsigned long)physical(alloc_bootmem_pages(4 * PAGE));

        free_bootmem(start, PAGE);
        unsigned long before = bootmem_free_page_count();
        EXPECT_PANIC(free_bootmem(start, PAGE), "is free already");
        EXPECT_PANIC(free_bootmem(start, 4 * PAGE), "is free already");
        EXPECT_PANIC(free_bootmem(start + PAGE, 4 * PAGE), "is free already");
        EXPECT_EQ(bootmem_free_page_count(), before);
        free_bootmem(start + PAGE, 3 * PAGE);
}

TEST(bootmem, free_of_what_is_no_ram_panics)
{
        start_small();
        EXPECT_PANIC(free_bootmem(15 * MIB, PAGE), "not all of this is RAM");
        EXPECT_PANIC(free_bootmem(15 * MIB - PAGE, 2 * PAGE), "not all of this is RAM");
        EXPECT_PANIC(free_bootmem(24 * MIB, PAGE), "not all of this is RAM");
        EXPECT_PANIC(free_bootmem(0, PAGE), "not all of this is RAM");
        EXPECT_PANIC(free_bootmem(0xFFFFF000, 0xFFFFFFFF), "not all of this is RAM");
}

TEST(bootmem, free_of_high_memory_panics)
{
        machine_start_pc(2 * GIB);
        machine_start_bootmem();
        EXPECT_PANIC(free_bootmem(GIB, PAGE), "not all of this is low memory");
        EXPECT_PANIC(free_bootmem(DIRECT_MAP_BYTES - PAGE, 2 * PAGE), "low memory");
}

/* BOOTMEM-3: the rest of a page that was freed is nobody's tail any more. */
TEST(bootmem, tail_of_a_freed_page_is_not_used)
{
        start_small();
        u8 *first = alloc_bootmem(100);
        unsigned long page = (unsigned long)physical(first);

        free_bootmem(page, PAGE);
        bootmem_check();
        EXPECT(alloc_bootmem(100) == first);
        bootmem_check();

        /* Freeing other pages leaves the tail usable. */
        unsigned long other = (unsigned long)physical(bootmem_alloc(PAGE, PAGE, 4 * MIB, 15 * MIB));
        u8 *small = alloc_bootmem(100);
        free_bootmem(other, PAGE);
        EXPECT(alloc_bootmem(100) == small + 128);
}

TEST(bootmem, check_finds_what_is_broken)
{
        start_small();
        u8 *tail = alloc_bootmem(100);
        pfn_t pfn = (pfn_t)(physical(tail) >> PAGE_SHIFT);

        spoil_bit(15 * MIB >> PAGE_SHIFT, false);
        EXPECT_PANIC(bootmem_check(), "BOOTMEM-1");
        spoil_bit(15 * MIB >> PAGE_SHIFT, true);
        bootmem_check();
        spoil_bit(pfn, false);
        EXPECT_PANIC(bootmem_check(), "BOOTMEM-3");
}
