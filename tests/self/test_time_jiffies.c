/* test_time_jiffies.c - the tick and the count of time, on whatever device makes them. */
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/task/kthread.h"
#include "kernel/time/jiffies.h"
#include "kernel/time/tick.h"
#include "lib/test.h"

/* Wait until so many jiffies have gone by. */
static void wait_jiffies(unsigned long count)
{
        unsigned long end = jiffies + count;

        while (time_before(jiffies, end))
                cpu_relax();
}

TEST(jiffies, go_on)
{
        unsigned long start = jiffies;

        wait_jiffies(5);
        EXPECT(time_after_eq(jiffies, start + 5));
        EXPECT(time_after_eq(jiffies, INITIAL_JIFFIES));
}

/* TICK-1, as far as can be seen from outside: at least so many ticks of the first CPU went by. */
TEST(jiffies, are_made_of_ticks)
{
        unsigned long ticks = per_cpu(tick_count, 0);
        unsigned long start = jiffies;

        wait_jiffies(10);
        unsigned long passed = jiffies - start;
        ticks = per_cpu(tick_count, 0) + 1 - ticks;
        EXPECT(ticks * HZ >= (passed - 1) * tick_hz());
}

/* On the first CPU: how many jiffies go by while interrupts are off. */
static int count_jiffies_with_interrupts_off(void *data __unused)
{
        unsigned long flags = local_irq_save();
        unsigned long start = jiffies;

        for (unsigned int turn = 0; turn < 1000; turn++)
                cpu_relax();
        unsigned long passed = jiffies - start;
        local_irq_restore(flags);
        return (int)passed;
}

TEST(jiffies, stand_still_with_interrupts_off_on_the_first_cpu)
{
        struct task_struct *task = kthread_create(count_jiffies_with_interrupts_off, NULL, "still");

        REQUIRE(task);
        get_task_struct(task);
        kthread_bind(task, 0);
        wake_up_process(task);
        wait_for_completion(&task->exited);
        EXPECT_EQ(kthread_stop(task), 0);
        put_task_struct(task);
}
