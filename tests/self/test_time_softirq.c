/* test_time_softirq.c - softirqs, tasklets and their thread, on every CPU. */
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/softirq.h"
#include "kernel/sync/context.h"
#include "kernel/sync/tasklet.h"
#include "kernel/time/sleep.h"
#include "tests/self/time_tools.h"

static atomic_t run_count, wrong_count, inside;

/* A tasklet's function: counts itself, and everything that must not be. */
static void note(unsigned long data __unused)
{
        if (!in_serving_softirq() || !in_interrupt() || in_hardirq() || irqs_disabled())
                atomic_inc(&wrong_count);
        atomic_inc(&run_count);
}

/* Forget what the last test saw. */
static void reset_counts(void)
{
        atomic_set(&run_count, 0);
        atomic_set(&wrong_count, 0);
        atomic_set(&inside, 0);
}

TEST(softirq, tasklet_runs_in_a_softirq)
{
        DECLARE_TASKLET(tasklet, note, 0);

        reset_counts();
        tasklet_schedule(&tasklet);
        EXPECT(wait_for_count(&run_count, 1));
        tasklet_hi_schedule(&tasklet);
        EXPECT(wait_for_count(&run_count, 2));
        tasklet_kill(&tasklet);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
}

/* SOFTIRQ-1: what is raised while they are off runs before local_bh_enable() returns. */
TEST(softirq, bottom_halves_off_keep_them_away)
{
        DECLARE_TASKLET(tasklet, note, 0);

        reset_counts();
        local_bh_disable();
        EXPECT(in_softirq() && !in_serving_softirq() && in_atomic());
        tasklet_schedule(&tasklet);
        unsigned long end = jiffies + 3;
        while (time_before(jiffies, end))
                cpu_relax();
        EXPECT_EQ(atomic_read(&run_count), 0);
        local_bh_enable();
        EXPECT_EQ(atomic_read(&run_count), 1);
        EXPECT(!in_atomic());
        EXPECT_EQ(atomic_read(&wrong_count), 0);
        tasklet_kill(&tasklet);
}

TEST(softirq, disabled_tasklet_waits_until_it_is_enabled)
{
        DECLARE_TASKLET(tasklet, note, 0);

        reset_counts();
        tasklet_disable(&tasklet);
        tasklet_schedule(&tasklet);
        msleep(30);
        EXPECT_EQ(atomic_read(&run_count), 0);
        tasklet_enable(&tasklet);
        EXPECT(wait_for_count(&run_count, 1));
        tasklet_kill(&tasklet);
        EXPECT_EQ(atomic_read(&run_count), 1);
}

static struct tasklet_struct shared;

/* Find out whether another CPU is in here, too. */
static void exclude(unsigned long data __unused)
{
        atomic_inc(&inside);
        if (atomic_read(&inside) != 1)
                atomic_inc(&wrong_count);
        for (unsigned int turn = 0; turn < 20; turn++)
                cpu_relax();
        atomic_dec_and_test(&inside);
        atomic_inc(&run_count);
}

/* Schedule the one tasklet again and again. */
static int schedule_shared(void *data __unused)
{
        while (!kthread_should_stop()) {
                tasklet_schedule(&shared);
                for (unsigned int turn = 0; turn < 50; turn++)
                        cpu_relax();
                schedule_timeout_interruptible(1);
        }
        return 0;
}

/* TASKLET-2: never on two CPUs at once, though all schedule it. */
TEST(softirq, tasklet_never_overlaps_itself)
{
        static struct crew crew;

        reset_counts();
        tasklet_init(&shared, exclude, 0);
        crew_start(test, &crew, schedule_shared, NULL);
        EXPECT(wait_for_count(&run_count, 30));
        crew_stop(&crew);
        tasklet_kill(&shared);
        s32 count = atomic_read(&run_count);
        msleep(20);
        EXPECT_EQ(atomic_read(&run_count), count);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
}

static struct tasklet_struct greedy;
static bool greedy_may_go_on;

/* Schedule itself for ever. */
static void schedule_again(unsigned long data __unused)
{
        atomic_inc(&run_count);
        if (READ_ONCE(greedy_may_go_on))
                tasklet_schedule(&greedy);
}

/* KSOFTIRQD-1: a tasklet that is never done does not keep tasks from running. */
TEST(softirq, that_raises_itself_leaves_time_to_tasks)
{
        reset_counts();
        WRITE_ONCE(greedy_may_go_on, true);
        tasklet_init(&greedy, schedule_again, 0);
        tasklet_schedule(&greedy);
        EXPECT(wait_for_count(&run_count, 100));
        unsigned long start = jiffies;
        msleep(50);
        EXPECT(jiffies - start >= 5);
        WRITE_ONCE(greedy_may_go_on, false);
        tasklet_kill(&greedy);
}
