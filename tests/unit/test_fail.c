/* Failure injection: what the text means, which requests fail, and that a seed repeats it. */
#include "mm/fail.h"

#include "lib/string.h"
#include "lib/test.h"
#include "mm/phys/page_alloc.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

static struct fail_attributes *const attributes = &fail_page_alloc_attributes;

/* How many of count requests fail. */
static unsigned int failures_of(unsigned int count)
{
        unsigned int failed = 0;

        for (unsigned int number = 0; number < count; number++)
                failed += fail_page_alloc(GFP_KERNEL, 0);
        return failed;
}

TEST(fail, nothing_fails_at_first)
{
        EXPECT_EQ(failures_of(1000), 0);
        EXPECT_EQ(attributes->request_count, 0);
}

TEST(fail, text_has_one_to_three_numbers)
{
        EXPECT(fail_page_alloc_setup("30,7,100", 1));
        EXPECT_EQ(attributes->probability_percent, 30);
        EXPECT_EQ(attributes->interval, 7);
        EXPECT_EQ(attributes->after_count, 100);
        EXPECT(fail_page_alloc_setup("50,2", 1));
        EXPECT_EQ(attributes->interval, 2);
        EXPECT_EQ(attributes->after_count, 0);
        EXPECT(fail_page_alloc_setup("100", 1));
        EXPECT_EQ(attributes->probability_percent, 100);
        EXPECT_EQ(attributes->interval, 1);
        EXPECT(fail_page_alloc_setup("0", 1));
        EXPECT_EQ(attributes->probability_percent, 0);
}

TEST(fail, nonsense_changes_nothing)
{
        const char *const texts[] = {
                "", "x", "101", "-1", "50,0", "50,", ",", "50,1,", "50,1,2,", "50,1,2,3", "50 1",
                "50,1,2x", "4294967296", "50,4294967296", "50,1,4294967296", "50,,1",
                "99999999999999999999",
        };

        REQUIRE(fail_page_alloc_setup("30,7,100", 1));
        struct fail_attributes before = *attributes;
        for (unsigned int index = 0; index < ARRAY_SIZE(texts); index++)
                EXPECT(!fail_page_alloc_setup(texts[index], 1));
        EXPECT(memcmp(&before, attributes, sizeof(before)) == 0);
}

TEST(fail, certainty_fails_every_request)
{
        fail_page_alloc_setup("100", 1);
        EXPECT_EQ(failures_of(100), 100);
        EXPECT_EQ(attributes->request_count, 100);
        EXPECT_EQ(attributes->failed_count, 100);
}

TEST(fail, zero_probability_fails_none)
{
        fail_page_alloc_setup("0,1,0", 1);
        EXPECT_EQ(failures_of(100), 0);
}

TEST(fail, interval_and_start_choose_the_candidates)
{
        fail_page_alloc_setup("100,5,7", 1);
        for (unsigned int number = 0; number < 50; number++)
                EXPECT_EQ(fail_page_alloc(GFP_KERNEL, 0), number >= 7 && (number - 7) % 5 == 0);
        EXPECT_EQ(attributes->failed_count, 9);
}

/* 30 percent of 10000: far outside of these bounds only by a broken draw. */
TEST(fail, probability_is_about_right)
{
        fail_page_alloc_setup("30", test->seed);
        unsigned int failed = failures_of(10000);
        EXPECT(failed > 2700 && failed < 3300);
}

TEST(fail, seed_decides_which)
{
        bool first[100];
        unsigned int different = 0;

        fail_page_alloc_setup("50", 7);
        for (unsigned int number = 0; number < 100; number++)
                first[number] = fail_page_alloc(GFP_KERNEL, 0);
        fail_page_alloc_setup("50", 7);
        for (unsigned int number = 0; number < 100; number++)
                EXPECT_EQ(fail_page_alloc(GFP_KERNEL, 0), first[number]);
        fail_page_alloc_setup("50", 8);
        for (unsigned int number = 0; number < 100; number++)
                different += fail_page_alloc(GFP_KERNEL, 0) != first[number];
        EXPECT(different > 10);
}

TEST(fail, nofail_never_fails_and_is_not_counted)
{
        fail_page_alloc_setup("100", 1);
        EXPECT(!fail_page_alloc(GFP_KERNEL | __GFP_NOFAIL, 0));
        EXPECT_EQ(attributes->request_count, 0);
}

TEST(fail, allocations_fail_silently)
{
        if (!DEBUG_BUILD)
                SKIP("asked in the debug build only");
        machine_boot_pc(64 * MIB);
        host_forget_output();
        fail_page_alloc_setup("100", 1);
        EXPECT(!alloc_page(GFP_KERNEL));
        EXPECT(!alloc_pages(GFP_ATOMIC, 7));
        EXPECT(!__get_free_page(GFP_KERNEL));
        EXPECT(alloc_page(GFP_KERNEL | __GFP_NOFAIL));
        EXPECT_EQ(attributes->failed_count, 3);
        EXPECT(strcmp(host_printed_text(), "") == 0);
        EXPECT_EQ(page_alloc_counts().failed, 0);
}
