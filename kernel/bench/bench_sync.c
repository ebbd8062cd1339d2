/* bench_sync.c - the rows of locks that nobody else wants. */
#include "kernel/bench/bench.h"

#include "kernel/sync/completion.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rwlock.h"
#include "kernel/sync/semaphore.h"
#include "kernel/sync/spinlock.h"

static DEFINE_SPINLOCK(lock);
static DEFINE_SPINLOCK(irq_lock);
static DEFINE_RWLOCK(rwlock);
static DEFINE_MUTEX(mutex);
static DEFINE_SEMAPHORE(semaphore, 1);
static DECLARE_COMPLETION(completion);

/* Take and give back a spin lock. */
static __always_inline void spinlock_pair(void)
{
        spin_lock(&lock);
        spin_unlock(&lock);
}

/* Ten times: what the function itself costs must not count for so short a pair. */
static void spinlock_ten_pairs(void)
{
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
        spinlock_pair();
}

/* The same, with interrupts off. */
static void spinlock_irq_pair(void)
{
        unsigned long flags = spin_lock_irqsave(&irq_lock);

        spin_unlock_irqrestore(&irq_lock, flags);
}

/* Read under a reader-writer lock. */
static void rwlock_read_pair(void)
{
        read_lock(&rwlock);
        read_unlock(&rwlock);
}

/* Take and give back a mutex. */
static void mutex_pair(void)
{
        mutex_lock(&mutex);
        mutex_unlock(&mutex);
}

/* Go down and up. */
static void semaphore_pair(void)
{
        down(&semaphore);
        up(&semaphore);
}

/* Complete, and wait for that. */
static void completion_pair(void)
{
        complete(&completion);
        wait_for_completion(&completion);
}

BENCH(spinlock)
{
        return bench_median(spinlock_ten_pairs) / 10;
}

BENCH(spinlock_irq)
{
        return bench_median(spinlock_irq_pair);
}

BENCH(rwlock_read)
{
        return bench_median(rwlock_read_pair);
}

BENCH(mutex)
{
        return bench_median(mutex_pair);
}

BENCH(semaphore)
{
        return bench_median(semaphore_pair);
}

BENCH(completion)
{
        return bench_median(completion_pair);
}
