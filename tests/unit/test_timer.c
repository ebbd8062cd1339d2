/* Timers of simulated CPUs: when and where they run, and what their functions may do. */
#include "kernel/time/timer.h"

#include <stdlib.h>

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/softirq.h"
#include "lib/random.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/time.h"

#define RUNS_MOST 64u

static unsigned long runs[RUNS_MOST];           /* the data of the functions that were called */
static unsigned int run_count;
static unsigned int run_cpu;
static unsigned int run_context;

/* A timer's function: notes what it was given, and where. */
static void note(unsigned long data)
{
        if (run_count < RUNS_MOST)
                runs[run_count] = data;
        run_count++;
        run_cpu = smp_processor_id();
        run_context = preempt_count();
}

/* Let timers run, and CPU 0 make the ticks. */
static void start(void)
{
        timers_init();
        local_irq_enable();
}

TEST(timer, expires_then_and_there_and_once)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, note, 42);
        timer.expires = jiffies + 3;
        EXPECT(!timer_pending(&timer));
        add_timer(&timer);
        EXPECT(timer_pending(&timer));
        timer_check();
        host_take_ticks(2);
        EXPECT_EQ(run_count, 0);
        host_take_ticks(1);
        EXPECT_EQ(run_count, 1);
        EXPECT_EQ(runs[0], 42);
        EXPECT_EQ(run_context, SOFTIRQ_COUNT_ONE);
        EXPECT(!timer_pending(&timer));
        host_take_ticks(1000);
        EXPECT_EQ(run_count, 1);
}

/* TIMER-2: on the other CPU's tick, when the first has moved the time. */
TEST(timer, runs_on_the_cpu_it_was_added_on)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, note, 0);
        timer.expires = jiffies + 2;
        add_timer_on(&timer, 3);
        timer_check();
        host_take_ticks(5);
        EXPECT_EQ(run_count, 0);
        host_cpu = 3;
        local_irq_enable();
        host_take_ticks(1);
        EXPECT_EQ(run_count, 1);
        EXPECT_EQ(run_cpu, 3);
}

TEST(timer, past_moments_come_at_the_next_tick)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, note, 0);
        EXPECT(!mod_timer(&timer, jiffies - 100));
        EXPECT_EQ(run_count, 0);
        host_take_ticks(1);
        EXPECT_EQ(run_count, 1);
}

/* TIMER-1: mod_timer() brings it over. */
TEST(timer, mod_timer_moves_in_time_and_place)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, note, 0);
        timer.expires = jiffies + 2;
        add_timer_on(&timer, 1);
        EXPECT(mod_timer(&timer, jiffies + 4));
        timer_check();
        EXPECT_EQ(timer.cpu, 0);
        host_take_ticks(3);
        EXPECT_EQ(run_count, 0);
        host_take_ticks(1);
        EXPECT_EQ(run_count, 1);
        EXPECT_EQ(run_cpu, 0);
        EXPECT(!mod_timer(&timer, jiffies + 1));
        host_take_ticks(1);
        EXPECT_EQ(run_count, 2);
}

TEST(timer, deleted_does_not_run)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, note, 0);
        EXPECT(!del_timer(&timer));
        mod_timer(&timer, jiffies + 1);
        EXPECT(del_timer(&timer));
        EXPECT(!del_timer(&timer));
        EXPECT(!del_timer_sync(&timer));
        mod_timer(&timer, jiffies + 1);
        EXPECT_EQ(try_to_del_timer_sync(&timer), 1);
        EXPECT_EQ(try_to_del_timer_sync(&timer), 0);
        host_take_ticks(10);
        EXPECT_EQ(run_count, 0);
}

TEST(timer, same_moment_in_the_order_of_adding)
{
        struct timer_list timers[20];
        unsigned long moment;

        start();
        moment = jiffies + 77;
        for (unsigned int index = 0; index < ARRAY_SIZE(timers); index++) {
                setup_timer(&timers[index], note, index);
                mod_timer(&timers[index], moment);
                host_take_ticks(3);
        }
        host_take_ticks(20);
        EXPECT_EQ(run_count, ARRAY_SIZE(timers));
        for (unsigned int index = 0; index < ARRAY_SIZE(timers); index++)
                EXPECT_EQ(runs[index], index);
}

/* A timer that does something to itself or another, and how often it has run. */
struct actor {
        struct timer_list timer;
        struct timer_list *other;
        unsigned int run_count;
        int answer;
};

/* Add itself again, for the next tick, five times. */
static void run_again(unsigned long data)
{
        struct actor *actor = (struct actor *)data;

        if (++actor->run_count < 5)
                mod_timer(&actor->timer, jiffies);
}

TEST(timer, function_may_add_itself_and_does_not_run_twice_in_a_tick)
{
        struct actor actor = { .run_count = 0 };

        start();
        setup_timer(&actor.timer, run_again, (unsigned long)&actor);
        mod_timer(&actor.timer, jiffies + 1);
        host_take_ticks(1);
        EXPECT_EQ(actor.run_count, 1);
        host_take_ticks(3);
        EXPECT_EQ(actor.run_count, 4);
        host_take_ticks(10);
        EXPECT_EQ(actor.run_count, 5);
        timer_check();
}

/* Free the memory that the timer lies in. */
static void free_itself(unsigned long data)
{
        free((void *)data);
        run_count++;
}

TEST(timer, function_may_free_itself)
{
        start();
        for (unsigned int index = 0; index < 10; index++) {
                struct timer_list *timer = malloc(sizeof(*timer));

                setup_timer(timer, free_itself, (unsigned long)timer);
                mod_timer(timer, jiffies + index / 3);
        }
        host_take_ticks(10);
        EXPECT_EQ(run_count, 10);
        timer_check();
}

/* Delete another timer, which is due at the same moment. */
static void delete_other(unsigned long data)
{
        struct actor *actor = (struct actor *)data;

        actor->answer = del_timer_sync(actor->other);
}

TEST(timer, function_may_delete_one_that_is_due_with_it)
{
        struct timer_list victim;
        struct actor actor = { .other = &victim, .answer = -1 };

        start();
        setup_timer(&actor.timer, delete_other, (unsigned long)&actor);
        setup_timer(&victim, note, 0);
        mod_timer(&actor.timer, jiffies + 40);
        mod_timer(&victim, jiffies + 40);
        host_take_ticks(50);
        EXPECT_EQ(actor.answer, 1);
        EXPECT_EQ(run_count, 0);
        timer_check();
}

/* Ask, as another CPU would, whether the timer whose function this is can be deleted. */
static void ask_from_elsewhere(unsigned long data)
{
        struct actor *actor = (struct actor *)data;

        host_cpu = 1;
        actor->answer = try_to_del_timer_sync(&actor->timer);
        mod_timer(&actor->timer, jiffies + 5);
        actor->run_count = actor->timer.cpu;
        host_cpu = 0;
}

/* TIMER-3: a timer whose function runs on CPU 0 does not go to CPU 1. */
TEST(timer, that_runs_is_not_deleted_nor_moved)
{
        struct actor actor = { .run_count = 99 };

        start();
        setup_timer(&actor.timer, ask_from_elsewhere, (unsigned long)&actor);
        mod_timer(&actor.timer, jiffies + 1);
        host_take_ticks(1);
        EXPECT_EQ(actor.answer, -1);
        EXPECT_EQ(actor.run_count, 0);
        EXPECT(del_timer(&actor.timer));
}

/* Wait for itself. */
static void delete_itself(unsigned long data)
{
        del_timer_sync((struct timer_list *)data);
}

TEST(timer, that_waits_for_itself_panics)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, delete_itself, (unsigned long)&timer);
        mod_timer(&timer, jiffies + 1);
        EXPECT_PANIC(host_take_ticks(1), "waits for itself");
}

/* Leave preemption off. */
static void leave_preemption_off(unsigned long data __unused)
{
        preempt_disable();
}

TEST(timer, callers_bugs_panic)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, NULL, 0);
        EXPECT_PANIC(mod_timer(&timer, jiffies + 1), "has no function");
        timer.function = note;
        EXPECT_PANIC(add_timer_on(&timer, NR_CPUS), "cpu=");
}

TEST(timer, that_is_added_twice_panics)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, note, 0);
        timer.expires = jiffies + 5;
        add_timer(&timer);
        EXPECT_PANIC(add_timer(&timer), "waits already");
}

TEST(timer, that_leaves_preemption_off_panics)
{
        struct timer_list timer;

        start();
        setup_timer(&timer, leave_preemption_off, 0);
        mod_timer(&timer, jiffies + 1);
        EXPECT_PANIC(host_take_ticks(1), "preempt count 0x100 became 0x101");
}

TEST(timer, report_names_those_that_wait)
{
        struct timer_report reports[2];
        struct timer_list timers[3];

        start();
        EXPECT_EQ(timers_report(0, reports, 2), 0);
        for (unsigned int index = 0; index < 3; index++) {
                setup_timer(&timers[index], note, index);
                mod_timer(&timers[index], jiffies + 7);
        }
        EXPECT_EQ(timers_report(0, reports, 2), 3);
        EXPECT_EQ(timers_report(1, reports, 2), 0);
        EXPECT(reports[0].timer == &timers[0] && reports[1].timer == &timers[1]);
        EXPECT(reports[1].function == note && reports[1].data == 1);
        EXPECT_EQ(reports[0].expires, jiffies + 7);
}

#define CROWD 3000u

static struct timer_list crowd[CROWD];
static unsigned int early_count;

/* Count itself, and whether it comes too early. */
static void join(unsigned long data)
{
        early_count += time_before(jiffies, crowd[data].expires);
        run_count++;
}

/* TIMER-2 for many timers, across the wrap of jiffies. */
TEST(timer, thousands_come_and_none_early)
{
        struct random random;
        unsigned int deleted = 0;

        start();
        random_seed(&random, test->seed);
        for (unsigned int index = 0; index < CROWD; index++) {
                setup_timer(&crowd[index], join, index);
                mod_timer(&crowd[index], jiffies + random_below(&random, 40000));
        }
        for (unsigned int index = 0; index < CROWD; index += 10)
                deleted += del_timer(&crowd[index]);
        timer_check();
        host_take_ticks(40000);
        EXPECT_EQ(run_count, CROWD - deleted);
        EXPECT_EQ(early_count, 0);
        timer_check();
}
