/* Random numbers and sorting. Limits on counts are wide enough for any seed to keep. */
#include <stdlib.h>
#include <string.h>

#include "lib/compiler.h"
#include "lib/random.h"
#include "lib/sort.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"

TEST(lib_random, is_splitmix64)
{
        struct random random = { .state = 1234567 };

        EXPECT_EQ(random_next(&random), 6457827717110365317ull);
        EXPECT_EQ(random_next(&random), 3203168211198807973ull);
        EXPECT_EQ(random_next(&random), 9817491932198370423ull);
}

TEST(lib_random, seed_decides_everything)
{
        struct random a, b, c;
        unsigned int equal = 0;

        random_seed(&a, test->seed);
        random_seed(&b, test->seed);
        random_seed(&c, test->seed + 1);
        for (int i = 0; i < 1000; i++) {
                u64 number = random_next(&a);
                EXPECT_EQ(random_next(&b), number);
                equal += random_next(&c) == number;
        }
        EXPECT_EQ(equal, 0);
}

TEST(lib_random, below_is_even)
{
        struct random random;
        unsigned int counts[7] = {0};

        random_seed(&random, test->seed);
        for (int i = 0; i < 70000; i++) {
                u32 number = random_below(&random, 7);
                REQUIRE(number < 7);
                counts[number]++;
        }
        for (int i = 0; i < 7; i++)
                EXPECT(counts[i] > 9300 && counts[i] < 10700);
}

/* With a bound of three quarters of the range, naive scaling would favour every third number. */
TEST(lib_random, below_has_no_bias_at_large_bounds)
{
        struct random random;
        unsigned int counts[3] = {0};

        random_seed(&random, test->seed);
        for (int i = 0; i < 90000; i++) {
                u32 number = random_below(&random, 0xc0000000);
                REQUIRE(number < 0xc0000000);
                counts[number % 3]++;
        }
        for (int i = 0; i < 3; i++)
                EXPECT(counts[i] > 29000 && counts[i] < 31000);
}

TEST(lib_random, between_reaches_both_ends)
{
        struct random random;
        unsigned int seen = 0;

        random_seed(&random, test->seed);
        for (int i = 0; i < 1000; i++) {
                u32 number = random_between(&random, 10, 13);
                REQUIRE(number >= 10 && number <= 13);
                seen |= 1u << (number - 10);
        }
        EXPECT_EQ(seen, 0xf);
        EXPECT_EQ(random_between(&random, UINT32_MAX, UINT32_MAX), UINT32_MAX);
        EXPECT(random_between(&random, 0, UINT32_MAX) != random_between(&random, 0, UINT32_MAX));
}

TEST(lib_random, one_in_keeps_its_rate)
{
        struct random random;
        unsigned int count = 0;

        random_seed(&random, test->seed);
        for (int i = 0; i < 100000; i++)
                count += random_one_in(&random, 10);
        EXPECT(count > 9300 && count < 10700);
        EXPECT(random_one_in(&random, 1));
}

TEST(lib_random, impossible_ranges_panic)
{
        struct random random = {0};

        EXPECT_PANIC(random_below(&random, 0), "bound == 0");
        EXPECT_PANIC(random_between(&random, 5, 4), "first=5 last=4");
        EXPECT_PANIC(random_permute(1, 3, 3), "index=3 count=3");
}

TEST(lib_random, shuffle_keeps_the_elements_and_moves_them)
{
        struct random random;
        u32 numbers[100];
        unsigned int first[4] = {0};
        bool seen[100] = {0};

        random_seed(&random, test->seed);
        for (u32 i = 0; i < 100; i++)
                numbers[i] = i;
        random_shuffle(&random, numbers, 100, sizeof(numbers[0]));
        for (u32 i = 0; i < 100; i++)
                seen[numbers[i]] = true;
        for (u32 i = 0; i < 100; i++)
                EXPECT(seen[i]);
        for (u32 i = 0; i < 40000; i++) {
                char letters[4] = { 0, 1, 2, 3 };
                random_shuffle(&random, letters, 4, 1);
                first[(int)letters[0]]++;
        }
        for (int i = 0; i < 4; i++)
                EXPECT(first[i] > 9300 && first[i] < 10700);
}

TEST(lib_random, permute_meets_each_number_once)
{
        for (u32 count = 1; count < 300; count++) {
                bool seen[300] = {0};
                for (u32 i = 0; i < count; i++) {
                        u32 number = random_permute(test->seed + count, i, count);
                        REQUIRE(number < count);
                        REQUIRE(!seen[number]);
                        seen[number] = true;
                }
        }
        EXPECT(random_permute(test->seed, UINT32_MAX - 1, UINT32_MAX) < UINT32_MAX);
}

TEST(lib_random, permute_depends_on_the_seed_alone)
{
        unsigned int moved = 0;

        for (u32 i = 0; i < 1000; i++) {
                u32 number = random_permute(test->seed, i, 1000);
                moved += random_permute(test->seed + 1, i, 1000) != number;
                EXPECT_EQ(random_permute(test->seed, i, 1000), number);
        }
        EXPECT(moved > 900);
}

TEST(lib_random, permute_spreads_over_seeds)
{
        unsigned int counts[10][10] = {0};

        for (u32 i = 0; i < 20000; i++)
                for (u32 place = 0; place < 10; place++)
                        counts[place][random_permute(test->seed + i, place, 10)]++;
        for (u32 place = 0; place < 10; place++)
                for (u32 number = 0; number < 10; number++)
                        EXPECT(counts[place][number] > 1500 && counts[place][number] < 2500);
}

/* An element of odd size, so that it is swapped in words and bytes. */
struct record {
        u32 key;
        u8 tag[3];
} __packed;

/* Orders records by key, then tag, so that the sorted order is unique. */
static int compare_records(const void *left, const void *right)
{
        const struct record *a = left;
        const struct record *b = right;

        if (a->key != b->key)
                return a->key < b->key ? -1 : 1;
        return memcmp(a->tag, b->tag, sizeof(a->tag));
}

TEST(lib_sort, agrees_with_qsort)
{
        struct random random;

        random_seed(&random, test->seed);
        for (u32 count = 0; count < 300; count++) {
                struct record *ours = calloc(count + 1, sizeof(*ours));
                struct record *theirs = calloc(count + 1, sizeof(*theirs));
                for (u32 i = 0; i < count; i++) {
                        ours[i].key = random_below(&random, count);
                        ours[i].tag[1] = (u8)random_next(&random);
                        theirs[i] = ours[i];
                }
                sort_array(ours, count, sizeof(*ours), compare_records);
                qsort(theirs, count, sizeof(*theirs), compare_records);
                EXPECT_EQ(memcmp(ours, theirs, count * sizeof(*ours)), 0);
                sort_array(ours, count, sizeof(*ours), compare_records);
                EXPECT_EQ(memcmp(ours, theirs, count * sizeof(*ours)), 0);
                free(ours);
                free(theirs);
        }
}

static unsigned int comparison_count;

/* Orders numbers downwards, and counts how often it is asked. */
static int compare_downwards(const void *left, const void *right)
{
        u32 a = *(const u32 *)left;
        u32 b = *(const u32 *)right;

        comparison_count++;
        return (a < b) - (a > b);
}

TEST(lib_sort, is_quick_on_sorted_input)
{
        u32 numbers[1024];

        for (u32 i = 0; i < 1024; i++)
                numbers[i] = i;
        comparison_count = 0;
        for (int pass = 0; pass < 2; pass++) {
                sort_array(numbers, 1024, sizeof(numbers[0]), compare_downwards);
                for (u32 i = 0; i < 1024; i++)
                        EXPECT_EQ(numbers[i], 1023 - i);
        }
        EXPECT(comparison_count < 2 * 2 * 1024 * 11);
}
