/*
 * Memory map
 *
 * Idea        Firmware lists ranges in any order, overlapping and wrapping. Each is painted onto
 *             a sorted list of disjoint ranges: cut the list at both ends of the new range, raise
 *             the kind of what lies between, fill the gaps, join what became alike.
 *
 * Picture     before        |  RAM           |     | ACPI |
 *             add                   [ reserved  ]
 *             cut           |  RAM  |  RAM   |     | ACPI |
 *             raise, fill   |  RAM  |  res.  |res.|| ACPI |
 *             join          |  RAM  |   reserved  || ACPI |
 *
 * Data        struct memmap: an array, sorted by start.
 *
 * Invariants  MEMMAP-1  no range is empty, and each ends where the next begins, or before.
 *             MEMMAP-2  neighbours that touch differ in kind.
 *             MEMMAP-3  each byte has the latest kind of all ranges that were added over it.
 *                       (Guarded by tests/unit/test_memmap.c, which paints bytes.)
 *
 * Locking     None: one CPU builds it at boot, nobody changes it later.
 *
 * Cost        An addition moves at most the whole array: n² / 2 for n ranges, of which there are
 *             at most a few hundred.
 *
 * Failure     A full map refuses the range and is unchanged.
 *
 * Reading     docs/02-memory-map.md; LKD, chapter 12; the ACPI specification, "Query System
 *             Address Map" (E820).
 */
#include "mm/memmap.h"

#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/string.h"

struct memmap memmap;

static const char *const kind_names[MEMORY_KIND_COUNT] = {
        [MEMORY_RAM] = "System RAM",
        [MEMORY_RAM_FIRST_MIB] = "RAM below 1 MiB (left to firmware)",
        [MEMORY_RAM_CUT] = "RAM above mem=",
        [MEMORY_RAM_UNREACHABLE] = "RAM out of reach",
        [MEMORY_ACPI] = "ACPI Tables",
        [MEMORY_ACPI_NVS] = "ACPI Non-volatile Storage",
        [MEMORY_RESERVED] = "Reserved",
        [MEMORY_BAD] = "Unusable memory",
};

/* The index of the first range that ends above address. */
static unsigned int find_first_ending_above(const struct memmap *map, u64 address)
{
        unsigned int index = 0;

        while (index < map->count && map->ranges[index].end <= address)
                index++;
        return index;
}

/* Make room at index and put a range there. The caller has checked that there is room. */
static void insert_at(struct memmap *map, unsigned int index, u64 start, u64 end,
                      enum memory_kind kind)
{
        struct memory_range *slot = &map->ranges[index];

        memmove(slot + 1, slot, (map->count - index) * sizeof(*slot));
        *slot = (struct memory_range){ .start = start, .end = end, .kind = kind };
        map->count++;
}

/* If a range spans address, make it two that meet there. */
static void cut_at(struct memmap *map, u64 address)
{
        unsigned int index = find_first_ending_above(map, address);

        if (index == map->count || map->ranges[index].start >= address)
                return;
        insert_at(map, index, map->ranges[index].start, address, map->ranges[index].kind);
        map->ranges[index + 1].start = address;
}

/* Raise the kind of every range of [start, end), at whose ends the list is cut. */
static void raise_kinds(struct memmap *map, u64 start, u64 end, enum memory_kind kind)
{
        for (unsigned int index = find_first_ending_above(map, start);
             index < map->count && map->ranges[index].start < end; index++)
                map->ranges[index].kind = max(map->ranges[index].kind, kind);
}

/* Put a range of kind into every gap of [start, end). */
static void fill_gaps(struct memmap *map, u64 start, u64 end, enum memory_kind kind)
{
        unsigned int index = find_first_ending_above(map, start);

        while (start < end) {
                u64 next_start = index < map->count ? map->ranges[index].start : end;
                u64 gap_end = min(next_start, end);

                if (start < gap_end)
                        insert_at(map, index++, start, gap_end, kind);
                if (gap_end == end)
                        return;
                start = map->ranges[index++].end;
        }
}

/* Make one of neighbours that touch and are alike. */
static void join_neighbours(struct memmap *map)
{
        unsigned int kept = 0;

        for (unsigned int index = 1; index < map->count; index++) {
                struct memory_range *last = &map->ranges[kept];
                const struct memory_range *range = &map->ranges[index];

                if (last->end == range->start && last->kind == range->kind)
                        last->end = range->end;
                else
                        map->ranges[++kept] = *range;
        }
        map->count = min(map->count, kept + 1);
}

/* Whether a range spans address, so that cutting there makes two of it. */
static bool is_spanned(const struct memmap *map, u64 address)
{
        unsigned int index = find_first_ending_above(map, address);

        return index < map->count && map->ranges[index].start < address;
}

/* How many entries painting [start, end) adds before neighbours are joined. */
static unsigned int room_needed(const struct memmap *map, u64 start, u64 end)
{
        unsigned int room = is_spanned(map, start) + is_spanned(map, end);
        u64 position = start;

        for (unsigned int index = find_first_ending_above(map, start);
             index < map->count && map->ranges[index].start < end; index++) {
                room += map->ranges[index].start > position;
                position = map->ranges[index].end;
        }
        return room + (position < end);
}

bool memmap_add(struct memmap *map, u64 start, u64 length_bytes, enum memory_kind kind)
{
        u64 end = start + length_bytes < start ? UINT64_MAX : start + length_bytes;

        if (start == end)
                return true;
        if (map->count + room_needed(map, start, end) > MEMMAP_RANGES_MAX)
                return false;
        cut_at(map, start);
        cut_at(map, end);
        raise_kinds(map, start, end, kind);
        fill_gaps(map, start, end, kind);
        join_neighbours(map);
        return true;
}

u64 memmap_convert(struct memmap *map, u64 start, u64 end, enum memory_kind from,
                   enum memory_kind to)
{
        u64 changed_bytes = 0;

        if (start >= end)
                return 0;
        BUG_ON(map->count + 2 > MEMMAP_RANGES_MAX, "no room to cut %#llx-%#llx",
               (unsigned long long)start, (unsigned long long)end);
        cut_at(map, start);
        cut_at(map, end);
        for (unsigned int index = find_first_ending_above(map, start);
             index < map->count && map->ranges[index].start < end; index++) {
                struct memory_range *range = &map->ranges[index];

                if (range->kind != from)
                        continue;
                range->kind = to;
                changed_bytes += range->end - range->start;
        }
        join_neighbours(map);
        return changed_bytes;
}

u64 memmap_bytes(const struct memmap *map, enum memory_kind kind)
{
        u64 total_bytes = 0;

        for (unsigned int index = 0; index < map->count; index++)
                if (map->ranges[index].kind == kind)
                        total_bytes += map->ranges[index].end - map->ranges[index].start;
        return total_bytes;
}

bool memmap_contains(const struct memmap *map, u64 start, u64 end, enum memory_kind kind)
{
        unsigned int index = find_first_ending_above(map, start);

        if (start >= end)
                return true;
        return index < map->count && map->ranges[index].kind == kind &&
               map->ranges[index].start <= start && end <= map->ranges[index].end;
}

bool memmap_overlaps(const struct memmap *map, u64 start, u64 end, enum memory_kind kind)
{
        if (start >= end)
                return false;
        for (unsigned int index = find_first_ending_above(map, start);
             index < map->count && map->ranges[index].start < end; index++)
                if (map->ranges[index].kind == kind)
                        return true;
        return false;
}

u64 memmap_end(const struct memmap *map, enum memory_kind kind)
{
        for (unsigned int index = map->count; index > 0; index--)
                if (map->ranges[index - 1].kind == kind)
                        return map->ranges[index - 1].end;
        return 0;
}

const char *memory_kind_name(enum memory_kind kind)
{
        return kind < MEMORY_KIND_COUNT ? kind_names[kind] : "?";
}

void memmap_check(const struct memmap *map)
{
        for (unsigned int index = 0; index < map->count; index++) {
                const struct memory_range *range = &map->ranges[index];

                CHECK_INVARIANT(MEMMAP-1, range->start < range->end, "range %u: %#llx-%#llx", index,
                                (unsigned long long)range->start, (unsigned long long)range->end);
                if (index + 1 == map->count)
                        break;
                CHECK_INVARIANT(MEMMAP-1, range->end <= range[1].start, "range %u", index);
                CHECK_INVARIANT(MEMMAP-2, range->end < range[1].start ||
                                range->kind != range[1].kind, "range %u", index);
        }
}
