/* Zones: where they begin and end, who falls back to whom, and how much each keeps. */
#include "mm/phys/zone.h"

#include "lib/bits.h"
#include "lib/string.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

#define PAGES_PER_MIB 256u

static struct memmap map;

/* Zones of a machine whose RAM ends at an address. */
static void init(u64 end)
{
        map.count = 0;
        memmap_add(&map, MIB, end - MIB, MEMORY_RAM);
        zones_init(&map);
}

/* Give each zone all its frames to manage, as if the kernel took none, and finish. */
static void finish(void)
{
        for (struct zone *zone = zones; zone < zones + MAX_NR_ZONES; zone++)
                zone->managed_pages = zone->end_pfn - zone->start_pfn;
        zones_finish();
}

/* Whether a zone has exactly the frames from one MiB to another. */
static bool spans(enum zone_kind kind, u64 start_mib, u64 end_mib)
{
        return zones[kind].kind == kind && zones[kind].start_pfn == start_mib * PAGES_PER_MIB &&
               zones[kind].end_pfn == end_mib * PAGES_PER_MIB;
}

/* Whether a zone has no frames. */
static bool is_empty(enum zone_kind kind)
{
        return zones[kind].start_pfn == zones[kind].end_pfn;
}

TEST(zone, spans_of_a_tiny_machine)
{
        init(5 * MIB);
        EXPECT(spans(ZONE_DMA, 0, 5));
        EXPECT(is_empty(ZONE_NORMAL) && is_empty(ZONE_DMA32) && is_empty(ZONE_HIGHMEM));
        EXPECT_EQ(max_low_pfn, 5 * PAGES_PER_MIB);
}

TEST(zone, spans_end_exactly_at_the_borders)
{
        init(16 * MIB);
        EXPECT(spans(ZONE_DMA, 0, 16) && is_empty(ZONE_NORMAL));
        init(17 * MIB);
        EXPECT(spans(ZONE_DMA, 0, 16) && spans(ZONE_NORMAL, 16, 17));
        init(896 * MIB);
        EXPECT(spans(ZONE_NORMAL, 16, 896) && is_empty(ZONE_DMA32) && is_empty(ZONE_HIGHMEM));
        EXPECT_EQ(max_low_pfn, 896 * PAGES_PER_MIB);
        init(897 * MIB);
        EXPECT(spans(ZONE_NORMAL, 16, 896) && is_empty(ZONE_DMA32));
        EXPECT(spans(ZONE_HIGHMEM, 896, 897));
        EXPECT_EQ(max_low_pfn, 896 * PAGES_PER_MIB);
}

/* Up to 4 GiB there are the three zones of the books; above, all four. */
TEST(zone, dma32_exists_only_above_four_gib)
{
        init(4 * GIB);
        EXPECT(is_empty(ZONE_DMA32) && spans(ZONE_HIGHMEM, 896, 4096));
        init(4 * GIB + PAGE_SIZE);
        EXPECT(spans(ZONE_DMA32, 896, 4096));
        EXPECT_EQ(zones[ZONE_HIGHMEM].end_pfn - zones[ZONE_HIGHMEM].start_pfn, 1);
        init(64 * GIB);
        EXPECT(spans(ZONE_DMA, 0, 16) && spans(ZONE_NORMAL, 16, 896));
        EXPECT(spans(ZONE_DMA32, 896, 4096) && spans(ZONE_HIGHMEM, 4096, 65536));
}

TEST(zone, ends_round_down_to_a_page)
{
        init(20 * MIB + 4095);
        EXPECT(spans(ZONE_NORMAL, 16, 20));
}

/* Every frame lies in the zone whose span has it. */
TEST(zone, zone_of_pfn_agrees_with_the_spans)
{
        const u64 ends[] = { 5 * MIB, 17 * MIB, 896 * MIB, 3 * GIB, 4 * GIB, 5 * GIB };

        for (unsigned int index = 0; index < ARRAY_SIZE(ends); index++) {
                init(ends[index]);
                for (u64 pfn = 0; pfn < ends[index] >> PAGE_SHIFT; pfn += 64) {
                        const struct zone *zone = zone_of_pfn((pfn_t)pfn);

                        REQUIRE(zone->start_pfn <= pfn && pfn < zone->end_pfn);
                }
        }
}

/* The zone list of some modifiers, as a word with the letter of each zone. */
static const char *list_of(gfp_t modifiers)
{
        static char text[MAX_NR_ZONES + 1];
        unsigned int count = 0;

        for (struct zone *const *zone = zone_lists[modifiers].zones; *zone; zone++)
                text[count++] = "dn3h"[(*zone)->kind];
        text[count] = '\0';
        return text;
}

/* The lists of all eight combinations: none, DMA, HIGH, DMA+HIGH, 32, 32+DMA, 32+HIGH, all. */
static void expect_lists(struct test_state *test, const char *const expected[GFP_ZONE_LISTS])
{
        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++)
                if (strcmp(list_of(modifiers), expected[modifiers]))
                        test_fail(test, __FILE__, __LINE__, "list %u is %s, not %s", modifiers,
                                  list_of(modifiers), expected[modifiers]);
}

/* ZONE-1, as tables. */
TEST(zone, lists_above_four_gib)
{
        const char *const expected[] = { "nd", "d", "h3nd", "d", "3nd", "d", "3nd", "d" };

        init(8 * GIB);
        finish();
        expect_lists(test, expected);
}

TEST(zone, lists_up_to_four_gib)
{
        const char *const expected[] = { "nd", "d", "hnd", "d", "hnd", "d", "hnd", "d" };

        init(4 * GIB);
        finish();
        expect_lists(test, expected);
}

TEST(zone, lists_without_high_memory)
{
        const char *const expected[] = { "nd", "d", "nd", "d", "nd", "d", "nd", "d" };

        init(512 * MIB);
        finish();
        expect_lists(test, expected);
}

TEST(zone, lists_of_a_tiny_machine)
{
        const char *const expected[] = { "d", "d", "d", "d", "d", "d", "d", "d" };

        init(8 * MIB);
        finish();
        expect_lists(test, expected);
}

/* ZONE-1, by its words: no list breaks a promise, and none is too short. */
static bool list_is_right(gfp_t modifiers, const struct zone_list *list)
{
        u64 limit = modifiers & __GFP_DMA ? ZONE_DMA_END_PFN
                  : modifiers & __GFP_DMA32 ? FOUR_GIB_PFN : UINT64_MAX;
        bool takes_high = modifiers & (__GFP_HIGHMEM | __GFP_DMA32);
        struct zone *const *next = list->zones;

        for (int kind = MAX_NR_ZONES - 1; kind >= 0; kind--) {
                const struct zone *zone = &zones[kind];
                bool serves = zone->managed_pages && zone->end_pfn <= limit &&
                              (takes_high || zone->end_pfn <= max_low_pfn);

                if (serves && *next++ != zone)
                        return false;
        }
        return *next == NULL;
}

TEST(zone, lists_hold_exactly_the_zones_that_serve)
{
        const u64 sizes[] = { 2 * MIB, 16 * MIB, 17 * MIB, 512 * MIB, 896 * MIB, 897 * MIB,
                              GIB, 3 * GIB, 4 * GIB, 4 * GIB + MIB, 8 * GIB, 64 * GIB };

        for (unsigned int index = 0; index < ARRAY_SIZE(sizes); index++) {
                init(sizes[index]);
                finish();
                for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++)
                        EXPECT(list_is_right(modifiers, &zone_lists[modifiers]));
        }
}

/* A machine without DMA memory cannot serve GFP_DMA, and says so at boot. */
TEST(zone, no_zone_for_a_request_panics)
{
        init(64 * MIB);
        zones[ZONE_DMA].managed_pages = 0;
        zones[ZONE_NORMAL].managed_pages = 10000;
        EXPECT_PANIC(zones_finish(), "no zone serves gfp modifiers 0x1");
}

/* The largest number whose square is at most value, by counting. */
static unsigned long slow_root(u64 value)
{
        unsigned long root = 0;

        while ((u64)(root + 1) * (root + 1) <= value)
                root++;
        return root;
}

/* ZONE-2 on many sizes: the rule of Linux, in KiB four times the root of low memory in KiB. */
TEST(zone, watermarks_follow_low_memory)
{
        for (u64 mib = 2; mib <= 8192; mib = mib < 64 ? mib + 1 : mib * 5 / 4) {
                init(mib * MIB);
                finish();
                u64 low_kib = (u64)max_low_pfn * 4;
                unsigned long all = slow_root(16 * low_kib) / 4;
                unsigned long sum = zones[ZONE_DMA].watermark[WATERMARK_MIN] +
                                    zones[ZONE_NORMAL].watermark[WATERMARK_MIN];

                all = max(all, 32ul);
                EXPECT(sum <= all && sum + 2 > all);
        }
}

TEST(zone, watermarks_are_in_order_and_in_proportion)
{
        init(8 * GIB);
        finish();
        for (struct zone *zone = zones; zone < zones + MAX_NR_ZONES; zone++) {
                unsigned long mark = zone->watermark[WATERMARK_MIN];

                EXPECT(mark > 0 && mark < zone->managed_pages);
                EXPECT_EQ(zone->watermark[WATERMARK_LOW], mark + mark / 4);
                EXPECT_EQ(zone->watermark[WATERMARK_HIGH], mark + mark / 2);
        }
        EXPECT(zones[ZONE_DMA].watermark[WATERMARK_MIN] <
               zones[ZONE_NORMAL].watermark[WATERMARK_MIN]);
        EXPECT_EQ(zones[ZONE_HIGHMEM].watermark[WATERMARK_MIN], 128);
}

/* A sliver of high memory keeps at least 32 pages, even if that is all of it. */
TEST(zone, watermark_of_little_high_memory)
{
        init(897 * MIB);
        finish();
        EXPECT_EQ(zones[ZONE_HIGHMEM].watermark[WATERMARK_MIN], 32);
        init(1024 * MIB);
        finish();
        EXPECT_EQ(zones[ZONE_HIGHMEM].watermark[WATERMARK_MIN], 32);
        init(1200 * MIB);
        finish();
        EXPECT_EQ(zones[ZONE_HIGHMEM].watermark[WATERMARK_MIN], 304 * PAGES_PER_MIB / 1024);
}

/* A share of all zones between this one and the one that was preferred; none for itself. */
TEST(zone, reserves_follow_the_zones_above)
{
        init(8 * GIB);
        finish();
        unsigned long normal = 880 * PAGES_PER_MIB;
        unsigned long dma32 = 3200 * PAGES_PER_MIB;
        unsigned long high = 4096 * PAGES_PER_MIB;

        EXPECT_EQ(zones[ZONE_DMA].reserve[ZONE_DMA], 0);
        EXPECT_EQ(zones[ZONE_DMA].reserve[ZONE_NORMAL], normal / 256);
        EXPECT_EQ(zones[ZONE_DMA].reserve[ZONE_DMA32], (normal + dma32) / 256);
        EXPECT_EQ(zones[ZONE_DMA].reserve[ZONE_HIGHMEM], (normal + dma32 + high) / 256);
        EXPECT_EQ(zones[ZONE_NORMAL].reserve[ZONE_NORMAL], 0);
        EXPECT_EQ(zones[ZONE_NORMAL].reserve[ZONE_DMA32], dma32 / 32);
        EXPECT_EQ(zones[ZONE_NORMAL].reserve[ZONE_HIGHMEM], (dma32 + high) / 32);
        EXPECT_EQ(zones[ZONE_DMA32].reserve[ZONE_HIGHMEM], high / 256);
        EXPECT_EQ(zones[ZONE_HIGHMEM].reserve[ZONE_HIGHMEM], 0);
}

TEST(zone, floor_is_mark_and_reserve)
{
        init(8 * GIB);
        finish();
        EXPECT_EQ(zone_floor(&zones[ZONE_DMA], 10, ZONE_DMA), 10);
        EXPECT_EQ(zone_floor(&zones[ZONE_DMA], 10, ZONE_NORMAL),
                  10 + 880 * PAGES_PER_MIB / 256);
}

TEST(zone, free_pages_of_all_zones)
{
        init(8 * GIB);
        finish();
        EXPECT_EQ(nr_free_pages(), 0);
        zones[ZONE_DMA].free_pages = 10;
        zones[ZONE_HIGHMEM].free_pages = 700;
        EXPECT_EQ(nr_free_pages(), 710);
        zones[ZONE_DMA].managed_pages = 0;
        EXPECT_EQ(nr_free_pages(), 700);
}

/* The names are those that people know from /proc. */
TEST(zone, names)
{
        init(8 * GIB);
        EXPECT(strcmp(zones[ZONE_DMA].name, "DMA") == 0);
        EXPECT(strcmp(zones[ZONE_NORMAL].name, "Normal") == 0);
        EXPECT(strcmp(zones[ZONE_DMA32].name, "DMA32") == 0);
        EXPECT(strcmp(zones[ZONE_HIGHMEM].name, "HighMem") == 0);
}
