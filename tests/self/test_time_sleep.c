/* test_time_sleep.c - tasks that sleep for a time, alone and on every CPU at once. */
#include "kernel/cpu/smp.h"
#include "kernel/sync/schedule.h"
#include "kernel/time/sleep.h"
#include "lib/bug_expect.h"
#include "lib/random.h"
#include "tests/self/time_tools.h"

/* SLEEP-1, counted in ticks: one less may go by than were waited for. */
TEST(sleep, msleep_lasts_long_enough)
{
        for (unsigned int msecs = 0; msecs <= 60; msecs += 15) {
                unsigned long start = jiffies;

                msleep(msecs);
                EXPECT(jiffies - start >= msecs_to_jiffies(msecs) + 1);
        }
}

TEST(sleep, schedule_timeout_without_a_wake_up_leaves_nothing)
{
        unsigned long start = jiffies;

        EXPECT_EQ(schedule_timeout_interruptible(4), 0);
        EXPECT(jiffies - start >= 4);
        EXPECT_EQ(schedule_timeout_uninterruptible(0), 0);
}

TEST(sleep, running_task_does_not_wait)
{
        set_current_state(TASK_RUNNING);
        EXPECT(schedule_timeout(1000) > 0);
}

TEST(sleep, negative_time_is_reported)
{
        bug_expect_begin();
        EXPECT_EQ(schedule_timeout(-1), 0);
        EXPECT(bug_expect_end("bad-timeout", "-1 ticks"));
}

/* Sleeps very long; what is left when it is woken. */
static int sleep_long(void *data)
{
        atomic_inc(data);
        long left = schedule_timeout_interruptible(1000 * (long)HZ);

        atomic_inc(data);
        return left > 0;
}

TEST(sleep, wake_up_ends_it_and_tells_what_is_left)
{
        atomic_t step = { 0 };
        struct task_struct *task = kthread_run(sleep_long, &step, "long sleeper");

        REQUIRE(task);
        EXPECT(wait_for_count(&step, 1));
        EXPECT_EQ(kthread_stop(task), 1);
        EXPECT_EQ(atomic_read(&step), 2);
}

/* Sleeps without a limit until it is woken. */
static int sleep_for_ever(void *data)
{
        atomic_inc(data);
        set_current_state(TASK_UNINTERRUPTIBLE);
        while (!kthread_should_stop()) {
                if (schedule_timeout(MAX_SCHEDULE_TIMEOUT) != MAX_SCHEDULE_TIMEOUT)
                        return -1;
                set_current_state(TASK_UNINTERRUPTIBLE);
        }
        set_current_state(TASK_RUNNING);
        return 1;
}

TEST(sleep, longest_time_out_is_none)
{
        atomic_t step = { 0 };
        struct task_struct *task = kthread_run(sleep_for_ever, &step, "for ever");

        REQUIRE(task);
        EXPECT(wait_for_count(&step, 1));
        EXPECT_EQ(kthread_stop(task), 1);
}

static atomic_t short_count, sleep_count;

/* Sleeps times drawn at random and counts those that were too short. */
static int sleep_at_random(void *data)
{
        struct random random;

        random_seed(&random, *(const u64 *)data + smp_processor_id());
        for (unsigned int turn = 0; turn < 10; turn++) {
                unsigned int msecs = random_below(&random, 50);
                unsigned long start = jiffies;

                msleep(msecs);
                if (jiffies - start < msecs_to_jiffies(msecs) + 1)
                        atomic_inc(&short_count);
                atomic_inc(&sleep_count);
        }
        return 1;
}

/* SLEEP-1 on every CPU. */
TEST(sleep, on_every_cpu_at_once)
{
        static struct crew crew;

        atomic_set(&short_count, 0);
        atomic_set(&sleep_count, 0);
        crew_start(test, &crew, sleep_at_random, &test->seed);
        s32 members = 0;
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                members += crew.members[cpu] != NULL;
        EXPECT(wait_for_count(&sleep_count, 10 * members));
        EXPECT_EQ(crew_stop(&crew), members);
        EXPECT_EQ(atomic_read(&short_count), 0);
}

TEST(sleep, interruptible_sleep_ends_in_time)
{
        EXPECT_EQ(msleep_interruptible(20), 0);
}
