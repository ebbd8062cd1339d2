/*
 * bootmem.h - memory before there is a page allocator, and for what is larger than its largest
 * block. From bootmem_init() to the hand-over in mm/phys/handover.h; every later call panics.
 *
 * Context of all calls: boot, one CPU, interrupts off.
 *
 * Source: LKD and LDD3, chapter 8, "Obtaining Large Buffers"; the calls are those of Linux 2.6.
 */
#pragma once

#include "lib/types.h"
#include "mm/memmap.h"

#define BOOTMEM_CACHE_LINE_BYTES 64u

/*
 * bootmem_init - manage the low RAM of map, apart from what memory_claim_add() has claimed.
 *
 * Panics when there is no RAM for the bitmap. The map and the claims are kept and must not change
 * where they speak of low RAM.
 */
void bootmem_init(const struct memmap *map);

/*
 * alloc_bootmem            - size bytes, zeroed, aligned to a cache line, above 16 MiB if there
 *                            is room, so that DMA memory is spared, else anywhere in low memory
 * alloc_bootmem_low        - the same, but below 16 MiB
 * alloc_bootmem_pages      - as alloc_bootmem, aligned to a page
 * alloc_bootmem_low_pages  - as alloc_bootmem_low, aligned to a page
 *
 * Returns: a logical address, never NULL: when the memory is not there, or size is 0, they panic
 *          with the size asked for. The caller owns it for good, or until free_bootmem().
 */
void *alloc_bootmem(unsigned long size);
void *alloc_bootmem_low(unsigned long size);
void *alloc_bootmem_pages(unsigned long size);
void *alloc_bootmem_low_pages(unsigned long size);

/*
 * bootmem_alloc - the allocation behind the four: align is a power of two; the result lies below
 * the physical address limit and, if there is room, at or above goal.
 *
 * Returns: NULL when there is no room.
 */
void *bootmem_alloc(unsigned long size, unsigned long align, phys_addr_t goal, phys_addr_t limit);

/*
 * free_bootmem - give back size bytes from physical address addr: a part of an allocation, a
 * whole one, several, or a module that is no longer needed.
 *
 * Only pages that lie in the range entirely become free; a page of which the range covers a part
 * stays taken. Panics when one of the pages is free already, is no RAM of bootmem's, or holds the
 * kernel.
 */
void free_bootmem(unsigned long addr, unsigned long size);

/* bootmem_free_page_count - how many pages are free now. */
unsigned long bootmem_free_page_count(void);

/* bootmem_check - BOOTMEM-1 to BOOTMEM-3. */
void bootmem_check(void);

/*
 * What the hand-over needs, and nobody else:
 * bootmem_page_is_free     - whether a low frame is free
 * bootmem_close            - refuse all calls from now on; returns the bitmap's frames in
 *                            [*first, *end), which are still marked as taken
 */
bool bootmem_page_is_free(pfn_t pfn);
void bootmem_close(pfn_t *first, pfn_t *end);
