/* Ticks, and times counted in them. */
#include "kernel/time/jiffies.h"

#include "lib/random.h"
#include "lib/test.h"

/* JIFFIES-1 at the edges. */
TEST(jiffies, times_are_rounded_up)
{
        EXPECT_EQ(msecs_to_jiffies(0), 0);
        EXPECT_EQ(msecs_to_jiffies(1), 1);
        EXPECT_EQ(msecs_to_jiffies(10), 1);
        EXPECT_EQ(msecs_to_jiffies(11), 2);
        EXPECT_EQ(usecs_to_jiffies(1), 1);
        EXPECT_EQ(usecs_to_jiffies(10000), 1);
        EXPECT_EQ(usecs_to_jiffies(10001), 2);
        EXPECT_EQ(jiffies_to_msecs(7), 70);
        EXPECT_EQ(jiffies_to_usecs(7), 70000);
}

/* JIFFIES-1: nothing overflows. */
TEST(jiffies, long_times_are_cut_and_do_not_wrap)
{
        EXPECT_EQ(msecs_to_jiffies(UINT32_MAX), 429496730);
        EXPECT(msecs_to_jiffies(UINT32_MAX) <= MAX_JIFFY_OFFSET);
        EXPECT_EQ(jiffies_to_msecs(429496729), 4294967290u);
        EXPECT_EQ(jiffies_to_msecs(429496730), UINT32_MAX);
        EXPECT_EQ(jiffies_to_msecs(UINT32_MAX), UINT32_MAX);
        EXPECT_EQ(jiffies_to_usecs(MAX_JIFFY_OFFSET), UINT32_MAX);
}

/* JIFFIES-1 for any time. */
TEST(jiffies, converting_never_makes_a_time_shorter)
{
        struct random random;

        random_seed(&random, test->seed);
        for (unsigned int turn = 0; turn < 10000; turn++) {
                unsigned int time = (unsigned int)random_next(&random) >> random_below(&random, 32);

                EXPECT(jiffies_to_msecs(msecs_to_jiffies(time)) >= time);
                EXPECT(jiffies_to_usecs(usecs_to_jiffies(time)) >= time);
        }
}

TEST(jiffies, moments_are_compared_across_the_wrap)
{
        unsigned long late = -5ul;

        EXPECT(time_after(5ul, late));
        EXPECT(time_before(late, 5ul));
        EXPECT(!time_after(late, late));
        EXPECT(time_after_eq(late, late));
        EXPECT(time_before_eq(late, late));
        EXPECT(time_in_range(0ul, late, 5ul));
        EXPECT(!time_in_range(6ul, late, 5ul));
}
