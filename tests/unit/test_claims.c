/* The table of claims: sorted by address, the first one found, refused when full. */
#include "mm/claims.h"

#include <string.h>

#include "lib/random.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"

TEST(claims, empty_table_finds_nothing)
{
        EXPECT(!memory_claim_find(0, UINT64_MAX));
}

TEST(claims, are_kept_by_address)
{
        memory_claim_add(300, 400, "third");
        memory_claim_add(100, 200, "first");
        memory_claim_add(200, 300, "second");
        REQUIRE(memory_claim_count == 3);
        EXPECT(strcmp(memory_claims[0].name, "first") == 0);
        EXPECT(strcmp(memory_claims[1].name, "second") == 0);
        EXPECT(strcmp(memory_claims[2].name, "third") == 0);
}

TEST(claims, find_takes_ranges_as_half_open)
{
        memory_claim_add(100, 200, "claim");
        EXPECT(!memory_claim_find(0, 100));
        EXPECT(!memory_claim_find(200, 300));
        EXPECT(memory_claim_find(0, 101) == &memory_claims[0]);
        EXPECT(memory_claim_find(199, 200) == &memory_claims[0]);
        EXPECT(memory_claim_find(150, 151) == &memory_claims[0]);
        EXPECT(memory_claim_find(0, UINT64_MAX) == &memory_claims[0]);
}

TEST(claims, of_several_that_overlap_the_lowest_is_found)
{
        memory_claim_add(150, 400, "upper");
        memory_claim_add(100, 300, "lower");
        EXPECT(strcmp(memory_claim_find(200, 201)->name, "lower") == 0);
        EXPECT(strcmp(memory_claim_find(300, 301)->name, "upper") == 0);
}

/* Equal starts keep the order in which they were added. */
TEST(claims, equal_starts_keep_their_order)
{
        memory_claim_add(100, 300, "one");
        memory_claim_add(100, 200, "two");
        EXPECT(strcmp(memory_claims[0].name, "one") == 0);
        EXPECT(strcmp(memory_claims[1].name, "two") == 0);
}

TEST(claims, empty_claim_is_ignored)
{
        memory_claim_add(100, 100, "empty");
        memory_claim_add(100, 50, "backwards");
        EXPECT_EQ(memory_claim_count, 0);
}

TEST(claims, reach_beyond_four_gib)
{
        memory_claim_add(1ull << 36, (1ull << 36) + 1, "high module");
        EXPECT(memory_claim_find(1ull << 36, 1ull << 37));
        EXPECT(!memory_claim_find(0, 1ull << 36));
}

TEST(claims, full_table_panics_with_the_name)
{
        for (u64 index = 0; index < MEMORY_CLAIMS_MAX; index++)
                memory_claim_add(index * 10, index * 10 + 5, "module");
        EXPECT_EQ(memory_claim_count, MEMORY_CLAIMS_MAX);
        EXPECT_PANIC(memory_claim_add(10000, 10001, "straw"), "straw");
        EXPECT_EQ(memory_claim_count, MEMORY_CLAIMS_MAX);
}

/* Random claims against a linear search of an unsorted copy. */
TEST(claims, random_claims_are_found)
{
        struct memory_claim copy[MEMORY_CLAIMS_MAX];
        struct random random;

        random_seed(&random, test->seed);
        for (unsigned int index = 0; index < MEMORY_CLAIMS_MAX; index++) {
                u64 start = random_below(&random, 1000);

                copy[index] = (struct memory_claim){
                        .start = start, .end = start + 1 + random_below(&random, 20),
                        .name = "claim",
                };
                memory_claim_add(copy[index].start, copy[index].end, "claim");
        }
        for (u64 address = 0; address < 1100; address++) {
                u64 lowest = UINT64_MAX;

                for (unsigned int index = 0; index < MEMORY_CLAIMS_MAX; index++)
                        if (copy[index].start <= address && address < copy[index].end &&
                            copy[index].start < lowest)
                                lowest = copy[index].start;
                const struct memory_claim *found = memory_claim_find(address, address + 1);
                REQUIRE(!found == (lowest == UINT64_MAX));
                REQUIRE(!found || found->start == lowest);
        }
}

TEST(claims, what_is_kept_is_told_from_what_is_only_taken)
{
        memory_claim_add(100, 200, "module");
        memory_claim_keep(200, 300, "kernel");
        EXPECT(!memory_claim_is_kept(0, 200));
        EXPECT(memory_claim_is_kept(199, 201));
        EXPECT(memory_claim_is_kept(299, 1000));
        EXPECT(!memory_claim_is_kept(300, 1000));
}
