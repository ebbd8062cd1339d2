/* Softirqs and tasklets of simulated CPUs. */
#include "kernel/cpu/softirq.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/sync/tasklet.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/time.h"

static unsigned int run_count;
static unsigned int order[8];
static unsigned int seen_count;                 /* the preempt count in the last action */
static bool seen_irqs_disabled;
static unsigned int raise_again;

/* The action that the tests of softirqs open: notes where it is, and raises itself if told to. */
static void act(void)
{
        run_count++;
        seen_count = preempt_count();
        seen_irqs_disabled = irqs_disabled();
        if (raise_again) {
                raise_again--;
                raise_softirq(TASKLET_SOFTIRQ);
        }
}

/* An interrupt that raises a softirq. */
static void interrupt(enum softirq softirq)
{
        unsigned long flags = local_irq_save();

        irq_enter();
        raise_softirq_irqoff(softirq);
        irq_exit();
        local_irq_restore(flags);
}

TEST(softirq, runs_when_the_outermost_handler_ends)
{
        open_softirq(TASKLET_SOFTIRQ, act);
        local_irq_disable();
        irq_enter();
        irq_enter();
        raise_softirq(TASKLET_SOFTIRQ);
        irq_exit();
        EXPECT_EQ(run_count, 0);
        irq_exit();
        EXPECT_EQ(run_count, 1);
        EXPECT(irqs_disabled());
        EXPECT(!seen_irqs_disabled);
        EXPECT_EQ(seen_count, SOFTIRQ_COUNT_ONE);
        EXPECT(!in_interrupt());
        EXPECT_EQ(host_softirq_wake_ups(), 0);
}

/* SOFTIRQ-1: not while they are off, but right after. */
TEST(softirq, waits_until_bottom_halves_are_on)
{
        open_softirq(TASKLET_SOFTIRQ, act);
        local_irq_enable();
        local_bh_disable();
        local_bh_disable();
        EXPECT(in_softirq() && in_interrupt() && !in_serving_softirq());
        interrupt(TASKLET_SOFTIRQ);
        EXPECT_EQ(run_count, 0);
        local_bh_enable();
        EXPECT_EQ(run_count, 0);
        local_bh_enable();
        EXPECT_EQ(run_count, 1);
        EXPECT(!in_interrupt() && !irqs_disabled());
        EXPECT_EQ(preempt_count(), 0);
}

/* Be interrupted by one that raises another. */
static void be_interrupted(void)
{
        order[run_count++] = 1;
        interrupt(TASKLET_SOFTIRQ);
        order[run_count++] = 2;
}

/* Note the place. */
static void note_third(void)
{
        order[run_count++] = 3;
}

/* SOFTIRQ-1: not within each other. */
TEST(softirq, does_not_nest)
{
        open_softirq(TIMER_SOFTIRQ, be_interrupted);
        open_softirq(TASKLET_SOFTIRQ, note_third);
        interrupt(TIMER_SOFTIRQ);
        EXPECT_EQ(run_count, 3);
        for (unsigned int index = 0; index < 3; index++)
                EXPECT_EQ(order[index], index + 1);
}

TEST(softirq, that_raises_itself_is_left_to_the_thread)
{
        open_softirq(TASKLET_SOFTIRQ, act);
        raise_again = 9;
        interrupt(TASKLET_SOFTIRQ);
        EXPECT_EQ(run_count, 10);
        EXPECT_EQ(host_softirq_wake_ups(), 0);
        raise_again = 25;
        interrupt(TASKLET_SOFTIRQ);
        EXPECT_EQ(run_count, 20);
        EXPECT_EQ(host_softirq_wake_ups(), 1);
        EXPECT(softirq_pending());
}

TEST(softirq, raised_by_a_task_is_left_to_the_thread)
{
        open_softirq(TASKLET_SOFTIRQ, act);
        local_irq_enable();
        raise_softirq(TASKLET_SOFTIRQ);
        EXPECT_EQ(host_softirq_wake_ups(), 1);
        EXPECT_EQ(run_count, 0);
        EXPECT(!irqs_disabled());
        host_cpu = 1;
        EXPECT(!softirq_pending());
}

/* Leave softirqs off. */
static void leave_off(void)
{
        local_bh_disable();
}

/* SOFTIRQ-1, SOFTIRQ-2. */
TEST(softirq, broken_rules_panic)
{
        EXPECT_PANIC(interrupt(HI_SOFTIRQ), "has no action");
}

/* SOFTIRQ-2. */
TEST(softirq, that_changes_the_count_panics)
{
        open_softirq(HI_SOFTIRQ, leave_off);
        EXPECT_PANIC(interrupt(HI_SOFTIRQ), "SOFTIRQ-2");
}

/* SOFTIRQ-1. */
TEST(softirq, run_in_interrupt_panics)
{
        local_irq_disable();
        irq_enter();
        EXPECT_PANIC(softirq_run(), "SOFTIRQ-1");
}

TEST(softirq, on_again_with_interrupts_off_panics)
{
        local_irq_disable();
        local_bh_disable();
        EXPECT_PANIC(local_bh_enable(), "preempt count");
}

/* A tasklet's function: notes its number. */
static void note(unsigned long data)
{
        order[run_count++ % ARRAY_SIZE(order)] = (unsigned int)data;
}

TEST(tasklet, runs_once_however_often_it_is_scheduled)
{
        DECLARE_TASKLET(tasklet, note, 5);

        tasklets_init();
        tasklet_schedule(&tasklet);
        tasklet_schedule(&tasklet);
        tasklet_hi_schedule(&tasklet);
        host_take_ticks(3);
        EXPECT_EQ(run_count, 1);
        EXPECT_EQ(order[0], 5);
        tasklet_schedule(&tasklet);
        host_take_ticks(1);
        EXPECT_EQ(run_count, 2);
        tasklet_kill(&tasklet);
}

TEST(tasklet, hurried_ones_first_and_others_in_order)
{
        DECLARE_TASKLET(first, note, 1);
        DECLARE_TASKLET(second, note, 2);
        DECLARE_TASKLET(third, note, 3);

        tasklets_init();
        tasklet_schedule(&second);
        tasklet_schedule(&third);
        tasklet_hi_schedule(&first);
        host_take_ticks(1);
        EXPECT_EQ(run_count, 3);
        for (unsigned int index = 0; index < 3; index++)
                EXPECT_EQ(order[index], index + 1);
}

TEST(tasklet, disabled_waits)
{
        DECLARE_TASKLET_DISABLED(tasklet, note, 1);

        tasklets_init();
        tasklet_schedule(&tasklet);
        host_take_ticks(2);
        EXPECT_EQ(run_count, 0);
        tasklet_disable(&tasklet);
        tasklet_enable(&tasklet);
        host_take_ticks(2);
        EXPECT_EQ(run_count, 0);
        tasklet_enable(&tasklet);
        host_take_ticks(1);
        EXPECT_EQ(run_count, 1);
        EXPECT_PANIC(tasklet_enable(&tasklet), "is not disabled");
}

static struct tasklet_struct again;

/* Schedule itself while it runs, as other CPUs might, three times in all. */
static void schedule_itself(unsigned long data __unused)
{
        run_count++;
        if (run_count < 3)
                tasklet_schedule(&again);
        tasklet_schedule(&again);
        if (run_count == 3)
                again.state &= ~TASKLET_SCHEDULED;
}

/* TASKLET-1: one that is on a list without saying so. */
TEST(tasklet, scheduled_while_it_runs_runs_once_more)
{
        tasklets_init();
        tasklet_init(&again, schedule_itself, 0);
        tasklet_schedule(&again);
        EXPECT_PANIC(host_take_ticks(1), "TASKLET-1");
        EXPECT_EQ(run_count, 3);
}

/* TASKLET-2: while another CPU runs it, this one only keeps it. */
TEST(tasklet, that_runs_elsewhere_waits)
{
        DECLARE_TASKLET(tasklet, note, 1);

        tasklets_init();
        tasklet_schedule(&tasklet);
        tasklet.state |= TASKLET_RUNNING;
        host_take_ticks(2);
        EXPECT_EQ(run_count, 0);
        tasklet.state &= ~TASKLET_RUNNING;
        host_take_ticks(1);
        EXPECT_EQ(run_count, 1);
}

TEST(tasklet, callers_bugs_panic)
{
        struct tasklet_struct tasklet;

        tasklet_init(&tasklet, NULL, 0);
        EXPECT_PANIC(tasklet_schedule(&tasklet), "has no function");
        tasklet_disable_nosync(&tasklet);
        EXPECT_PANIC(tasklet_kill(&tasklet), "is disabled");
}
