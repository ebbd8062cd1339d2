/* test_tasks.c - threads, their order, their ends, and what they leave behind. */
#include "kernel/cpu/smp.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "kernel/task/stack.h"
#include "lib/test.h"

#define MANY_TASKS 256u                  /* at once */
#define TASKS_IN_ALL 2048u
#define ROUNDS 2000u

/* In a loop that waits: let other tasks run here, and an emulator of one thread other CPUs. */
static void give_way(void)
{
        cpu_relax();
        yield();
}

/* Returns twice its argument. */
static int double_it(void *data)
{
        return 2 * *(int *)data;
}

/* A thread that the caller holds: it may end at any time, but stays until put_task_struct(). */
static struct task_struct *run_held(int (*function)(void *data), void *data)
{
        struct task_struct *task = kthread_create(function, data, "held");

        if (!task)
                return NULL;
        get_task_struct(task);
        wake_up_process(task);
        return task;
}

TEST(tasks, a_thread_runs_and_its_result_comes_back)
{
        int value = 21;
        struct task_struct *task = run_held(double_it, &value);

        REQUIRE(task);
        wait_for_completion(&task->exited);
        EXPECT_EQ(kthread_stop(task), 42);
        put_task_struct(task);
}

TEST(tasks, a_thread_that_never_ran_is_stopped)
{
        int value = 21;
        struct task_struct *task = kthread_create(double_it, &value, "never");

        REQUIRE(task);
        EXPECT_EQ(kthread_stop(task), KTHREAD_NEVER_RAN);
}

/* Sleeps until it is stopped. */
static int sleep_until_stopped(void *data)
{
        unsigned int *wake_up_count = data;

        WRITE_ONCE(*wake_up_count, 1);
        while (!kthread_should_stop()) {
                set_current_state(TASK_INTERRUPTIBLE);
                if (!kthread_should_stop())
                        schedule();
                set_current_state(TASK_RUNNING);
                (*wake_up_count)++;
        }
        return 7;
}

TEST(tasks, a_sleeping_thread_is_stopped)
{
        unsigned int wake_up_count = 0;
        struct task_struct *task = kthread_run(sleep_until_stopped, &wake_up_count, "sleeper");

        REQUIRE(task);
        while (!READ_ONCE(wake_up_count))
                give_way();
        EXPECT_EQ(kthread_stop(task), 7);
        EXPECT(wake_up_count >= 1);
}

/* Counts its turns until it is stopped. */
static int count_turns(void *data)
{
        unsigned int *turn_count = data;

        while (!kthread_should_stop()) {
                WRITE_ONCE(*turn_count, *turn_count + 1);
                yield();
        }
        return 0;
}

TEST(tasks, equal_tasks_take_turns)
{
        unsigned int first = 0, second = 0;
        struct task_struct *a = kthread_create(count_turns, &first, "first");
        struct task_struct *b = kthread_create(count_turns, &second, "second");

        REQUIRE(a && b);
        kthread_bind(a, 0);
        kthread_bind(b, 0);
        wake_up_process(a);
        wake_up_process(b);
        while (READ_ONCE(first) < ROUNDS)
                give_way();
        /* A tick may take a turn away, between the count and yield(). */
        EXPECT(second + 2 + b->tick_count >= ROUNDS);
        kthread_stop(a);
        kthread_stop(b);
}

/* Make up to MANY_TASKS threads, as memory allows, and wait for their ends. Returns how many. */
static unsigned int make_and_reap(struct test_state *test)
{
        static struct task_struct *tasks[MANY_TASKS];
        static int values[MANY_TASKS];
        unsigned int count = 0;

        for (; count < MANY_TASKS; count++) {
                values[count] = (int)count;
                tasks[count] = run_held(double_it, &values[count]);
                if (!tasks[count])
                        break;
        }
        for (unsigned int index = 0; index < count; index++) {
                wait_for_completion(&tasks[index]->exited);
                EXPECT_EQ(tasks[index]->exit_code, 2 * (int)index);
                put_task_struct(tasks[index]);
        }
        return count;
}

/* Guards STACK-1, STACK-2, RQ-1, RQ-2, RQ-3; the pages are counted by whoever runs the tests. */
TEST(tasks, thousands_are_made_and_reaped)
{
        unsigned int before = task_count();
        unsigned int made = 0;

        while (made < TASKS_IN_ALL) {
                unsigned int count = make_and_reap(test);

                REQUIRE(count > 0);
                made += count;
        }
        tasks_wait_for_dying();
        EXPECT_EQ(task_count(), before);
        kernel_stacks_check();
        sched_check();
}

/* When there are no stacks or no pages left, a thread is refused, and the rest goes on. */
TEST(tasks, too_many_are_refused)
{
        struct task_struct *newest = NULL;
        unsigned int before = task_count();
        struct task_struct *task;

        /* Each new thread has the one before it for its data: a list that needs no memory. */
        while ((task = kthread_create(double_it, newest, "one more")))
                newest = task;
        EXPECT(newest);
        while ((task = newest)) {
                newest = task->data;
                EXPECT_EQ(kthread_stop(task), KTHREAD_NEVER_RAN);
        }
        tasks_wait_for_dying();
        EXPECT_EQ(task_count(), before);
        kernel_stacks_check();
}
