/* test_sync_wait.c - wait queues and completions, by tasks that take turns. */
#include "kernel/sync/completion.h"
#include "kernel/sync/wait.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/tasks.h"

#define WAITERS 8u
#define SEEDS 5u                        /* what the tasks of a test have room for */

static DECLARE_WAIT_QUEUE_HEAD(queue);
static unsigned int goods;              /* what exclusive waiters take, one each */
static unsigned int woken;              /* tasks that have come to their ends */
static bool is_open;
static long result;

/* Start so many tasks with one body, and let each come to where it waits. */
static void start(unsigned int count, void (*function)(void *data), void *data)
{
        while (count--)
                host_task_start("waiter", function, data);
        local_irq_enable();
        host_tasks_run();
}

/* Wait for is_open. */
static void wait_open(void *data __unused)
{
        wait_event(queue, is_open);
        woken++;
}

/* Whether something could be taken; takes it. */
static bool take(void)
{
        if (!goods)
                return false;
        goods--;
        return true;
}

/* Take something, as an exclusive waiter. */
static void wait_take(void *data __unused)
{
        wait_event_exclusive(queue, take());
        woken++;
}

/* Wait for is_open, or a signal. */
static void wait_interruptible(void *data __unused)
{
        result = wait_event_interruptible(queue, is_open);
        woken++;
}

/* Wait for is_open for ten ticks. */
static void wait_ten_ticks(void *data __unused)
{
        result = wait_event_timeout(queue, is_open, 10);
        woken++;
}

/* Open after three ticks. */
static void open_in_three_ticks(void *data __unused)
{
        set_current_state(TASK_UNINTERRUPTIBLE);
        schedule_timeout(3);
        is_open = true;
        wake_up(&queue);
}

TEST(wait, condition_that_holds_needs_no_wait)
{
        local_irq_enable();
        is_open = true;
        wait_event(queue, is_open);
        EXPECT_EQ(wait_event_timeout(queue, is_open, 7), 7);
        EXPECT_EQ(wait_event_timeout(queue, is_open, 0), 1);
        EXPECT_EQ(wait_event_interruptible(queue, is_open), 0);
        EXPECT(!waitqueue_active(&queue));
}

TEST(wait, wake_up_without_the_condition_wakes_nobody_for_good)
{
        start(WAITERS, wait_open, NULL);
        EXPECT(waitqueue_active(&queue));
        wake_up(&queue);
        EXPECT(!host_tasks_run());
        EXPECT_EQ(woken, 0);
        is_open = true;
        EXPECT(!host_tasks_run());
        wake_up(&queue);
        EXPECT(host_tasks_run());
        EXPECT_EQ(woken, WAITERS);
        EXPECT(!waitqueue_active(&queue));
}

TEST(wait, exclusive_waiters_are_woken_one_by_one)
{
        start(WAITERS, wait_take, NULL);
        goods = WAITERS;
        wake_up(&queue);
        host_tasks_run();
        EXPECT_EQ(woken, 1);
        wake_up_nr(&queue, 2);
        host_tasks_run();
        EXPECT_EQ(woken, 3);
        wake_up_all(&queue);
        EXPECT(host_tasks_run());
        EXPECT_EQ(woken, WAITERS);
}

/* The same, but others run between taking it and leaving the queue, until is_open. */
static bool take_and_be_slow(void)
{
        if (!take())
                return false;
        while (!is_open)
                host_yield();
        return true;
}

/* Find nothing at first, and something as soon as the task is in the queue. */
static void wait_take_slowly(void *data __unused)
{
        unsigned int looks = 0;

        wait_event_exclusive(queue, looks++ ? take_and_be_slow() : false);
        woken++;
}

/* Bring one, after the others have come to where they wait, and let the slow one go on. */
static void bring_one(void *data __unused)
{
        goods++;
        wake_up(&queue);
        is_open = true;
}

TEST(wait, wake_up_of_one_that_has_taken_already_is_passed_on)
{
        goods = 1;
        host_task_start("slow", wait_take_slowly, NULL);
        host_task_start("second", wait_take, NULL);
        host_task_start("bringer", bring_one, NULL);
        local_irq_enable();
        EXPECT(host_tasks_run());
        EXPECT_EQ(woken, 2);
}

/* WAIT-2 */
TEST(wait, others_are_woken_with_the_first_exclusive_one)
{
        start(2, wait_take, NULL);
        start(3, wait_open, NULL);
        goods = 2;
        is_open = true;
        wake_up(&queue);
        host_tasks_run();
        EXPECT_EQ(woken, 4);
        EXPECT_EQ(goods, 1);
}

TEST(wait, exclusive_waiters_are_served_in_their_order)
{
        struct task_struct *first = host_task_start("first", wait_take, NULL);
        struct task_struct *second = host_task_start("second", wait_take, NULL);

        local_irq_enable();
        host_tasks_run();
        goods = 1;
        wake_up(&queue);
        host_tasks_run();
        EXPECT(host_task_has_ended(first));
        EXPECT(!host_task_has_ended(second));
}

TEST(wait, interruptible_wake_up_leaves_the_others)
{
        start(1, wait_open, NULL);
        start(1, wait_interruptible, NULL);
        is_open = true;
        wake_up_interruptible(&queue);
        host_tasks_run();
        EXPECT_EQ(woken, 1);
        EXPECT_EQ(result, 0);
        wake_up(&queue);
        EXPECT(host_tasks_run());
}

TEST(wait, signal_ends_an_interruptible_wait_only)
{
        struct task_struct *task = host_task_start("interruptible", wait_interruptible, NULL);

        start(1, wait_open, NULL);
        host_task_signal(task);
        host_tasks_run();
        EXPECT(host_task_has_ended(task));
        EXPECT_EQ(result, -ERESTARTSYS);
        EXPECT_EQ(woken, 1);
}

/* Take something exclusively, or give up at a signal. */
static void take_interruptible(void *data __unused)
{
        result = wait_event_interruptible_exclusive(queue, take());
        woken++;
}

TEST(wait, wake_up_of_one_that_gives_up_goes_to_the_next)
{
        struct task_struct *first = host_task_start("first", take_interruptible, NULL);

        start(1, wait_take, NULL);
        wake_up(&queue);
        host_task_signal(first);
        goods = 1;
        EXPECT(host_tasks_run() || goods == 0);
        EXPECT_EQ(goods, 0);
}

TEST(wait, time_out_ends_a_wait)
{
        start(1, wait_ten_ticks, NULL);
        EXPECT(host_tasks_run());
        EXPECT_EQ(result, 0);
        EXPECT_EQ(host_task_time(), 10);
        EXPECT(!waitqueue_active(&queue));
}

/* WAIT-1: nobody is left in the queue, in test time_out_ends_a_wait; here, who is woken early. */
TEST(wait, time_that_was_left_is_returned)
{
        host_task_start("opener", open_in_three_ticks, NULL);
        start(1, wait_ten_ticks, NULL);
        EXPECT(host_tasks_run());
        EXPECT_EQ(result, 7);
}

TEST(wait, sleeping_where_it_is_forbidden_is_reported)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        context_allow_sleep();
        local_irq_enable();
        is_open = true;
        preempt_disable();
        EXPECT_BUG(wait_event(queue, is_open), "sleep-in-atomic");
        preempt_enable();
}

/* Give one thing away, so many times. */
static void give(void *data)
{
        for (unsigned int count = *(unsigned int *)data; count; count--) {
                goods++;
                wake_up(&queue);
                host_yield();
        }
}

TEST(wait, no_wake_up_is_lost_in_any_schedule)
{
        unsigned int count = WAITERS / 2;

        local_irq_enable();
        for (unsigned int seed = 1; seed <= SEEDS; seed++) {
                woken = 0;
                host_tasks_preempt(test->seed + seed);
                for (unsigned int index = 0; index < WAITERS; index++)
                        host_task_start("taker", wait_take, NULL);
                host_task_start("giver", give, &count);
                host_task_start("giver", give, &count);
                EXPECT(host_tasks_run());
                EXPECT_EQ(woken, WAITERS);
                EXPECT_EQ(goods, 0);
        }
}

static DECLARE_COMPLETION(done);

/* Wait for a completion. */
static void wait_done(void *data __unused)
{
        wait_for_completion(&done);
        woken++;
}

/* Wait for one, for five ticks. */
static void wait_done_five_ticks(void *data __unused)
{
        result = (long)wait_for_completion_timeout(&done, 5);
}

/* Wait for one, for more ticks than a signed number has. */
static void wait_done_for_ages(void *data __unused)
{
        result = (long)wait_for_completion_timeout(&done, ~0ul);
        woken++;
}

/* Wait for one, or a signal. */
static void wait_done_interruptible(void *data __unused)
{
        result = wait_for_completion_interruptible(&done);
}

TEST(completion, each_lets_one_pass)
{
        start(3, wait_done, NULL);
        complete(&done);
        host_tasks_run();
        EXPECT_EQ(woken, 1);
        complete(&done);
        complete(&done);
        EXPECT(host_tasks_run());
        EXPECT_EQ(woken, 3);
        EXPECT(!completion_done(&done));
}

TEST(completion, counts_what_nobody_waits_for_yet)
{
        local_irq_enable();
        complete(&done);
        complete(&done);
        EXPECT(completion_done(&done));
        wait_for_completion(&done);
        EXPECT(try_wait_for_completion(&done));
        EXPECT(!try_wait_for_completion(&done));
}

TEST(completion, complete_all_is_for_good)
{
        start(WAITERS, wait_done, NULL);
        complete_all(&done);
        EXPECT(host_tasks_run());
        EXPECT_EQ(woken, WAITERS);
        wait_for_completion(&done);
        complete(&done);
        EXPECT(try_wait_for_completion(&done));
        reinit_completion(&done);
        EXPECT(!try_wait_for_completion(&done));
}

TEST(completion, endless_time_out_is_none)
{
        start(1, wait_done_for_ages, NULL);
        EXPECT_EQ(woken, 0);
        complete(&done);
        EXPECT(host_tasks_run());
        EXPECT(result > 0);
}

TEST(completion, time_out_and_signal_end_the_wait)
{
        start(1, wait_done_five_ticks, NULL);
        EXPECT(host_tasks_run());
        EXPECT_EQ(result, 0);
        EXPECT_EQ(host_task_time(), 5);

        struct task_struct *task = host_task_start("waiter", wait_done_interruptible, NULL);
        host_tasks_run();
        host_task_signal(task);
        EXPECT(host_tasks_run());
        EXPECT_EQ(result, -ERESTARTSYS);
}
