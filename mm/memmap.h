/*
 * memmap.h - what lies where in the physical address space: sorted, disjoint, without gaps of
 * meaning.
 *
 * Context of all calls: boot, one CPU; afterwards the map only answers questions and may be read
 * from anywhere.
 */
#pragma once

#include "lib/types.h"

/*
 * The kinds of memory. Where two ranges overlap, the kind that is later in this list wins: to
 * take reserved memory for RAM costs the machine, the reverse only a few pages.
 */
enum memory_kind {
        MEMORY_RAM,                     /* the kernel's to use */
        MEMORY_RAM_FIRST_MIB,           /* RAM, says the map, but firmware's playground */
        MEMORY_RAM_CUT,                 /* RAM above mem= */
        MEMORY_RAM_UNREACHABLE,         /* RAM that this CPU, or mem_map, cannot address */
        MEMORY_ACPI,                    /* ACPI tables */
        MEMORY_ACPI_NVS,
        MEMORY_RESERVED,
        MEMORY_BAD,
        MEMORY_KIND_COUNT,
};

/* [start, end) is of one kind. */
struct memory_range {
        u64 start;
        u64 end;
        enum memory_kind kind;
};

/* Every addition can split one range and add another: this holds 512 of them. */
#define MEMMAP_RANGES_MAX 1040u

struct memmap {
        unsigned int count;
        struct memory_range ranges[MEMMAP_RANGES_MAX];
};

/* The machine's map, as memmap_add() and the rest made it. */
extern struct memmap memmap;

/*
 * memmap_add - note length_bytes bytes from start as kind. Where something is noted already, the
 * later kind of enum memory_kind wins. A length of 0 is ignored, a range that wraps ends at the
 * last address.
 *
 * Returns: false when the map is full; it is then as before.
 */
bool memmap_add(struct memmap *map, u64 start, u64 length_bytes, enum memory_kind kind);

/* memmap_convert - what is from in [start, end) becomes to. Returns: the bytes that changed. */
u64 memmap_convert(struct memmap *map, u64 start, u64 end, enum memory_kind from,
                   enum memory_kind to);

/* memmap_bytes - how many bytes of the map are of one kind. */
u64 memmap_bytes(const struct memmap *map, enum memory_kind kind);

/* memmap_contains - whether all of [start, end) is of one kind. An empty range is. */
bool memmap_contains(const struct memmap *map, u64 start, u64 end, enum memory_kind kind);

/* memmap_overlaps - whether any byte of [start, end) is of one kind. */
bool memmap_overlaps(const struct memmap *map, u64 start, u64 end, enum memory_kind kind);

/* memmap_end - the first address above all ranges of one kind; 0 when there are none. */
u64 memmap_end(const struct memmap *map, enum memory_kind kind);

/* memory_kind_name - "System RAM" and so on, as /proc/iomem has it. */
const char *memory_kind_name(enum memory_kind kind);

/* memmap_check - MEMMAP-1 to MEMMAP-3. */
void memmap_check(const struct memmap *map);
