/* test_sync_sleep.c - mutexes and semaphores of both kinds, by tasks that take turns. */
#include "kernel/cpu/irqflags.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/semaphore.h"
#include "lib/errno.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/tasks.h"

#define TASKS 6u
#define ROUNDS 20u
#define SEEDS 5u

static DEFINE_MUTEX(mutex);
static DEFINE_SEMAPHORE(semaphore, 1);
static DECLARE_RWSEM(rwsem);

static unsigned int inside;             /* tasks that hold it */
static unsigned int inside_most;        /* the most there ever were */
static unsigned int counter;
static char order[TASKS + 1];           /* the tasks' letters, as they got it */
static unsigned int order_count;
static int result;

/* One more is inside; others get a turn meanwhile. */
static void visit(void)
{
        inside++;
        if (inside > inside_most)
                inside_most = inside;
        unsigned int seen = counter;
        host_yield();
        host_yield();
        counter = seen + 1;
        inside--;
}

/* Each test begins with interrupts on, and maybe with a random schedule. */
static void begin(u64 seed)
{
        local_irq_enable();
        host_tasks_preempt(seed);
        counter = 0;
        inside_most = 0;
}

/* Visit with the mutex held. */
static void visit_mutex(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                mutex_lock(&mutex);
                visit();
                mutex_unlock(&mutex);
        }
}

/* The same, and give up now and then. */
static void visit_mutex_trying(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                while (!mutex_trylock(&mutex))
                        host_yield();
                visit();
                mutex_unlock(&mutex);
        }
}

/* Visit with the semaphore down. */
static void visit_semaphore(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                down(&semaphore);
                visit();
                up(&semaphore);
        }
}

/* Visit as a writer. */
static void visit_writer(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                down_write(&rwsem);
                visit();
                up_write(&rwsem);
        }
}

/* See that no writer is inside. */
static void visit_reader(void *data)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                down_read(&rwsem);
                unsigned int seen = counter;
                host_yield();
                if (inside || counter != seen)
                        *(bool *)data = true;
                up_read(&rwsem);
        }
}

/* Without any lock: what the tests of locks must be able to see. */
static void visit_unlocked(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++)
                visit();
}

/* Let TASKS tasks visit, in SEEDS schedules. Returns how many visits were lost at most. */
static unsigned int lost_visits(struct test_state *test, void (*function)(void *data))
{
        unsigned int lost = 0;

        for (unsigned int seed = 1; seed <= SEEDS; seed++) {
                begin(test->seed + seed);
                for (unsigned int index = 0; index < TASKS; index++)
                        host_task_start("visitor", function, NULL);
                EXPECT(host_tasks_run());
                if (TASKS * ROUNDS - counter > lost)
                        lost = TASKS * ROUNDS - counter;
        }
        return lost;
}

TEST(mutex, without_it_visits_are_lost)
{
        EXPECT(lost_visits(test, visit_unlocked) > 0);
        EXPECT(inside_most > 1);
}

TEST(mutex, one_at_a_time_in_any_schedule)
{
        EXPECT_EQ(lost_visits(test, visit_mutex), 0);
        EXPECT_EQ(inside_most, 1);
        EXPECT(!mutex_is_locked(&mutex));
}

TEST(mutex, trying_excludes_too)
{
        EXPECT_EQ(lost_visits(test, visit_mutex_trying), 0);
        EXPECT_EQ(inside_most, 1);
}

/* Take the mutex once, and note when. */
static void note_turn(void *letter)
{
        mutex_lock(&mutex);
        order[order_count++] = *(const char *)letter;
        mutex_unlock(&mutex);
}

TEST(mutex, served_in_the_order_of_coming)
{
        static const char letters[] = "abcd";

        begin(0);
        mutex_lock(&mutex);
        for (unsigned int index = 0; index < 4; index++) {
                host_task_start("taker", note_turn, (void *)&letters[index]);
                host_tasks_run();
        }
        mutex_unlock(&mutex);
        EXPECT(host_tasks_run());
        EXPECT(host_text_contains(order, letters));
}

/* MUTEX-1, MUTEX-2 */
TEST(mutex, handed_over_so_that_nobody_comes_between)
{
        static const char letter = 'a';

        begin(0);
        mutex_lock(&mutex);
        struct task_struct *task = host_task_start("waiter", note_turn, (void *)&letter);
        host_tasks_run();
        mutex_unlock(&mutex);
        EXPECT(mutex_owner(&mutex) == task);
        EXPECT(!mutex_trylock(&mutex));
        EXPECT(host_tasks_run());
        EXPECT(mutex_trylock(&mutex));
        mutex_unlock(&mutex);
}

/* Take it unless a signal comes. */
static void lock_interruptible(void *data __unused)
{
        result = mutex_lock_interruptible(&mutex);
        if (!result)
                mutex_unlock(&mutex);
}

TEST(mutex, signal_ends_the_wait)
{
        begin(0);
        mutex_lock(&mutex);
        struct task_struct *task = host_task_start("waiter", lock_interruptible, NULL);
        EXPECT(!host_tasks_run());
        host_task_signal(task);
        EXPECT(host_tasks_run());
        EXPECT_EQ(result, -EINTR);
        mutex_unlock(&mutex);
        EXPECT(!mutex_is_locked(&mutex));
}

TEST(mutex, waiter_behind_one_that_gave_up_is_served)
{
        static const char letter = 'b';

        begin(0);
        mutex_lock(&mutex);
        struct task_struct *first = host_task_start("first", lock_interruptible, NULL);
        host_tasks_run();
        host_task_start("second", note_turn, (void *)&letter);
        host_tasks_run();
        host_task_signal(first);
        host_tasks_run();
        mutex_unlock(&mutex);
        EXPECT(host_tasks_run());
        EXPECT(host_text_contains(order, "b"));
}

TEST(mutex, taken_twice_panics)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        begin(0);
        mutex_lock(&mutex);
        EXPECT_PANIC(mutex_lock(&mutex), "main waits for lock mutex, which it holds");
        host_last_bug();
}

/* Give back what another task holds. */
static void unlock_foreign(void *data __unused)
{
        mutex_unlock(&mutex);
}

TEST(mutex, unlock_by_another_is_reported_and_ignored)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        begin(0);
        mutex_lock(&mutex);
        host_task_start("thief", unlock_foreign, NULL);
        EXPECT_BUG(host_tasks_run(), "bad-unlock: mutex released by thief, held by main");
        EXPECT(mutex_is_locked(&mutex));
        mutex_unlock(&mutex);
}

/* End with a mutex held. */
static void keep_mutex(void *data __unused) NO_THREAD_SAFETY_ANALYSIS
{
        mutex_lock(&mutex);
}

TEST(mutex, ending_with_it_is_reported)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        begin(0);
        host_task_start("keeper", keep_mutex, NULL);
        EXPECT_BUG(host_tasks_run(), "lock-at-exit: keeper ends and holds mutex");
}

TEST(semaphore, one_at_a_time_in_any_schedule)
{
        EXPECT_EQ(lost_visits(test, visit_semaphore), 0);
        EXPECT_EQ(inside_most, 1);
        EXPECT_EQ(semaphore.count, 1);
}

TEST(semaphore, as_many_at_a_time_as_it_counts)
{
        sema_init(&semaphore, 3);
        lost_visits(test, visit_semaphore);
        EXPECT_EQ(inside_most, 3);
        EXPECT_EQ(semaphore.count, 3);
}

/* Go down for at most four ticks. */
static void down_four_ticks(void *data __unused)
{
        result = down_timeout(&semaphore, 4);
}

/* Go down unless a signal comes. */
static void down_until_signal(void *data __unused)
{
        result = down_interruptible(&semaphore);
}

TEST(semaphore, time_out_and_signal_end_the_wait)
{
        begin(0);
        down(&semaphore);
        host_task_start("waiter", down_four_ticks, NULL);
        EXPECT(host_tasks_run());
        EXPECT_EQ(result, -ETIME);
        EXPECT_EQ(host_task_time(), 4);

        struct task_struct *task = host_task_start("waiter", down_until_signal, NULL);
        host_tasks_run();
        host_task_signal(task);
        EXPECT(host_tasks_run());
        EXPECT_EQ(result, -EINTR);
        up(&semaphore);
        EXPECT_EQ(semaphore.count, 1);
}

/* SEM-1, SEM-2 */
TEST(semaphore, up_serves_the_first_that_waits)
{
        begin(0);
        EXPECT_EQ(down_trylock(&semaphore), 0);
        struct task_struct *first = host_task_start("first", down_until_signal, NULL);
        struct task_struct *second = host_task_start("second", down_until_signal, NULL);
        host_tasks_run();
        up(&semaphore);
        EXPECT_EQ(down_trylock(&semaphore), 1);
        host_tasks_run();
        EXPECT(host_task_has_ended(first));
        EXPECT(!host_task_has_ended(second));
        up(&semaphore);
        EXPECT(host_tasks_run());
}

TEST(rwsem, writers_exclude_each_other_and_readers)
{
        bool is_seen = false;

        for (unsigned int seed = 1; seed <= SEEDS; seed++) {
                begin(test->seed + seed);
                for (unsigned int index = 0; index < TASKS / 2; index++) {
                        host_task_start("writer", visit_writer, NULL);
                        host_task_start("reader", visit_reader, &is_seen);
                }
                EXPECT(host_tasks_run());
                EXPECT_EQ(counter, TASKS / 2 * ROUNDS);
                EXPECT_EQ(inside_most, 1);
        }
        EXPECT(!is_seen);
        EXPECT_EQ(rwsem.active, 0);
}

/* Write once. */
static void write_once(void *data __unused)
{
        down_write(&rwsem);
        counter++;
        up_write(&rwsem);
}

/* Read once. */
static void read_once(void *data __unused)
{
        down_read(&rwsem);
        inside++;
        host_yield();
        inside_most = inside > inside_most ? inside : inside_most;
        inside--;
        up_read(&rwsem);
}

/* RWSEM-1, RWSEM-2 */
TEST(rwsem, readers_share_and_stand_behind_a_waiting_writer)
{
        begin(0);
        down_read(&rwsem);
        host_task_start("reader", read_once, NULL);
        EXPECT(host_tasks_run());
        host_task_start("writer", write_once, NULL);
        host_tasks_run();
        EXPECT(!down_read_trylock(&rwsem));
        host_task_start("reader", read_once, NULL);
        EXPECT(!host_tasks_run());
        EXPECT_EQ(counter, 0);
        up_read(&rwsem);
        EXPECT(host_tasks_run());
        EXPECT_EQ(counter, 1);
}

TEST(rwsem, downgrading_lets_readers_in_but_no_writer)
{
        begin(0);
        down_write(&rwsem);
        host_task_start("reader", read_once, NULL);
        host_tasks_run();
        host_task_start("writer", write_once, NULL);
        host_tasks_run();
        downgrade_write(&rwsem);
        host_tasks_run();
        EXPECT_EQ(inside_most, 1);
        EXPECT_EQ(counter, 0);
        EXPECT(!down_write_trylock(&rwsem));
        up_read(&rwsem);
        EXPECT(host_tasks_run());
        EXPECT_EQ(counter, 1);
}
