/*
 * Zones
 *
 * Idea        Frames differ in who can use them: ISA devices reach 16 MiB, the kernel's logical
 *             addresses 896 MiB, most devices 4 GiB. Zones cut physical memory at these three
 *             limits. A request names what it needs; its zone list has every zone that lies
 *             entirely inside that, the least precious first.
 *
 * Picture     0      16M            896M            4G
 *             | DMA  |    NORMAL    |    DMA32      |   HIGHMEM      machine above 4 GiB
 *             | DMA  |    NORMAL    |    HIGHMEM    |                machine below
 *
 *             request                         zone list
 *             GFP_KERNEL                      NORMAL DMA
 *             GFP_HIGHUSER                    HIGHMEM DMA32 NORMAL DMA
 *             GFP_DMA32, HIGHMEM or not       DMA32 NORMAL DMA         (below: HIGHMEM NORMAL DMA)
 *             GFP_DMA                         DMA
 *
 * Data        zones[], in order of addresses; zone_lists[], by the three modifier bits.
 *
 * Invariants  ZONE-1  a zone list holds no zone that reaches beyond the request's limit, nor, if
 *                     the request needs logical addresses, one that has none.
 *             ZONE-2  min <= low <= high, and min of all zones together is what zones_finish()
 *                     computes from the size of low memory.
 *             ZONE-3  managed_pages is free_pages plus what CPUs' lists and owners have.
 *
 * Locking     See struct zone. Lists, marks and reserves are made at boot and never change.
 *
 * Cost        Choosing a list is one table look-up.
 *
 * Failure     None.
 *
 * Reading     docs/03-page-allocator.md; LKD, chapter 12; Gorman, chapter 2.
 */
#include "mm/phys/zone.h"

#include "lib/bits.h"

/* In a zone, one page in so many of the zones above is kept from requests that prefer those. */
static const unsigned int reserve_ratio[MAX_NR_ZONES] = {
        [ZONE_DMA] = 256, [ZONE_NORMAL] = 32, [ZONE_DMA32] = 256, [ZONE_HIGHMEM] = 1,
};

static const char *const zone_names[MAX_NR_ZONES] = {
        [ZONE_DMA] = "DMA", [ZONE_NORMAL] = "Normal", [ZONE_DMA32] = "DMA32",
        [ZONE_HIGHMEM] = "HighMem",
};

/* The least and the most that all minimum watermarks together may be, in pages. */
#define MIN_FREE_PAGES_LEAST 32u
#define MIN_FREE_PAGES_MOST 16384u

struct zone zones[MAX_NR_ZONES];
struct zone_list zone_lists[GFP_ZONE_LISTS];
pfn_t max_low_pfn;

/* Make one zone of the frames [start, end), without any pages yet. */
static void zone_init(enum zone_kind kind, pfn_t start, pfn_t end)
{
        struct zone *zone = &zones[kind];

        *zone = (struct zone){
                .lock = SPINLOCK_INIT("zone", LOCK_RANK_ZONE),
                .name = zone_names[kind],
                .kind = kind,
                .start_pfn = start,
                .end_pfn = max(start, end),
        };
        for (unsigned int order = 0; order < MAX_ORDER; order++)
                INIT_LIST_HEAD(&zone->free_blocks[order]);
}

void zones_init(const struct memmap *map)
{
        pfn_t end = (pfn_t)(memmap_end(map, MEMORY_RAM) >> PAGE_SHIFT);
        pfn_t dma32_end = end > FOUR_GIB_PFN ? FOUR_GIB_PFN : DIRECT_MAP_END_PFN;

        max_low_pfn = min(end, DIRECT_MAP_END_PFN);
        zone_init(ZONE_DMA, 0, min(end, ZONE_DMA_END_PFN));
        zone_init(ZONE_NORMAL, ZONE_DMA_END_PFN, max_low_pfn);
        zone_init(ZONE_DMA32, DIRECT_MAP_END_PFN, dma32_end);
        zone_init(ZONE_HIGHMEM, dma32_end, end);
}

struct zone *zone_of_pfn(pfn_t pfn)
{
        struct zone *zone = &zones[ZONE_DMA];

        while (zone->kind < ZONE_HIGHMEM && pfn >= zone->end_pfn)
                zone++;
        return zone;
}

/* The largest whole number whose square is at most value. */
static unsigned long integer_root(unsigned long value)
{
        unsigned long root = 0;

        for (unsigned long bit = 1ul << 15; bit; bit >>= 1)
                if ((root + bit) * (root + bit) <= value)
                        root += bit;
        return root;
}

/* The pages of all zones with logical addresses. */
static unsigned long low_managed_pages(void)
{
        return zones[ZONE_DMA].managed_pages + zones[ZONE_NORMAL].managed_pages;
}

/* The minimum of a zone that nobody needs in an emergency: a token, and never most of it. */
static unsigned long high_zone_mark(unsigned long managed_pages)
{
        unsigned long token = min(max(managed_pages / 1024, 32ul), 128ul);

        return min(token, managed_pages / 4);
}

/*
 * Linux's rule: in KiB, four times the root of low memory, shared out by size. High zones, which
 * nobody needs in an emergency, keep a token amount.
 */
static void set_watermarks(struct zone *zone, unsigned long min_free_pages)
{
        unsigned long low_pages = low_managed_pages();
        unsigned long mark;

        if (zone->kind <= ZONE_NORMAL)
                mark = (unsigned long)((u64)min_free_pages * zone->managed_pages / low_pages);
        else
                mark = high_zone_mark(zone->managed_pages);
        zone->watermark[WATERMARK_MIN] = mark;
        zone->watermark[WATERMARK_LOW] = mark + mark / 4;
        zone->watermark[WATERMARK_HIGH] = mark + mark / 2;
}

/* For each zone above, keep a share of its size from requests that prefer it. */
static void set_reserves(struct zone *zone)
{
        unsigned long above = 0;

        for (unsigned int kind = zone->kind + 1; kind < MAX_NR_ZONES; kind++) {
                above += zones[kind].managed_pages;
                zone->reserve[kind] = above / reserve_ratio[zone->kind];
        }
}

/* The first frame that a request with these modifiers must not get. */
static u64 request_limit_pfn(gfp_t modifiers)
{
        if (modifiers & __GFP_DMA)
                return ZONE_DMA_END_PFN;
        return modifiers & __GFP_DMA32 ? FOUR_GIB_PFN : UINT64_MAX;
}

/* Whether a request with these modifiers can do without a logical address. */
static bool request_takes_high(gfp_t modifiers)
{
        return modifiers & (__GFP_HIGHMEM | __GFP_DMA32);
}

/* Fill the list of one combination of modifiers, highest zone first. */
static void build_zone_list(gfp_t modifiers)
{
        struct zone **next = zone_lists[modifiers].zones;

        for (unsigned int index = MAX_NR_ZONES; index > 0; index--) {
                struct zone *zone = &zones[index - 1];

                if (!zone->managed_pages || zone->end_pfn > request_limit_pfn(modifiers))
                        continue;
                if (zone->kind > ZONE_NORMAL && !request_takes_high(modifiers))
                        continue;
                *next++ = zone;
        }
        *next = NULL;
        BUG_ON(!zone_lists[modifiers].zones[0], "no zone serves gfp modifiers %#x", modifiers);
}

void zones_finish(void)
{
        unsigned long low_kib = low_managed_pages() << (PAGE_SHIFT - 10);
        unsigned long min_free_pages = integer_root(low_kib * 16) >> (PAGE_SHIFT - 10);
        struct zone *zone;

        min_free_pages = min(max(min_free_pages, (unsigned long)MIN_FREE_PAGES_LEAST),
                             (unsigned long)MIN_FREE_PAGES_MOST);
        for_each_populated_zone(zone) {
                set_watermarks(zone, min_free_pages);
                set_reserves(zone);
        }
        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++)
                build_zone_list(modifiers);
}

/* ZONE-1 for the list of one combination of modifiers. */
static void check_zone_list(gfp_t modifiers)
{
        const struct zone_list *list = &zone_lists[modifiers];

        for (unsigned int index = 0; list->zones[index]; index++) {
                const struct zone *zone = list->zones[index];

                CHECK_INVARIANT(ZONE-1, zone->end_pfn <= request_limit_pfn(modifiers) &&
                                (zone->kind <= ZONE_NORMAL || request_takes_high(modifiers)),
                                "zone %s serves gfp modifiers %#x", zone->name, modifiers);
                CHECK_INVARIANT(ZONE-1, index == 0 || zone < list->zones[index - 1],
                                "zone %s, gfp modifiers %#x", zone->name, modifiers);
        }
}

void zones_check(void)
{
        const struct zone *zone;

        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++)
                check_zone_list(modifiers);
        for_each_populated_zone(zone)
                CHECK_INVARIANT(ZONE-2, zone->watermark[WATERMARK_MIN] <=
                                zone->watermark[WATERMARK_LOW] &&
                                zone->watermark[WATERMARK_LOW] <= zone->watermark[WATERMARK_HIGH],
                                "zone %s", zone->name);
}

unsigned long nr_free_pages(void)
{
        unsigned long total = 0;
        struct zone *zone;

        for_each_populated_zone(zone)
                total += READ_ONCE(zone->free_pages);
        return total;
}
