/*
 * zone.h - the zones of physical memory, and the order in which a request tries them.
 *
 * Source: LKD, chapter 12, "Zones"; Linux 2.6 for watermarks and lowmem_reserve.
 */
#pragma once

#include "kernel/sync/spinlock.h"
#include "mm/gfp.h"
#include "mm/memmap.h"
#include "mm/page.h"

/* The zones in order of their addresses. Without RAM above 4 GiB, ZONE_DMA32 is empty. */
enum zone_kind {
        ZONE_DMA,                       /* below 16 MiB */
        ZONE_NORMAL,                    /* to the end of the direct map */
        ZONE_DMA32,                     /* to 4 GiB, on machines with RAM above that */
        ZONE_HIGHMEM,                   /* the rest */
        MAX_NR_ZONES,
};

/* How low the free pages of a zone may fall, in pages. */
enum watermark {
        WATERMARK_MIN,                  /* below: for GFP_ATOMIC only */
        WATERMARK_LOW,                  /* below: time to reclaim */
        WATERMARK_HIGH,                 /* reclaim is content */
        WATERMARK_COUNT,
};

/* Locks: [z] zone.lock with interrupts off; [b] set at boot, then only read. */
struct zone {
        struct spinlock lock;
        unsigned long free_pages;                       /* [z] in blocks on the free lists */
        u32 free_orders;                                /* [z] bit n: order n has a block */
        struct list_head free_blocks[MAX_ORDER];        /* [z] of struct page, by page->list */
        unsigned long watermark[WATERMARK_COUNT];       /* [b] */
        unsigned long reserve[MAX_NR_ZONES];            /* [b] kept from requests for that zone */
        unsigned long managed_pages;                    /* [b] given to the page allocator */
        unsigned long present_pages;                    /* [b] RAM, the kernel's part included */
        pfn_t start_pfn;                                /* [b] frames [start_pfn, end_pfn) */
        pfn_t end_pfn;                                  /* [b] */
        const char *name;                               /* [b] */
        enum zone_kind kind;                            /* [b] */
};

/* The zones that serve a kind of request, best first, ended by NULL. Never empty. */
struct zone_list {
        struct zone *zones[MAX_NR_ZONES + 1];
};

extern struct zone zones[MAX_NR_ZONES];

/* Indexed by gfp & GFP_ZONE_MASK. */
extern struct zone_list zone_lists[GFP_ZONE_LISTS];

/* Visit every zone that has pages. */
#define for_each_populated_zone(zone)                                           \
        for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)                 \
                if (zone->managed_pages)

/*
 * zones_init - lay the zones over the RAM of map; all are empty of free pages. Sets max_low_pfn.
 * zones_finish - once every zone has its pages: watermarks, reserves and zone lists.
 *
 * Context: boot, one CPU.
 */
void zones_init(const struct memmap *map);
void zones_finish(void);

/* zones_check - ZONE-1 and ZONE-2. Context: any. */
void zones_check(void);

/* zone_of_pfn - the zone that a frame lies in. Context: boot. */
struct zone *zone_of_pfn(pfn_t pfn);

/* zone_of_page - the zone that a page of the page allocator belongs to. Context: any. */
static inline struct zone *zone_of_page(const struct page *page)
{
        return &zones[page_zone_index(page)];
}

/* zone_floor - how many pages of zone must stay free when a request that prefers zone kind
 * preferred may go down to mark. Context: any. */
static inline unsigned long zone_floor(const struct zone *zone, unsigned long mark,
                                       enum zone_kind preferred)
{
        return mark + zone->reserve[preferred];
}

/* nr_free_pages - the free pages of all zones, those on CPUs' lists not included. */
unsigned long nr_free_pages(void);
