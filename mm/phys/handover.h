/* handover.h - the moment when bootmem ends and the page allocator begins. */
#pragma once

#include "mm/memmap.h"

/* What the hand-over found; kept for `meminfo`, which accounts for every byte. */
struct handover_report {
        unsigned long mem_map_bytes;
        unsigned long bootmem_pages;            /* RAM that bootmem gave away for good */
        u64 unreachable_bytes;                  /* RAM for which mem_map had no room */
};

extern struct handover_report handover_report;

/*
 * handover - describe every frame of RAM with a struct page, make the zones, give each of them
 * the pages that nobody claimed or took, each exactly once, and close bootmem.
 *
 * RAM so far up that its descriptors do not fit into low memory becomes MEMORY_RAM_UNREACHABLE
 * in map. owners_limit_bytes: what the debug build's table of page owners may cost.
 *
 * Context: boot, one CPU, after bootmem_init() and with the direct map. Panics when low memory
 * has no room at all.
 */
void handover(struct memmap *map, unsigned long owners_limit_bytes);
