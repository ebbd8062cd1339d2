/*
 * Boot memory
 *
 * Idea        One bit for each page of low memory, set while the page is taken. A request takes
 *             the first run of clear bits that is long enough. What a request leaves of its last
 *             page is used by the next one that fits, so that many small requests share pages.
 *
 * Picture     page      0    1    2    3    4    5    6    7
 *             bitmap    1    1    1    0    0    1    1    1      1: hole, kernel, claimed, or
 *                                 |                                  allocated
 *                       tail_end -+ inside page 2: the next small request starts here, and may
 *                       run on into pages 3 and 4
 *
 * Data        struct bootmem, one. The bitmap is carved out of the RAM that it describes, at the
 *             first place where nothing is claimed.
 *
 * Invariants  BOOTMEM-1  a clear bit is a page that is RAM entirely.
 *             BOOTMEM-2  no claimed page has a clear bit, unless free_bootmem() cleared it.
 *                        (Guarded by the tests of bootmem_init().)
 *             BOOTMEM-3  the page that tail_end points into has its bit set.
 *
 * Locking     None: one CPU, interrupts off, until the hand-over.
 *
 * Cost        A search reads the bitmap once: 28 KiB for 896 MiB, a word of taken pages at a time.
 *
 * Failure     Shortage panics with the size: at boot there is nobody to handle it. Freeing what
 *             is free, or no RAM, is the caller's bug and panics with the address.
 *
 * Reading     docs/02-memory-map.md; LDD3, chapter 8; Gorman, Understanding the Linux Virtual
 *             Memory Manager, chapter 5.
 */
#include "mm/boot/bootmem.h"

#include "kernel/cpu/address.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/claims.h"
#include "mm/layout.h"

#define BITS_PER_WORD 32u
#define WORD_ALL_TAKEN 0xFFFFFFFFu

static struct bootmem {
        const struct memmap *map;
        u32 *bitmap;
        pfn_t page_count;               /* frames the bitmap covers, from 0 */
        phys_addr_t tail_end;           /* end of the last allocation, if inside a page; else 0 */
        bool is_closed;
} bootmem;

/* Whether a frame's bit is set. */
static bool page_is_taken(pfn_t pfn)
{
        return bootmem.bitmap[pfn / BITS_PER_WORD] & BIT(pfn % BITS_PER_WORD);
}

/* Set or clear the bits of the frames [first, end). */
static void mark_pages(pfn_t first, pfn_t end, bool taken)
{
        for (pfn_t pfn = first; pfn < end; pfn++) {
                u32 *word = &bootmem.bitmap[pfn / BITS_PER_WORD];

                if (pfn % BITS_PER_WORD == 0 && end - pfn >= BITS_PER_WORD) {
                        *word = taken ? WORD_ALL_TAKEN : 0;
                        pfn += BITS_PER_WORD - 1;
                } else if (taken) {
                        *word |= BIT(pfn % BITS_PER_WORD);
                } else {
                        *word &= ~BIT(pfn % BITS_PER_WORD);
                }
        }
}

/* Where the low RAM ends, and with it the bitmap. */
static phys_addr_t find_low_end(const struct memmap *map)
{
        phys_addr_t end = 0;

        for (unsigned int index = 0; index < map->count; index++) {
                const struct memory_range *range = &map->ranges[index];

                if (range->kind == MEMORY_RAM && range->start < DIRECT_MAP_BYTES)
                        end = min(range->end, (u64)DIRECT_MAP_BYTES);
        }
        return ROUND_DOWN(end, PAGE_SIZE);
}

/* The lowest unclaimed place of bytes in one range of RAM; 0 when there is none. */
static phys_addr_t find_unclaimed(const struct memory_range *range, phys_addr_t end, u64 bytes)
{
        phys_addr_t start = ROUND_UP(range->start, PAGE_SIZE);
        const struct memory_claim *claim;

        while ((claim = memory_claim_find(start, start + bytes)))
                start = ROUND_UP(claim->end, PAGE_SIZE);
        return start + bytes <= min(range->end, end) ? start : 0;
}

/* Choose a place for the bitmap, at the lowest address that serves. */
static phys_addr_t place_bitmap(const struct memmap *map, phys_addr_t end, u64 bytes)
{
        for (unsigned int index = 0; index < map->count; index++) {
                phys_addr_t place = 0;

                if (map->ranges[index].kind == MEMORY_RAM)
                        place = find_unclaimed(&map->ranges[index], end, bytes);
                if (place)
                        return place;
        }
        panic("bootmem: no %llu bytes of low memory for the bitmap", (unsigned long long)bytes);
}

/* Clear the bit of every whole page of RAM, below the end of the bitmap. */
static void free_ram_pages(void)
{
        for (unsigned int index = 0; index < bootmem.map->count; index++) {
                const struct memory_range *range = &bootmem.map->ranges[index];
                u64 first = ROUND_UP(range->start, PAGE_SIZE) >> PAGE_SHIFT;
                u64 end = min(range->end >> PAGE_SHIFT, (u64)bootmem.page_count);

                if (range->kind == MEMORY_RAM && first < end)
                        mark_pages((pfn_t)first, (pfn_t)end, false);
        }
}

/* Set the bit of every page that a claim touches. */
static void take_claimed_pages(void)
{
        for (unsigned int index = 0; index < memory_claim_count; index++) {
                u64 first = memory_claims[index].start >> PAGE_SHIFT;
                u64 end = min(DIV_ROUND_UP(memory_claims[index].end, PAGE_SIZE),
                              (u64)bootmem.page_count);

                if (first < end)
                        mark_pages((pfn_t)first, (pfn_t)end, true);
        }
}

void bootmem_init(const struct memmap *map)
{
        phys_addr_t end = find_low_end(map);
        pfn_t page_count = (pfn_t)(end >> PAGE_SHIFT);
        u32 bitmap_bytes = (u32)ROUND_UP(DIV_ROUND_UP(page_count, 8u), PAGE_SIZE);
        phys_addr_t place = place_bitmap(map, end, bitmap_bytes);

        bootmem = (struct bootmem){ .map = map, .bitmap = __va(place), .page_count = page_count };
        memset(bootmem.bitmap, 0xFF, bitmap_bytes);
        free_ram_pages();
        take_claimed_pages();
        mark_pages((pfn_t)(place >> PAGE_SHIFT), (pfn_t)((place + bitmap_bytes) >> PAGE_SHIFT),
                   true);
}

/* Panic when a call comes before bootmem_init() or after the hand-over; say what to do instead. */
static void refuse_unless_open(const char *call, unsigned long size, const char *instead)
{
        BUG_ON(!bootmem.bitmap, "%s(%lu) before bootmem is there", call, size);
        BUG_ON(bootmem.is_closed, "%s(%lu) after bootmem was handed over; %s", call, size,
               instead);
}

/* The first taken frame of [first, end), or end. */
static pfn_t find_taken(pfn_t first, pfn_t end)
{
        while (first < end && !page_is_taken(first))
                first++;
        return first;
}

/* The first free frame at or after pfn, or page_count. */
static pfn_t find_free(pfn_t pfn)
{
        while (pfn < bootmem.page_count && page_is_taken(pfn)) {
                if (pfn % BITS_PER_WORD == 0 &&
                    bootmem.bitmap[pfn / BITS_PER_WORD] == WORD_ALL_TAKEN)
                        pfn += BITS_PER_WORD;
                else
                        pfn++;
        }
        return min(pfn, bootmem.page_count);
}

/* Take bytes that begin in what the last allocation left of its page. 0 when they do not fit. */
static phys_addr_t take_from_tail(u64 bytes, u64 align, phys_addr_t goal, phys_addr_t limit)
{
        phys_addr_t start = ROUND_UP(bootmem.tail_end, align);
        phys_addr_t tail_page_end = ROUND_UP(bootmem.tail_end, PAGE_SIZE);
        u64 end_page = DIV_ROUND_UP(start + bytes, PAGE_SIZE);
        pfn_t first = (pfn_t)(tail_page_end >> PAGE_SHIFT);

        if (!bootmem.tail_end || start < goal || start >= tail_page_end || start + bytes > limit ||
            end_page > bootmem.page_count)
                return 0;
        if (find_taken(first, (pfn_t)end_page) < end_page)
                return 0;
        mark_pages(first, (pfn_t)end_page, true);
        return start;
}

/* Take the first run of free pages at or above goal that holds bytes. 0 when there is none. */
static phys_addr_t take_first_fit(u64 bytes, u64 align, phys_addr_t goal, phys_addr_t limit)
{
        u64 page_align = max(align, (u64)PAGE_SIZE) >> PAGE_SHIFT;
        u64 pages = DIV_ROUND_UP(bytes, PAGE_SIZE);
        u64 last = min(limit >> PAGE_SHIFT, (u64)bootmem.page_count);
        u64 first = ROUND_UP(DIV_ROUND_UP(max(goal, (phys_addr_t)PAGE_SIZE), PAGE_SIZE),
                             page_align);

        while (first + pages <= last) {
                first = ROUND_UP((u64)find_free((pfn_t)first), page_align);
                if (first + pages > last)
                        break;
                pfn_t blocked = find_taken((pfn_t)first, (pfn_t)(first + pages));
                if (blocked == first + pages) {
                        mark_pages((pfn_t)first, blocked, true);
                        return first << PAGE_SHIFT;
                }
                first = blocked + 1;
        }
        return 0;
}

void *bootmem_alloc(unsigned long size, unsigned long align, phys_addr_t goal, phys_addr_t limit)
{
        refuse_unless_open("bootmem_alloc", size, "use alloc_pages()");
        BUG_ON(!size || !is_power_of_two(align), "size %lu, align %lu", size, align);

        phys_addr_t start = take_from_tail(size, align, goal, limit);
        if (!start)
                start = take_first_fit(size, align, goal, limit);
        if (!start && goal)
                return bootmem_alloc(size, align, 0, limit);
        if (!start)
                return NULL;

        phys_addr_t end = start + size;
        bootmem.tail_end = IS_ALIGNED(end, PAGE_SIZE) ? 0 : end;
        return memset(__va(start), 0, size);
}

/* bootmem_alloc() for callers that cannot go on without. */
static void *alloc_or_panic(unsigned long size, unsigned long align, phys_addr_t goal,
                            phys_addr_t limit)
{
        refuse_unless_open("alloc_bootmem", size, "use alloc_pages()");
        if (!size)
                panic("bootmem: an allocation of 0 bytes");

        void *memory = bootmem_alloc(size, align, goal, limit);
        if (!memory)
                panic("bootmem: out of memory: %lu bytes below %#llx wanted, %lu pages free", size,
                      (unsigned long long)limit, bootmem_free_page_count());
        return memory;
}

void *alloc_bootmem(unsigned long size)
{
        return alloc_or_panic(size, BOOTMEM_CACHE_LINE_BYTES, ZONE_DMA_END_ADDRESS,
                              DIRECT_MAP_BYTES);
}

void *alloc_bootmem_low(unsigned long size)
{
        return alloc_or_panic(size, BOOTMEM_CACHE_LINE_BYTES, 0, ZONE_DMA_END_ADDRESS);
}

void *alloc_bootmem_pages(unsigned long size)
{
        return alloc_or_panic(size, PAGE_SIZE, ZONE_DMA_END_ADDRESS, DIRECT_MAP_BYTES);
}

void *alloc_bootmem_low_pages(unsigned long size)
{
        return alloc_or_panic(size, PAGE_SIZE, 0, ZONE_DMA_END_ADDRESS);
}

/* The end of the frames that the bitmap itself lies in; first is where they begin. */
static pfn_t bitmap_end(pfn_t first)
{
        return first + (pfn_t)DIV_ROUND_UP(DIV_ROUND_UP(bootmem.page_count, 8u), PAGE_SIZE);
}

/* Where the bitmap's own frames begin. */
static pfn_t bitmap_first(void)
{
        return (pfn_t)(__pa(bootmem.bitmap) >> PAGE_SHIFT);
}

/* Why the frames [first, end), which are not none, can never be freed. NULL: they can. */
static const char *never_free_because(u64 first, u64 end)
{
        u64 start = first << PAGE_SHIFT, after = end << PAGE_SHIFT;

        if (!memmap_contains(bootmem.map, start, after, MEMORY_RAM))
                return "not all of this is RAM";
        if (end > bootmem.page_count)
                return "not all of this is low memory";
        if (memory_claim_is_kept(start, after))
                return "the kernel itself lies there";
        if (bitmap_first() < end && first < bitmap_end(bitmap_first()))
                return "bootmem's own bitmap lies there";
        return NULL;
}

void free_bootmem(unsigned long addr, unsigned long size)
{
        u64 first = DIV_ROUND_UP((u64)addr, PAGE_SIZE);
        u64 end = ((u64)addr + size) >> PAGE_SHIFT;

        refuse_unless_open("free_bootmem", size, "what it gave is kept for good");
        if (first >= end)
                return;

        const char *reason = never_free_because(first, end);
        if (reason)
                panic("free_bootmem: %#lx, %lu bytes: %s", addr, size, reason);
        for (u64 pfn = first; pfn < end; pfn++)
                if (!page_is_taken((pfn_t)pfn))
                        panic("free_bootmem: %#lx, %lu bytes: page %#llx is free already", addr,
                              size, (unsigned long long)(pfn << PAGE_SHIFT));
        mark_pages((pfn_t)first, (pfn_t)end, false);
        if (bootmem.tail_end >> PAGE_SHIFT >= first && bootmem.tail_end >> PAGE_SHIFT < end)
                bootmem.tail_end = 0;
}

unsigned long bootmem_free_page_count(void)
{
        unsigned long count = 0;

        for (pfn_t pfn = 0; pfn < bootmem.page_count; pfn++)
                count += !page_is_taken(pfn);
        return count;
}

bool bootmem_page_is_free(pfn_t pfn)
{
        return pfn < bootmem.page_count && !page_is_taken(pfn);
}

void bootmem_close(pfn_t *first, pfn_t *end)
{
        refuse_unless_open("bootmem_close", 0, "that happens once");
        *first = bitmap_first();
        *end = bitmap_end(*first);
        bootmem.is_closed = true;
}

void bootmem_check(void)
{
        for (pfn_t pfn = 0; pfn < bootmem.page_count; pfn++) {
                phys_addr_t start = (phys_addr_t)pfn << PAGE_SHIFT;

                CHECK_INVARIANT(BOOTMEM-1, page_is_taken(pfn) ||
                                memmap_contains(bootmem.map, start, start + PAGE_SIZE, MEMORY_RAM),
                                "page %#llx", (unsigned long long)start);
        }
        CHECK_INVARIANT(BOOTMEM-3, !bootmem.tail_end ||
                        page_is_taken((pfn_t)(bootmem.tail_end >> PAGE_SHIFT)), "tail %#llx",
                        (unsigned long long)bootmem.tail_end);
}
