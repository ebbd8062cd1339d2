/* The memory map, against a model that paints bytes; and what hostile firmware may list. */
#include "mm/memmap.h"

#include <stdio.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/random.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"

/* The model: the kind of each byte of a small address space; NO_KIND where nothing was added. */
#define MODEL_BYTES 256u
#define NO_KIND 0xFF

static struct memmap map;
static u8 model[MODEL_BYTES];

/* Paint a range onto the model: the later kind wins. */
static void paint(u64 start, u64 length, enum memory_kind kind)
{
        for (u64 byte = start; byte < start + length; byte++)
                if (model[byte] == NO_KIND || model[byte] < kind)
                        model[byte] = (u8)kind;
}

/* Begin with an empty map and model. */
static void start(void)
{
        map.count = 0;
        memset(model, NO_KIND, sizeof(model));
}

/* The kind that the map gives to an address; NO_KIND for none. */
static unsigned int kind_at(u64 address)
{
        for (unsigned int index = 0; index < map.count; index++)
                if (map.ranges[index].start <= address && address < map.ranges[index].end)
                        return map.ranges[index].kind;
        return NO_KIND;
}

/* Whether every byte of the map is as in the model, each address times scale and plus base. */
static bool map_is_model(u64 base, u64 scale)
{
        for (u64 byte = 0; byte < MODEL_BYTES; byte++)
                if (kind_at(base + byte * scale) != model[byte] ||
                    kind_at(base + byte * scale + scale - 1) != model[byte])
                        return false;
        return true;
}

/* A map with one byte of RAM at every even address below twice count. */
static void fill_with_islands(unsigned int count)
{
        start();
        for (u64 index = 0; index < count; index++)
                memmap_add(&map, 2 * index, 1, MEMORY_RAM);
}

TEST(memmap, empty_map_has_nothing)
{
        start();
        memmap_check(&map);
        EXPECT_EQ(memmap_bytes(&map, MEMORY_RAM), 0);
        EXPECT_EQ(memmap_end(&map, MEMORY_RAM), 0);
        EXPECT(!memmap_contains(&map, 0, 1, MEMORY_RAM));
        EXPECT(!memmap_overlaps(&map, 0, UINT64_MAX, MEMORY_RAM));
}

TEST(memmap, unsorted_ranges_are_sorted)
{
        start();
        EXPECT(memmap_add(&map, 200, 10, MEMORY_RAM));
        EXPECT(memmap_add(&map, 100, 10, MEMORY_ACPI));
        EXPECT(memmap_add(&map, 0, 10, MEMORY_RESERVED));
        memmap_check(&map);
        EXPECT_EQ(map.count, 3);
        EXPECT_EQ(map.ranges[0].start, 0);
        EXPECT_EQ(map.ranges[1].kind, MEMORY_ACPI);
        EXPECT_EQ(map.ranges[2].end, 210);
}

/* MEMMAP-2: what touches and is alike becomes one, in whatever order it comes. */
TEST(memmap, touching_ranges_are_joined)
{
        start();
        memmap_add(&map, 0, 10, MEMORY_RAM);
        memmap_add(&map, 20, 10, MEMORY_RAM);
        EXPECT_EQ(map.count, 2);
        memmap_add(&map, 10, 10, MEMORY_RAM);
        memmap_check(&map);
        EXPECT_EQ(map.count, 1);
        EXPECT_EQ(map.ranges[0].end, 30);
}

TEST(memmap, zero_length_is_ignored)
{
        start();
        EXPECT(memmap_add(&map, 5, 0, MEMORY_RAM));
        EXPECT(memmap_add(&map, UINT64_MAX, 0, MEMORY_RAM));
        EXPECT_EQ(map.count, 0);
}

/* MEMMAP-1 at the end of all addresses: a range that wraps ends there. */
TEST(memmap, wrapping_range_ends_at_the_last_address)
{
        start();
        EXPECT(memmap_add(&map, UINT64_MAX - 99, 1000, MEMORY_RAM));
        EXPECT(memmap_add(&map, 0, UINT64_MAX, MEMORY_ACPI));
        EXPECT(memmap_add(&map, 0, 10, MEMORY_RESERVED));
        memmap_check(&map);
        EXPECT_EQ(map.count, 2);
        EXPECT_EQ(memmap_end(&map, MEMORY_ACPI), UINT64_MAX);
        EXPECT_EQ(memmap_bytes(&map, MEMORY_RAM), 0);
        EXPECT_EQ(memmap_bytes(&map, MEMORY_ACPI), UINT64_MAX - 10);
}

TEST(memmap, last_bytes_of_the_address_space)
{
        start();
        memmap_add(&map, UINT64_MAX - 10, 10, MEMORY_RAM);
        EXPECT(memmap_contains(&map, UINT64_MAX - 10, UINT64_MAX, MEMORY_RAM));
        EXPECT(memmap_overlaps(&map, UINT64_MAX - 1, UINT64_MAX, MEMORY_RAM));
        memmap_add(&map, UINT64_MAX - 1, UINT64_MAX, MEMORY_RESERVED);
        memmap_check(&map);
        EXPECT_EQ(memmap_bytes(&map, MEMORY_RESERVED), 1);
        EXPECT_EQ(memmap_end(&map, MEMORY_RAM), UINT64_MAX - 1);
}

/* MEMMAP-3 for all pairs of kinds, both orders, in every way two ranges can lie to one another. */
TEST(memmap, later_kind_wins_where_two_overlap)
{
        for (u64 place = 0; place < 30; place++) {
                for (unsigned int pair = 0; pair < MEMORY_KIND_COUNT * MEMORY_KIND_COUNT; pair++) {
                        enum memory_kind first = pair / MEMORY_KIND_COUNT;
                        enum memory_kind second = pair % MEMORY_KIND_COUNT;

                        start();
                        memmap_add(&map, 10, 10, first);
                        paint(10, 10, first);
                        memmap_add(&map, place, 1 + place % 13, second);
                        paint(place, 1 + place % 13, second);
                        memmap_check(&map);
                        REQUIRE(map_is_model(0, 1));
                }
        }
}

/* MEMMAP-3: random ranges, painted byte by byte. One round adds up to 40 of them. */
static bool random_round(struct random *random, u64 base, u64 scale)
{
        start();
        for (unsigned int count = random_between(random, 1, 40); count > 0; count--) {
                u64 first = random_below(random, MODEL_BYTES);
                u64 length = random_below(random, MODEL_BYTES - (u32)first + 1);
                enum memory_kind kind = random_below(random, MEMORY_KIND_COUNT);

                length = random_one_in(random, 3) ? length : length / 8;
                if (!memmap_add(&map, base + first * scale, length * scale, kind))
                        return false;
                paint(first, length, kind);
                memmap_check(&map);
        }
        return map_is_model(base, scale);
}

TEST(memmap, random_maps_agree_with_a_painting_model)
{
        struct random random;

        random_seed(&random, test->seed);
        for (unsigned int round = 0; round < 400; round++) {
                REQUIRE(random_round(&random, 0, 1));
                REQUIRE(random_round(&random, 0, 4096));
                REQUIRE(random_round(&random, UINT64_MAX - MODEL_BYTES, 1));
                REQUIRE(random_round(&random, 1, 1ull << 55));
        }
}

/* What memmap_convert() should do, on the model. Returns the bytes that changed. */
static u64 model_convert(u64 first, u64 end, enum memory_kind from, enum memory_kind to)
{
        u64 changed = 0;

        for (u64 byte = first; byte < end; byte++) {
                if (model[byte] == from) {
                        model[byte] = (u8)to;
                        changed++;
                }
        }
        return changed;
}

TEST(memmap, convert_agrees_with_a_painting_model)
{
        struct random random;

        random_seed(&random, test->seed);
        for (unsigned int round = 0; round < 1000; round++) {
                REQUIRE(random_round(&random, 0, 1));
                u64 first = random_below(&random, MODEL_BYTES);
                u64 end = random_below(&random, MODEL_BYTES + 1);
                enum memory_kind from = random_below(&random, MEMORY_KIND_COUNT);
                enum memory_kind to = random_below(&random, MEMORY_KIND_COUNT);
                u64 expected = model_convert(first, end, from, to);

                REQUIRE(memmap_convert(&map, first, end, from, to) == expected);
                memmap_check(&map);
                REQUIRE(map_is_model(0, 1));
        }
}

/* How many bytes of [first, end) the model has of a kind. */
static u64 model_bytes(u64 first, u64 end, enum memory_kind kind)
{
        u64 count = 0;

        for (u64 byte = first; byte < end; byte++)
                count += model[byte] == kind;
        return count;
}

TEST(memmap, questions_agree_with_a_painting_model)
{
        struct random random;

        random_seed(&random, test->seed);
        for (unsigned int round = 0; round < 2000; round++) {
                enum memory_kind kind = random_below(&random, MEMORY_KIND_COUNT);
                u64 first = random_below(&random, MODEL_BYTES);
                u64 end = random_between(&random, (u32)first, MODEL_BYTES);

                if (round % 10 == 0)
                        REQUIRE(random_round(&random, 0, 1));
                u64 bytes = model_bytes(first, end, kind);
                REQUIRE(memmap_contains(&map, first, end, kind) == (bytes == end - first));
                REQUIRE(memmap_overlaps(&map, first, end, kind) == (bytes != 0));
                REQUIRE(memmap_bytes(&map, kind) == model_bytes(0, MODEL_BYTES, kind));
                u64 kind_end = memmap_end(&map, kind);
                REQUIRE(model_bytes(kind_end, MODEL_BYTES, kind) == 0);
                REQUIRE(kind_end == 0 || model[kind_end - 1] == kind);
        }
}

TEST(memmap, hundreds_of_entries_fit)
{
        fill_with_islands(512);
        EXPECT_EQ(map.count, 512);
        memmap_check(&map);
        EXPECT(memmap_add(&map, 0, 2000, MEMORY_RESERVED));
        memmap_check(&map);
        EXPECT_EQ(map.count, 1);
}

/* 512 ranges that each split another one: what MEMMAP_RANGES_MAX is computed for. */
TEST(memmap, five_hundred_splitting_entries_fit)
{
        start();
        REQUIRE(memmap_add(&map, 0, 1 << 20, MEMORY_RAM));
        for (u64 index = 0; index < 511; index++)
                REQUIRE(memmap_add(&map, 100 + index * 1000, 10, MEMORY_RESERVED));
        memmap_check(&map);
        EXPECT_EQ(map.count, 1023);
}

TEST(memmap, full_map_refuses_and_stays_as_it_is)
{
        static struct memmap before;

        fill_with_islands(MEMMAP_RANGES_MAX);
        REQUIRE(map.count == MEMMAP_RANGES_MAX);
        before = map;
        EXPECT(!memmap_add(&map, 1ull << 40, 1, MEMORY_RAM));
        EXPECT(!memmap_add(&map, 1, 1, MEMORY_RESERVED));
        EXPECT(!memmap_add(&map, 0, 1ull << 40, MEMORY_RESERVED));
        EXPECT(memcmp(&before, &map, sizeof(map)) == 0);

        /* What needs no more room is taken even now. */
        EXPECT(memmap_add(&map, 0, 1, MEMORY_RESERVED));
        EXPECT(memmap_add(&map, 2, 1, MEMORY_RAM));
        memmap_check(&map);
        EXPECT_EQ(kind_at(0), MEMORY_RESERVED);
}

/* A full map whose last range would be cut twice: room for two is needed, and counted. */
TEST(memmap, nearly_full_map_counts_the_room_a_split_needs)
{
        fill_with_islands(MEMMAP_RANGES_MAX - 2);
        REQUIRE(memmap_add(&map, 10000, 100, MEMORY_RAM));
        REQUIRE(map.count == MEMMAP_RANGES_MAX - 1);
        EXPECT(!memmap_add(&map, 10010, 10, MEMORY_RESERVED));
        EXPECT_EQ(map.count, MEMMAP_RANGES_MAX - 1);
        EXPECT(memmap_add(&map, 10090, 10, MEMORY_RESERVED));
        EXPECT_EQ(map.count, MEMMAP_RANGES_MAX);
        memmap_check(&map);
}

TEST(memmap, convert_without_room_panics_and_changes_nothing)
{
        fill_with_islands(MEMMAP_RANGES_MAX);
        EXPECT_PANIC(memmap_convert(&map, 0, 1, MEMORY_RAM, MEMORY_BAD), "no room to cut");
        EXPECT_EQ(memmap_bytes(&map, MEMORY_RAM), MEMMAP_RANGES_MAX);
}

TEST(memmap, convert_of_nothing_changes_nothing)
{
        start();
        memmap_add(&map, 0, 100, MEMORY_RAM);
        EXPECT_EQ(memmap_convert(&map, 50, 50, MEMORY_RAM, MEMORY_BAD), 0);
        EXPECT_EQ(memmap_convert(&map, 60, 50, MEMORY_RAM, MEMORY_BAD), 0);
        EXPECT_EQ(memmap_convert(&map, 0, 100, MEMORY_ACPI, MEMORY_BAD), 0);
        EXPECT_EQ(memmap_convert(&map, 90, UINT64_MAX, MEMORY_RAM, MEMORY_RAM_CUT), 10);
        EXPECT_EQ(map.count, 2);
}

TEST(memmap, empty_range_is_contained_and_overlaps_nothing)
{
        start();
        memmap_add(&map, 0, 100, MEMORY_RAM);
        EXPECT(memmap_contains(&map, 50, 50, MEMORY_RAM));
        EXPECT(memmap_contains(&map, 500, 500, MEMORY_RAM));
        EXPECT(!memmap_overlaps(&map, 50, 50, MEMORY_RAM));
}

TEST(memmap, each_kind_has_its_own_name)
{
        for (unsigned int kind = 0; kind < MEMORY_KIND_COUNT; kind++)
                for (unsigned int other = 0; other < kind; other++)
                        EXPECT(strcmp(memory_kind_name(kind), memory_kind_name(other)) != 0);
        EXPECT(strcmp(memory_kind_name(MEMORY_RAM), "System RAM") == 0);
        EXPECT(strcmp(memory_kind_name(MEMORY_KIND_COUNT), "?") == 0);
}

/* The check itself: MEMMAP-1 and MEMMAP-2, each broken on purpose. */
TEST(memmap, check_finds_what_is_broken)
{
        start();
        memmap_add(&map, 0, 10, MEMORY_RAM);
        memmap_add(&map, 20, 10, MEMORY_ACPI);
        map.ranges[0].end = 0;
        EXPECT_PANIC(memmap_check(&map), "MEMMAP-1");
        map.ranges[0].end = 21;
        EXPECT_PANIC(memmap_check(&map), "MEMMAP-1");
        map.ranges[0].end = 20;
        memmap_check(&map);
        map.ranges[1].kind = MEMORY_RAM;
        EXPECT_PANIC(memmap_check(&map), "MEMMAP-2");
}
