/* test_time_timers.c - timers of the CPU that runs the test, on its own ticks. */
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/softirq.h"
#include "kernel/sync/atomic.h"
#include "kernel/time/timer.h"
#include "lib/random.h"
#include "lib/test.h"

#define CROWD 2000u
#define CROWD_TICKS 20u
#define WAIT_TICKS 1000u                /* so long may anything take that must come */

static struct timer_list crowd[CROWD];
static unsigned long last_expires;
static atomic_t run_count, early_count, disorder_count, odd_context_count;

/* Forget what the last test saw. */
static void reset_counts(void)
{
        atomic_set(&run_count, 0);
        atomic_set(&early_count, 0);
        atomic_set(&disorder_count, 0);
        atomic_set(&odd_context_count, 0);
}

/* A timer's function: counts itself and all that is wrong about the call. */
static void note(unsigned long data)
{
        const struct timer_list *timer = (const struct timer_list *)data;

        if (time_before(jiffies, timer->expires))
                atomic_inc(&early_count);
        if (time_before(timer->expires, last_expires))
                atomic_inc(&disorder_count);
        if (!in_serving_softirq() || in_hardirq() || irqs_disabled())
                atomic_inc(&odd_context_count);
        last_expires = timer->expires;
        atomic_inc(&run_count);
}

/* Wait until count functions have run, or a long time is over. */
static void wait_for_runs(s32 count)
{
        unsigned long end = jiffies + WAIT_TICKS;

        while (atomic_read(&run_count) < count && time_before(jiffies, end))
                cpu_relax();
}

/* TIMER-2. */
TEST(timers, one_expires_in_a_softirq_and_not_early)
{
        struct timer_list timer;

        reset_counts();
        last_expires = jiffies;
        setup_timer(&timer, note, (unsigned long)&timer);
        mod_timer(&timer, jiffies + 3);
        EXPECT(timer_pending(&timer));
        wait_for_runs(1);
        EXPECT_EQ(atomic_read(&run_count), 1);
        EXPECT_EQ(atomic_read(&early_count), 0);
        EXPECT_EQ(atomic_read(&odd_context_count), 0);
        EXPECT(!del_timer_sync(&timer));
}

/* Add the whole crowd on this CPU, a tenth of it not to run. Returns how many are to run. */
static s32 add_crowd(struct random *random)
{
        unsigned long flags = local_irq_save();
        unsigned long start = jiffies;
        s32 count = CROWD;

        last_expires = start;
        for (unsigned int index = 0; index < CROWD; index++) {
                setup_timer(&crowd[index], note, (unsigned long)&crowd[index]);
                mod_timer(&crowd[index], start + 1 + random_below(random, CROWD_TICKS));
        }
        for (unsigned int index = 0; index < CROWD; index += 10)
                count -= del_timer(&crowd[index]);
        timer_check();
        local_irq_restore(flags);
        return count;
}

/* TIMER-1, TIMER-2, and the order of one CPU's timers. */
TEST(timers, thousands_run_in_order)
{
        struct random random;

        random_seed(&random, test->seed);
        reset_counts();
        s32 count = add_crowd(&random);
        wait_for_runs(count);
        EXPECT_EQ(atomic_read(&run_count), count);
        EXPECT_EQ(atomic_read(&early_count), 0);
        EXPECT_EQ(atomic_read(&disorder_count), 0);
        EXPECT_EQ(atomic_read(&odd_context_count), 0);
        for (unsigned int index = 0; index < CROWD; index++)
                del_timer_sync(&crowd[index]);
        EXPECT_EQ(atomic_read(&run_count), count);
        timer_check();
}

/* A timer that adds itself again for ever, as often as it can. */
static void run_again(unsigned long data)
{
        struct timer_list *timer = (struct timer_list *)data;

        atomic_inc(&run_count);
        mod_timer(timer, jiffies + 1);
}

/* TIMER-3: when del_timer_sync() returns, it is over, though the function adds the timer again. */
TEST(timers, that_add_themselves_again_are_deleted_for_good)
{
        struct timer_list timer;

        for (unsigned int turn = 0; turn < 5; turn++) {
                reset_counts();
                setup_timer(&timer, run_again, (unsigned long)&timer);
                mod_timer(&timer, jiffies + 1);
                wait_for_runs(2);
                EXPECT(del_timer_sync(&timer));
                s32 count = atomic_read(&run_count);

                EXPECT(count >= 2);
                unsigned long end = jiffies + 3;
                while (time_before(jiffies, end))
                        cpu_relax();
                EXPECT_EQ(atomic_read(&run_count), count);
                EXPECT(!timer_pending(&timer));
        }
}

/* While softirqs are off no timer runs, and then at once. */
TEST(timers, wait_while_softirqs_are_off)
{
        struct timer_list timer;

        reset_counts();
        setup_timer(&timer, note, (unsigned long)&timer);
        local_bh_disable();
        last_expires = jiffies;
        mod_timer(&timer, jiffies + 1);
        unsigned long end = jiffies + 4;
        while (time_before(jiffies, end))
                cpu_relax();
        EXPECT_EQ(atomic_read(&run_count), 0);
        EXPECT(in_interrupt() && !in_serving_softirq());
        local_bh_enable();
        wait_for_runs(1);
        EXPECT_EQ(atomic_read(&run_count), 1);
        del_timer_sync(&timer);
}
