/*
 * test_sync_sleep.c - what tasks sleep for: mutexes, semaphores, wait queues and completions, while
 * all CPUs want them.
 */
#include "kernel/sync/atomic.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/semaphore.h"
#include "kernel/sync/wait.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "kernel/time/jiffies.h"
#include "tests/self/sync_tools.h"

#define ROUNDS 100u
#define SEATS 3u
#define TIMEOUT_TICKS 3

static DEFINE_MUTEX(mutex);
static DEFINE_SEMAPHORE(semaphore, SEATS);
static DECLARE_RWSEM(rwsem);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static DECLARE_COMPLETION(ping);
static DECLARE_COMPLETION(pong);

static unsigned int counter, shadow;
static atomic_t inside, inside_most, mismatch_count, goods;

/* Add one in two steps, and let others run in between. */
static void add_torn(void)
{
        unsigned int seen = READ_ONCE(counter);

        yield();
        WRITE_ONCE(counter, seen + 1);
        WRITE_ONCE(shadow, seen + 1);
}

/* Add with the mutex. */
static int add_with_mutex(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                mutex_lock(&mutex);
                add_torn();
                mutex_unlock(&mutex);
        }
        return 0;
}

/* Write now and then, else read. */
static int read_and_write(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                if (round % 4 == 0) {
                        down_write(&rwsem);
                        add_torn();
                        up_write(&rwsem);
                        continue;
                }
                down_read(&rwsem);
                if (READ_ONCE(counter) != READ_ONCE(shadow))
                        atomic_inc(&mismatch_count);
                up_read(&rwsem);
        }
        return 0;
}

/* Count how many are inside at a time. */
static int take_a_seat(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                down(&semaphore);
                s32 now = atomic_inc_return(&inside);
                if (now > atomic_read(&inside_most))
                        atomic_set(&inside_most, now);
                /* At first long enough for all threads to come. */
                if (round == 0) {
                        set_current_state(TASK_UNINTERRUPTIBLE);
                        schedule_timeout(TIMEOUT_TICKS);
                }
                yield();
                atomic_dec(&inside);
                up(&semaphore);
        }
        return 0;
}

TEST(mutex, no_addition_is_lost)
{
        counter = 0;
        unsigned int threads = sync_run_threads(add_with_mutex, NULL);
        EXPECT_EQ(threads, sync_thread_count());
        EXPECT_EQ(counter, threads * ROUNDS);
        EXPECT(!mutex_is_locked(&mutex));
}

TEST(mutex, writers_are_alone_and_readers_see_what_is_whole)
{
        counter = shadow = 0;
        unsigned int threads = sync_run_threads(read_and_write, NULL);
        EXPECT_EQ(counter, threads * (ROUNDS / 4));
        EXPECT_EQ(atomic_read(&mismatch_count), 0);
}

TEST(semaphore, so_many_at_a_time_and_no_more)
{
        sync_run_threads(take_a_seat, NULL);
        EXPECT(atomic_read(&inside_most) <= (s32)SEATS);
        EXPECT(atomic_read(&inside_most) > 1 || sync_thread_count() < 2);
        EXPECT_EQ(semaphore.count, SEATS);
}

TEST(semaphore, time_out_ends_the_wait)
{
        for (unsigned int seat = 0; seat < SEATS; seat++)
                down(&semaphore);
        unsigned long start = jiffies;
        EXPECT_EQ(down_timeout(&semaphore, TIMEOUT_TICKS), -ETIME);
        EXPECT(jiffies - start >= TIMEOUT_TICKS);
        for (unsigned int seat = 0; seat < SEATS; seat++)
                up(&semaphore);
        EXPECT_EQ(down_trylock(&semaphore), 0);
        up(&semaphore);
}

/* Take one of the goods; what is not there yet is waited for. */
static bool take(void)
{
        return atomic_add_unless(&goods, -1, 0);
}

/* Half of the threads bring, half of them take. */
static int bring_or_take(void *turn)
{
        bool brings = atomic_inc_return(turn) % 2;

        for (unsigned int round = 0; round < ROUNDS; round++) {
                if (brings) {
                        atomic_inc(&goods);
                        wake_up(&queue);
                } else {
                        wait_event_exclusive(queue, take());
                }
        }
        return 0;
}

TEST(wait, no_wake_up_is_lost)
{
        atomic_t turn = ATOMIC_INIT(0);

        atomic_set(&goods, 0);
        EXPECT_EQ(sync_run_threads(bring_or_take, &turn), sync_thread_count());
        EXPECT_EQ(atomic_read(&goods), 0);
        EXPECT(!waitqueue_active(&queue));
}

TEST(wait, time_out_ends_the_wait)
{
        unsigned long start = jiffies;

        atomic_set(&goods, 0);
        EXPECT_EQ(wait_event_timeout(queue, atomic_read(&goods), TIMEOUT_TICKS), 0);
        EXPECT(jiffies - start >= TIMEOUT_TICKS);
        EXPECT(!waitqueue_active(&queue));
}

/* Answer each ping with a pong. */
static int answer(void *data __unused)
{
        for (unsigned int round = 0; round < ROUNDS; round++) {
                wait_for_completion(&ping);
                complete(&pong);
        }
        return 0;
}

TEST(completion, ping_pong)
{
        struct task_struct *task = kthread_create(answer, NULL, "answer");

        REQUIRE(task);
        get_task_struct(task);
        wake_up_process(task);
        for (unsigned int round = 0; round < ROUNDS; round++) {
                complete(&ping);
                wait_for_completion(&pong);
        }
        wait_for_completion(&task->exited);
        put_task_struct(task);
        EXPECT(!completion_done(&ping));
        EXPECT(!completion_done(&pong));
}

TEST(completion, time_out_ends_the_wait)
{
        DECLARE_COMPLETION_ONSTACK(never);
        unsigned long start = jiffies;

        EXPECT_EQ(wait_for_completion_timeout(&never, TIMEOUT_TICKS), 0);
        EXPECT(jiffies - start >= TIMEOUT_TICKS);
}
