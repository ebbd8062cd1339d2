/*
 * Semaphores
 *
 * Idea        A counter and a list. Whoever finds the counter at 0 stands in the list and sleeps;
 *             up() looks at the list first, and only counts when it is empty.
 *
 * Picture     count 2, no waiters            count 0, waiters [A] -> [B]
 *             down(): count 1                up(): A passes, count stays 0
 *
 * Data        struct semaphore; a struct waiter on the stack of each that sleeps.
 *
 * Invariants  SEM-1  while anybody waits, count is 0.
 *             SEM-2  a waiter is in the list exactly until it has passed or given up.
 *             (Guarded by tests/unit/test_sync_sleep.c.)
 *
 * Locking     semaphore->lock, interrupts off, also while a task is woken: the waiter leaves under
 *             the lock, so that the waker is done with it.
 *
 * Cost        One spin lock when nobody has to wait.
 *
 * Failure     A signal or a time-out, where the caller allows it.
 *
 * Reading     LKD, chapter 10, "Semaphores".
 */
#include "kernel/sync/semaphore.h"

#include "kernel/sync/context.h"
#include "kernel/sync/signal.h"

struct waiter {
        struct list_head link;
        struct task_struct *task;
        bool has_passed;
};

void sema_init(struct semaphore *semaphore, unsigned int initial_count)
{
        semaphore->lock = (spinlock_t)SPINLOCK_INIT("semaphore", LOCK_RANK_WAIT);
        semaphore->count = initial_count;
        INIT_LIST_HEAD(&semaphore->waiters);
}

/* Sleep until waiter has passed. Returns 0, -EINTR, -ETIME. The lock is held, but not meanwhile. */
static int sleep_locked(struct semaphore *semaphore, struct waiter *waiter, unsigned int state,
                        long tick_count, unsigned long *flags) REQUIRES(&semaphore->lock)
{
        while (!waiter->has_passed) {
                if (state == TASK_INTERRUPTIBLE && signal_pending(current))
                        return -EINTR;
                if (tick_count <= 0)
                        return -ETIME;
                set_current_state(state);
                spin_unlock_irqrestore(&semaphore->lock, *flags);
                tick_count = schedule_timeout(tick_count);
                *flags = spin_lock_irqsave(&semaphore->lock);
        }
        return 0;
}

/* Pass, or stand in the list until that is possible. */
static int down_in_state(struct semaphore *semaphore, unsigned int state, long tick_count)
{
        struct waiter waiter = { .task = current };
        int result = 0;

        might_sleep();
        unsigned long flags = spin_lock_irqsave(&semaphore->lock);
        if (likely(semaphore->count)) {
                semaphore->count--;
        } else {
                list_add_tail(&waiter.link, &semaphore->waiters);
                result = sleep_locked(semaphore, &waiter, state, tick_count, &flags);
                if (result)
                        list_del(&waiter.link);
        }
        spin_unlock_irqrestore(&semaphore->lock, flags);
        return result;
}

void down(struct semaphore *semaphore)
{
        (void)down_in_state(semaphore, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

int down_interruptible(struct semaphore *semaphore)
{
        return down_in_state(semaphore, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

int down_timeout(struct semaphore *semaphore, long tick_count)
{
        return down_in_state(semaphore, TASK_UNINTERRUPTIBLE, tick_count);
}

int down_trylock(struct semaphore *semaphore)
{
        unsigned long flags = spin_lock_irqsave(&semaphore->lock);
        bool has_passed = semaphore->count;

        if (has_passed)
                semaphore->count--;
        spin_unlock_irqrestore(&semaphore->lock, flags);
        return !has_passed;
}

/* Let the first waiter pass. */
static void pass_first(struct semaphore *semaphore) REQUIRES(&semaphore->lock)
{
        struct waiter *waiter = list_first_entry(&semaphore->waiters, struct waiter, link);

        list_del(&waiter->link);
        waiter->has_passed = true;
        wake_up_process(waiter->task);
}

void up(struct semaphore *semaphore)
{
        unsigned long flags = spin_lock_irqsave(&semaphore->lock);

        if (list_empty(&semaphore->waiters))
                semaphore->count++;
        else
                pass_first(semaphore);
        spin_unlock_irqrestore(&semaphore->lock, flags);
}
