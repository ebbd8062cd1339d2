/*
 * test_sync_spin.c - spin locks and reader-writer locks while all CPUs want them.
 *
 * Each test counts with an addition that is torn apart on purpose: read, wait, write. Without the
 * lock additions are lost, and the suite shows that first: so a lock that does not exclude is seen.
 */
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/sync/atomic.h"
#include "kernel/sync/rwlock.h"
#include "kernel/sync/spinlock.h"
#include "kernel/task/sched.h"
#include "lib/bits.h"
#include "lib/bug_expect.h"
#include "tests/self/sync_tools.h"

#define ROUNDS 2000u
#define ROUNDS_LEAST 32u
#define TORN_STEPS 10u                  /* between the read and the write */
#define UNLOCKED_ROUNDS 200u

static spinlock_t lock = SPINLOCK_INIT("tested spin lock", LOCK_RANK_NONE);
static rwlock_t rwlock = RWLOCK_INIT("tested rwlock", LOCK_RANK_NONE);
static unsigned int counter, shadow;
static atomic_t mismatch_count;

/*
 * How often each thread takes a lock. A lock that is handed on in turn is slow where more CPUs are
 * simulated than there are: the next in turn is often one that does not run.
 */
static unsigned int rounds(void)
{
        return max(ROUNDS / (num_online_cpus() * num_online_cpus()), ROUNDS_LEAST);
}

/* Add one in several steps, with time for others in between. */
static void add_torn(void)
{
        unsigned int seen = READ_ONCE(counter);

        for (unsigned int step = 0; step < TORN_STEPS; step++)
                cpu_relax();
        WRITE_ONCE(counter, seen + 1);
        WRITE_ONCE(shadow, seen + 1);
}

/* Add without a lock; the task may lose its CPU between the steps. */
static int add_unlocked(void *data __unused)
{
        for (unsigned int round = 0; round < UNLOCKED_ROUNDS; round++) {
                unsigned int seen = READ_ONCE(counter);

                yield();
                WRITE_ONCE(counter, seen + 1);
        }
        return 0;
}

/* Add with the lock, interrupts on. */
static int add_locked(void *data __unused)
{
        for (unsigned int count = rounds(); count; count--) {
                spin_lock(&lock);
                add_torn();
                spin_unlock(&lock);
        }
        return 0;
}

/* Add with the lock as soon as it is free. */
static int add_trying(void *data __unused)
{
        for (unsigned int count = rounds(); count; count--) {
                while (!spin_trylock(&lock))
                        cpu_relax();
                add_torn();
                spin_unlock(&lock);
        }
        return 0;
}

/* Add with the lock and interrupts off. */
static int add_irqsave(void *data __unused)
{
        for (unsigned int count = rounds(); count; count--) {
                unsigned long flags = spin_lock_irqsave(&lock);

                add_torn();
                spin_unlock_irqrestore(&lock, flags);
        }
        return 0;
}

/* One time in four write, else see that what writers keep equal is equal. */
static int read_and_write(void *data __unused)
{
        for (unsigned int count = rounds(); count; count--) {
                if (count % 4 == 0) {
                        write_lock(&rwlock);
                        add_torn();
                        write_unlock(&rwlock);
                        continue;
                }
                read_lock(&rwlock);
                if (READ_ONCE(counter) != READ_ONCE(shadow))
                        atomic_inc(&mismatch_count);
                read_unlock(&rwlock);
        }
        return 0;
}

/* Run threads that add, each so often; returns how many additions were lost. */
static unsigned int run_adders(struct test_state *test, int (*function)(void *data),
                               unsigned int additions)
{
        counter = shadow = 0;
        unsigned int threads = sync_run_threads(function, NULL);
        EXPECT_EQ(threads, sync_thread_count());
        EXPECT_EQ(preempt_count(), 0);
        return threads * additions - counter;
}

TEST(spinlock, additions_are_lost_without_it)
{
        EXPECT(run_adders(test, add_unlocked, UNLOCKED_ROUNDS) > 0);
}

TEST(spinlock, no_addition_is_lost)
{
        EXPECT_EQ(run_adders(test, add_locked, rounds()), 0);
        EXPECT(!spin_is_locked(&lock));
}

TEST(spinlock, no_addition_is_lost_by_trying)
{
        EXPECT_EQ(run_adders(test, add_trying, rounds()), 0);
}

static spinlock_t irq_lock = SPINLOCK_INIT("tested irq lock", LOCK_RANK_NONE);

TEST(spinlock, no_addition_is_lost_with_interrupts_off)
{
        EXPECT_EQ(run_adders(test, add_irqsave, rounds()), 0);
        EXPECT(!irqs_disabled());
        unsigned long flags = spin_lock_irqsave(&irq_lock);
        EXPECT(irqs_disabled());
        spin_unlock_irqrestore(&irq_lock, flags);
        EXPECT(!irqs_disabled());
}

TEST(rwlock, writers_are_alone_and_readers_see_what_is_whole)
{
        EXPECT_EQ(run_adders(test, read_and_write, rounds() / 4), 0);
        EXPECT_EQ(atomic_read(&mismatch_count), 0);
        EXPECT_EQ(rwlock.state, 0);
}

static spinlock_t first = SPINLOCK_INIT("first of two", LOCK_RANK_NONE);
static spinlock_t second = SPINLOCK_INIT("second of two", LOCK_RANK_NONE);

/* Give a lock back that nobody holds. */
static void release_free(spinlock_t *free_lock) NO_THREAD_SAFETY_ANALYSIS
{
        spin_unlock(free_lock);
}

/* Take one lock, and another while it is held. */
static void take_both(spinlock_t *outer, spinlock_t *inner)
{
        spin_lock(outer);
        spin_lock(inner);
        spin_unlock(inner);
        spin_unlock(outer);
}

TEST(spinlock, order_that_may_deadlock_is_reported_before_it_does)
{
        static bool is_done;            /* an order is reported once */

        if (!DEBUG_BUILD || is_done)
                SKIP("checked in the debug build, once");
        is_done = true;
        take_both(&first, &second);
        bug_expect_begin();
        take_both(&second, &first);
        EXPECT(bug_expect_end("lock-order", "first of two -> second of two"));
}

TEST(spinlock, release_by_who_does_not_hold_it_is_refused)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        bug_expect_begin();
        release_free(&first);
        EXPECT(bug_expect_end("bad-unlock", "first of two"));
        EXPECT(!spin_is_locked(&first));
        EXPECT_EQ(preempt_count(), 0);
}
