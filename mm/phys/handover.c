/*
 * Hand-over
 *
 * Idea        mem_map, the array of page descriptors, is the last great thing that bootmem gives
 *             away. Then every page of RAM that is neither claimed nor taken goes to its zone, in
 *             blocks as large as possible, and bootmem is closed. Last go the pages of bootmem's
 *             own bitmap.
 *
 * Picture     RAM       |kernel|bitmap|tables| mem_map |  free   …   | high RAM …  |
 *             becomes    resvd   free   resvd    resvd   DMA, NORMAL    HIGHMEM
 *
 * Invariants  HANDOVER-1  a page is given to exactly one zone exactly once.
 *             HANDOVER-2  no page of a claim, of mem_map or of another boot allocation is given.
 *             HANDOVER-3  managed pages of all zones, bootmem's pages and claims are all of RAM.
 *             (Guarded by page_census_check() in mm/debug/census.c and by tests/unit.)
 *
 * Locking     One CPU, interrupts off; the zones' locks are taken for form's sake.
 *
 * Cost        One pass over mem_map: to write 16 bytes for each page of RAM.
 *
 * Failure     If the descriptors would take more than half of low memory, RAM is given up from the
 *             top until they do not; if they fit nowhere in one piece, half of it at a time.
 *             Without any room left: panic.
 *
 * Reading     docs/02-memory-map.md.
 */
#include "mm/phys/handover.h"

#include "lib/bits.h"
#include "mm/boot/bootmem.h"
#include "mm/claims.h"
#include "mm/page_debug.h"
#include "mm/layout.h"
#include "mm/page.h"
#include "mm/phys/buddy.h"
#include "mm/phys/pcp.h"

struct handover_report handover_report;

/* The most frames that may have descriptors: these take half of what is free. */
static u64 affordable_frames(void)
{
        u64 bytes = (u64)bootmem_free_page_count() * PAGE_SIZE / 2;

        return ROUND_DOWN(bytes / sizeof(struct page), MAX_ORDER_PAGES);
}

/* Allocate the descriptors of the frames below end, which can be afforded. NULL without room. */
static struct page *alloc_mem_map(u64 end)
{
        u64 bytes = ROUND_UP(end, MAX_ORDER_PAGES) * sizeof(struct page);

        return bootmem_alloc((unsigned long)bytes, PAGE_SIZE, ZONE_DMA_END_ADDRESS,
                             DIRECT_MAP_BYTES);
}

/* Give up the RAM from frame first on. Returns the end of what is left, as a frame. */
static u64 give_up_ram(struct memmap *map, u64 first)
{
        handover_report.unreachable_bytes +=
                memmap_convert(map, first << PAGE_SHIFT, UINT64_MAX, MEMORY_RAM,
                               MEMORY_RAM_UNREACHABLE);

        u64 end = min(first, memmap_end(map, MEMORY_RAM) >> PAGE_SHIFT);
        BUG_ON(end == 0, "no room for the descriptors of pages");
        return end;
}

/* Make mem_map, giving up RAM at the top until it fits. */
static void make_mem_map(struct memmap *map)
{
        u64 end = give_up_ram(map, affordable_frames());

        while (!(mem_map = alloc_mem_map(end)))
                end = give_up_ram(map, end / 2);
        mem_map_count = (pfn_t)ROUND_UP(end, MAX_ORDER_PAGES);
        handover_report.mem_map_bytes = (unsigned long)mem_map_count * sizeof(struct page);
        memory_claim_keep(__pa(mem_map), __pa(mem_map) + handover_report.mem_map_bytes, "mem_map");
}

/* Give the frames [first, end), all in one zone, to that zone. */
static void give_to_zone(struct zone *zone, pfn_t first, pfn_t end)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        buddy_add_range(zone, first, end);
        spin_unlock_irqrestore(&zone->lock, flags);
}

/* The first frame of [first, end), all of it low, whose freedom differs; or end. */
static pfn_t low_run_end(pfn_t first, pfn_t end, bool is_free)
{
        while (first < end && bootmem_page_is_free(first) == is_free)
                first++;
        return first;
}

/* The same for high frames: bootmem knows nothing of them, and claims are few. */
static pfn_t high_run_end(pfn_t first, pfn_t end, bool is_free)
{
        while (first < end) {
                const struct memory_claim *claim =
                        memory_claim_find((u64)first << PAGE_SHIFT, (u64)end << PAGE_SHIFT);
                u64 start = claim ? claim->start >> PAGE_SHIFT : end;

                if (is_free)
                        return (pfn_t)max(start, (u64)first);
                if (start > first || !claim)
                        break;
                first = (pfn_t)min(DIV_ROUND_UP(claim->end, PAGE_SIZE), (u64)end);
        }
        return first;
}

/* The end of the run of frames from first that are all free, or all not. */
static pfn_t run_end(pfn_t first, pfn_t end, bool is_free)
{
        return first < max_low_pfn ? low_run_end(first, end, is_free)
                                   : high_run_end(first, end, is_free);
}

/* Give what is free of the frames [first, end), all in one zone, to that zone. */
static void give_free_runs(struct zone *zone, pfn_t first, pfn_t end)
{
        zone->present_pages += end - first;
        while (first < end) {
                pfn_t start = run_end(first, end, false);

                first = run_end(start, end, true);
                if (start < first)
                        give_to_zone(zone, start, first);
        }
}

/* Give the free pages of one range of RAM to the zones it lies in. */
static void give_range(const struct memory_range *range)
{
        u64 first = ROUND_UP(range->start, PAGE_SIZE) >> PAGE_SHIFT;
        u64 end = min(range->end >> PAGE_SHIFT, (u64)mem_map_count);

        while (first < end) {
                struct zone *zone = zone_of_pfn((pfn_t)first);
                u64 end_in_zone = min(end, (u64)zone->end_pfn);

                give_free_runs(zone, (pfn_t)first, (pfn_t)end_in_zone);
                first = end_in_zone;
        }
}

/* How many low pages of RAM are taken though no claim names them: bootmem's own gifts. */
static unsigned long count_bootmem_pages(const struct memmap *map)
{
        unsigned long count = 0;

        for (pfn_t pfn = 0; pfn < max_low_pfn; pfn++) {
                u64 start = (u64)pfn << PAGE_SHIFT;

                if (!bootmem_page_is_free(pfn) && !memory_claim_find(start, start + PAGE_SIZE) &&
                    memmap_contains(map, start, start + PAGE_SIZE, MEMORY_RAM))
                        count++;
        }
        return count;
}

void handover(struct memmap *map, unsigned long owners_limit_bytes)
{
        pfn_t bitmap_first, bitmap_end;

        make_mem_map(map);
        if (DEBUG_BUILD)
                page_debug_init(owners_limit_bytes);
        zones_init(map);
        handover_report.bootmem_pages = count_bootmem_pages(map);

        for (unsigned int index = 0; index < map->count; index++)
                if (map->ranges[index].kind == MEMORY_RAM)
                        give_range(&map->ranges[index]);
        bootmem_close(&bitmap_first, &bitmap_end);
        for (pfn_t pfn = bitmap_first; pfn < bitmap_end; pfn++)
                give_to_zone(zone_of_pfn(pfn), pfn, pfn + 1);
        handover_report.bootmem_pages -= bitmap_end - bitmap_first;

        zones_finish();
        pcp_init();
}
