/* The tick, at every rate. */
#include "kernel/time/tick.h"

#include "kernel/cpu/smp.h"
#include "kernel/time/jiffies.h"
#include "kernel/time/timer.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/time.h"

/* TICK-1: however many ticks there are in a second, there are HZ jiffies. */
TEST(tick, a_second_has_hz_jiffies_at_every_rate)
{
        static const unsigned int rates[] = { 20, 33, 99, 100, 101, 250, 1000, 9999, 10000 };

        for (unsigned int index = 0; index < ARRAY_SIZE(rates); index++) {
                tick_init(rates[index]);
                EXPECT_EQ(tick_hz(), rates[index]);
                for (unsigned int second = 0; second < 3; second++) {
                        unsigned long start = jiffies;

                        host_take_ticks(rates[index]);
                        EXPECT_EQ(jiffies - start, HZ);
                }
        }
}

TEST(tick, only_the_first_cpu_moves_time)
{
        unsigned long start = jiffies;

        host_cpu = 2;
        host_take_ticks(500);
        EXPECT_EQ(jiffies, start);
        EXPECT_EQ(per_cpu(tick_count, 2), 500);
        EXPECT_EQ(per_cpu(tick_count, 0), 0);
        EXPECT_EQ(host_scheduler_ticks(), 500);
}

TEST(tick, odd_rates_panic)
{
        EXPECT_PANIC(tick_init(TICK_HZ_LEAST - 1), "19 ticks");
        EXPECT_PANIC(tick_init(TICK_HZ_MOST + 1), "10001 ticks");
}
