/*
 * Memory maps against the plainest model there is: the list of all operations. What an address is
 * follows from going through the list for that one address.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/bits.h"
#include "mm/memmap.h"

#define OPERATIONS_MOST 64u
#define NO_KIND MEMORY_KIND_COUNT

/* One operation on [start, end). */
struct operation {
        bool is_conversion;
        u64 start;
        u64 end;
        enum memory_kind from;          /* of a conversion */
        enum memory_kind to;            /* or the kind that is added */
};

static struct memmap map;
static struct operation operations[OPERATIONS_MOST];
static unsigned int operation_count;

/* What one operation makes of an address that was of a kind. */
static enum memory_kind apply(const struct operation *operation, u64 address, enum memory_kind kind)
{
        if (address < operation->start || address >= operation->end)
                return kind;
        if (operation->is_conversion)
                return kind == operation->from ? operation->to : kind;
        return kind == NO_KIND ? operation->to : max(kind, operation->to);
}

/* The kind of an address, by the model. */
static enum memory_kind model_kind(u64 address)
{
        enum memory_kind kind = NO_KIND;

        for (unsigned int index = 0; index < operation_count; index++)
                kind = apply(&operations[index], address, kind);
        return kind;
}

/* The kind of an address, by the map. */
static enum memory_kind map_kind(u64 address)
{
        for (unsigned int index = 0; index < map.count; index++)
                if (map.ranges[index].start <= address && address < map.ranges[index].end)
                        return map.ranges[index].kind;
        return NO_KIND;
}

/* Compare map, model and the map's own answers at an address. */
static void compare_at(u64 address)
{
        enum memory_kind kind = model_kind(address);

        FUZZ_REQUIRE(map_kind(address) == kind);
        if (address == UINT64_MAX)
                return;
        for (enum memory_kind other = 0; other < MEMORY_KIND_COUNT; other++) {
                FUZZ_REQUIRE(memmap_contains(&map, address, address + 1, other) == (other == kind));
                FUZZ_REQUIRE(memmap_overlaps(&map, address, address + 1, other) == (other == kind));
        }
}

/* Compare wherever the kind can change. */
static void compare_everywhere(void)
{
        for (unsigned int index = 0; index < operation_count; index++) {
                const u64 edges[] = { operations[index].start, operations[index].end };

                for (unsigned int edge = 0; edge < 2; edge++) {
                        compare_at(edges[edge] - 1);
                        compare_at(edges[edge]);
                        compare_at(edges[edge] + 1);
                }
        }
}

/* An address: near 0, near the end, at a page, or anywhere. */
static u64 take_address(struct fuzz_stream *stream)
{
        switch (fuzz_below(stream, 4)) {
        case 0:
                return fuzz_take(stream);
        case 1:
                return UINT64_MAX - fuzz_take(stream);
        case 2:
                return (u64)fuzz_take(stream) << 12;
        default:
                return fuzz_take_number(stream, 8);
        }
}

/* Add a range, of a length that may wrap. */
static void do_add(struct fuzz_stream *stream)
{
        u64 start = take_address(stream);
        u64 length = take_address(stream);
        enum memory_kind kind = fuzz_below(stream, MEMORY_KIND_COUNT);
        u64 end = start + length < start ? UINT64_MAX : start + length;

        FUZZ_REQUIRE(memmap_add(&map, start, length, kind));
        operations[operation_count++] = (struct operation){ false, start, end, NO_KIND, kind };
}

/* Convert a range, which may be empty or turned around. */
static void do_convert(struct fuzz_stream *stream)
{
        u64 start = take_address(stream);
        u64 end = take_address(stream);
        enum memory_kind from = fuzz_below(stream, MEMORY_KIND_COUNT);
        enum memory_kind to = fuzz_below(stream, MEMORY_KIND_COUNT);
        u64 from_before = memmap_bytes(&map, from);
        u64 changed_bytes = memmap_convert(&map, start, end, from, to);

        FUZZ_REQUIRE(memmap_bytes(&map, from) == (from == to ? from_before
                                                             : from_before - changed_bytes));
        operations[operation_count++] = (struct operation){ true, start, end, from, to };
}

/* fuzz_memmap - add, convert, and compare. */
void fuzz_memmap(const u8 *data, size_t length)
{
        struct fuzz_stream stream = fuzz_open(data, length);

        map.count = 0;
        operation_count = 0;
        while (fuzz_has_more(&stream) && operation_count < OPERATIONS_MOST) {
                if (fuzz_below(&stream, 4))
                        do_add(&stream);
                else
                        do_convert(&stream);
                memmap_check(&map);
                if (operation_count % 8 == 0)
                        compare_everywhere();
        }
        compare_everywhere();
}
