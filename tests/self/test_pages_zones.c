/* test_pages_zones.c - where a request's pages may lie, and which it falls back to. */
#include "boot/boot_info.h"
#include "lib/bits.h"
#include "mm/debug/census.h"
#include "mm/layout.h"
#include "mm/page_debug.h"
#include "tests/self/page_tools.h"

/* The first frame that a mask forbids. */
static u64 limit_of(gfp_t gfp_mask)
{
        if (gfp_mask & __GFP_DMA)
                return ZONE_DMA_END_PFN;
        return gfp_mask & __GFP_DMA32 ? FOUR_GIB_PFN : UINT64_MAX;
}

/* Take and give back a block, and see that it lies where the mask says (ZONE-1). */
static void check_mask(struct test_state *test, gfp_t gfp_mask, unsigned int order)
{
        struct page *page = alloc_pages(gfp_mask, order);

        if (!page)
                return;
        if (page_to_pfn(page) + BIT(order) > limit_of(gfp_mask))
                test_fail(test, __FILE__, __LINE__, "mode %#x order %u got page %#x", gfp_mask,
                          order, page_to_pfn(page));
        if (!(gfp_mask & (__GFP_HIGHMEM | __GFP_DMA32)) && !page_address(page))
                test_fail(test, __FILE__, __LINE__, "mode %#x order %u got high page %#x", gfp_mask,
                          order, page_to_pfn(page));
        __free_pages(page, order);
}

TEST(page_zones, every_mask_keeps_its_limit)
{
        static const gfp_t actions[] = { GFP_NOWAIT, GFP_ATOMIC, GFP_NOIO, GFP_NOFS, GFP_KERNEL,
                                         GFP_USER, GFP_KERNEL | __GFP_NORETRY };

        bool poison_was_enabled = page_poison_enabled;

        page_poison_enabled = false;
        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++)
                for (unsigned int index = 0; index < ARRAY_SIZE(actions); index++)
                        for (unsigned int order = 0; order < MAX_ORDER; order++)
                                check_mask(test, modifiers | actions[index] | __GFP_NOWARN, order);
        page_poison_enabled = poison_was_enabled;
}

/* While there is plenty, a request is served by the zone it prefers. */
static void check_preference(struct test_state *test, struct zone *zone)
{
        struct page *page = alloc_page(page_tools_gfp(zone));

        REQUIRE(page);
        EXPECT_EQ(page_zone_index(page), zone->kind);
        EXPECT(page_to_pfn(page) >= zone->start_pfn && page_to_pfn(page) < zone->end_pfn);
        __free_page(page);
}

TEST_EACH_ZONE(page_zones, preferred, check_preference)

TEST(page_zones, addresses_are_always_logical)
{
        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++) {
                if (modifiers & __GFP_HIGHMEM)
                        continue;
                for (unsigned int order = 0; order < MAX_ORDER; order++) {
                        unsigned long address = __get_free_pages(modifiers | __GFP_NOWARN, order);

                        if (!address)
                                continue;
                        EXPECT(virt_addr_valid((void *)address));
                        EXPECT(virt_addr_valid((void *)(address + (PAGE_SIZE << order) - 1)));
                        free_pages(address, order);
                }
        }
}

/* Without any low page left, no call makes up an address from a high one. */
TEST(page_zones, no_address_when_low_memory_is_gone)
{
        static struct free_picture before;
        struct hoard hoard;

        free_picture_take(&before);
        hoard_init(&hoard);
        hoard_take_all(&hoard, GFP_ATOMIC | __GFP_NOWARN, 0);
        EXPECT_EQ(__get_free_page(GFP_ATOMIC | __GFP_NOWARN), 0);
        EXPECT_EQ(__get_free_page(GFP_ATOMIC | __GFP_DMA32 | __GFP_NOWARN), 0);
        EXPECT_EQ(__get_free_pages(GFP_NOWAIT | __GFP_DMA32 | __GFP_NOWARN, 4), 0);
        EXPECT_EQ(get_zeroed_page(GFP_ATOMIC | __GFP_DMA32 | __GFP_NOWARN), 0);
        EXPECT_EQ(hoard.zone_pages[ZONE_DMA32] + hoard.zone_pages[ZONE_HIGHMEM], 0);
        if (zones[ZONE_HIGHMEM].managed_pages) {
                struct page *page = alloc_page(GFP_NOWAIT | __GFP_HIGHMEM);

                REQUIRE(page);
                EXPECT_EQ((unsigned long)page_address(page), 0);
                __free_page(page);
        }
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        free_picture_compare(test, &before);
}

/* Whether a zone serves requests that prefer another one. */
static bool zone_serves(const struct zone *zone, gfp_t gfp_mask)
{
        if (zone->end_pfn > limit_of(gfp_mask))
                return false;
        return zone->kind <= ZONE_NORMAL || (gfp_mask & (__GFP_HIGHMEM | __GFP_DMA32));
}

/* After a request has taken all it can: what each zone has left is what it must keep. */
static void check_what_is_left(struct test_state *test, gfp_t gfp_mask,
                               const struct zone *preferred, const unsigned long *free_before)
{
        struct zone *zone;

        drain_all_pages();
        for_each_populated_zone(zone) {
                unsigned long floor = page_tools_floor(zone, gfp_mask, preferred);
                unsigned long left = free_before[zone->kind];

                if (zone_serves(zone, gfp_mask))
                        left = min(left, floor);
                if (zone->free_pages != left)
                        test_fail(test, __FILE__, __LINE__,
                                  "mode %#x leaves %lu pages of zone %s, not %lu", gfp_mask,
                                  zone->free_pages, zone->name, left);
        }
}

/*
 * Take all that a request gets: each zone keeps its mark, and its reserve from those above, to the
 * page (ALLOC-2, PCP-2).
 */
static void check_reserves(struct test_state *test, struct zone *zone)
{
        static const gfp_t urgencies[] = { GFP_NOWAIT, GFP_ATOMIC };
        unsigned long free_before[MAX_NR_ZONES];
        static struct free_picture before;
        struct hoard hoard;

        free_picture_take(&before);
        for (unsigned int kind = 0; kind < MAX_NR_ZONES; kind++)
                free_before[kind] = zones[kind].free_pages;
        hoard_init(&hoard);
        for (unsigned int index = 0; index < ARRAY_SIZE(urgencies); index++) {
                gfp_t gfp_mask = page_tools_gfp(zone) | urgencies[index];
                unsigned long had = hoard.page_count;

                hoard_take_all(&hoard, gfp_mask, 0);
                check_what_is_left(test, gfp_mask, zone, free_before);
                EXPECT(hoard.page_count > had);
        }
        for (unsigned int kind = zone->kind + 1; kind < MAX_NR_ZONES; kind++)
                if (!zone_serves(&zones[kind], page_tools_gfp(zone)))
                        EXPECT_EQ(hoard.zone_pages[kind], 0);
        hoard_give_back(&hoard, HOARD_OLDEST_FIRST, 0);
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(page_zones, reserves_are_kept, check_reserves)

/* When the zones above are empty, what a zone kept is there for those who prefer it. */
static void check_reserve_is_usable(struct test_state *test, struct zone *zone)
{
        unsigned long own_floor = page_tools_floor(zone, GFP_NOWAIT, zone);
        static struct free_picture before;
        struct hoard hoard;

        free_picture_take(&before);
        hoard_init(&hoard);
        for (unsigned int kind = MAX_NR_ZONES; kind > zone->kind + 1u; kind--)
                hoard_take_all(&hoard, page_tools_gfp(&zones[kind - 1]), 0);
        drain_all_pages();
        if (zone->free_pages > own_floor) {
                struct page *page = page_tools_take_in_zone(zone, 0);

                EXPECT(page != NULL);
                if (page)
                        hoard_add(&hoard, page);
        }
        hoard_take_all(&hoard, page_tools_gfp(zone), 0);
        EXPECT_EQ(zone->free_pages, own_floor);
        hoard_give_back(&hoard, HOARD_OLDEST_FIRST, 0);
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(page_zones, reserve_serves_its_own, check_reserve_is_usable)

/* ATOMIC goes deeper than a sleeper with high priority, and that one deeper than KERNEL. */
static void check_urgency(struct test_state *test, struct zone *zone)
{
        gfp_t zone_gfp = page_tools_gfp(zone);
        struct hoard hoard;

        hoard_init(&hoard);
        hoard_take_all(&hoard, zone_gfp | GFP_KERNEL | __GFP_NORETRY, 0);
        unsigned long kernel_pages = hoard.page_count;
        EXPECT(!hoard_take(&hoard, zone_gfp, 0));
        hoard_take_all(&hoard, zone_gfp | GFP_KERNEL | __GFP_HIGH | __GFP_NORETRY, 0);
        unsigned long high_pages = hoard.page_count;
        EXPECT(!hoard_take(&hoard, zone_gfp | GFP_KERNEL | __GFP_NORETRY, 0));
        hoard_take_all(&hoard, zone_gfp | GFP_ATOMIC, 0);
        EXPECT(kernel_pages < high_pages);
        EXPECT(high_pages < hoard.page_count);
        EXPECT(zone->free_pages > 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
}

TEST_EACH_ZONE(page_zones, urgency_decides_how_deep, check_urgency)

/* Whether the machine has RAM above 4 GiB, which is what divides ZONE_DMA32 from ZONE_HIGHMEM. */
static bool has_memory_above_4_gib(void)
{
        return memmap_end(&memmap, MEMORY_RAM) > (u64)FOUR_GIB_PFN << PAGE_SHIFT;
}

/* Marks rise (ZONE-2), and a zone lies where the documents say. */
static void check_layout(struct test_state *test, struct zone *zone)
{
        static const u64 starts[] = { 0, ZONE_DMA_END_PFN, DIRECT_MAP_END_PFN, FOUR_GIB_PFN };
        static const u64 ends[] = { ZONE_DMA_END_PFN, DIRECT_MAP_END_PFN, FOUR_GIB_PFN,
                                    UINT64_MAX };
        bool is_first_high = zone->kind == ZONE_HIGHMEM && !has_memory_above_4_gib();

        EXPECT(zone->watermark[WATERMARK_MIN] > 0);
        EXPECT(zone->watermark[WATERMARK_MIN] <= zone->watermark[WATERMARK_LOW]);
        EXPECT(zone->watermark[WATERMARK_LOW] <= zone->watermark[WATERMARK_HIGH]);
        EXPECT(zone->managed_pages <= zone->present_pages);
        EXPECT(zone->present_pages <= zone->end_pfn - zone->start_pfn);
        EXPECT_EQ(zone->start_pfn, is_first_high ? DIRECT_MAP_END_PFN : starts[zone->kind]);
        EXPECT(zone->end_pfn <= ends[zone->kind]);
        EXPECT_EQ(zone->reserve[zone->kind], 0);
}

TEST_EACH_ZONE(page_zones, layout, check_layout)

TEST(page_zones, dma32_exists_only_with_memory_above)
{
        bool has_middle = memmap_overlaps(&memmap, (u64)DIRECT_MAP_END_PFN << PAGE_SHIFT,
                                          (u64)FOUR_GIB_PFN << PAGE_SHIFT, MEMORY_RAM);

        EXPECT_EQ(zones[ZONE_DMA32].managed_pages > 0, has_middle && has_memory_above_4_gib());
        if (has_memory_above_4_gib())
                EXPECT_EQ(zones[ZONE_HIGHMEM].start_pfn, FOUR_GIB_PFN);
        EXPECT(max_low_pfn <= DIRECT_MAP_END_PFN);
        EXPECT(zones[ZONE_DMA].managed_pages > 0);
}

/* The RAM that the loader listed; 0 when entries overlap, so that adding them up is wrong. */
static u64 listed_ram_bytes(void)
{
        u64 bytes = 0;

        for (u32 index = 0; index < boot_info.range_count; index++) {
                const struct boot_range *range = &boot_info.ranges[index];

                for (u32 other = 0; other < index; other++)
                        if (range->start < boot_info.ranges[other].start +
                                                   boot_info.ranges[other].length_bytes &&
                            boot_info.ranges[other].start < range->start + range->length_bytes)
                                return 0;
                if (range->kind == BOOT_RANGE_RAM)
                        bytes += range->length_bytes;
        }
        return bytes;
}

TEST(page_zones, account_is_of_all_ram_that_the_loader_listed)
{
        static struct memory_account_row rows[MEMORY_ACCOUNT_ROWS_MAX];
        u64 total_bytes = 0;

        if (!listed_ram_bytes())
                SKIP("entries of the loader's map overlap");
        memory_account(rows, &total_bytes);
        EXPECT_EQ(total_bytes, listed_ram_bytes());
}
