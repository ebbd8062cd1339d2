/*
 * Reader-writer semaphores
 *
 * Idea        A count of those who hold it, and one list of those who wait, readers and writers in
 *             the order of their coming. Who gives it back hands it on to the first of the list,
 *             and to the readers right behind, if the first reads.
 *
 * Picture     active 2, waiters [W] -> [R] -> [R] -> [W]
 *             both readers leave: W writes; W leaves: both R read; both leave: the last W writes
 *
 * Data        struct rw_semaphore; a struct waiter on the stack of each that sleeps.
 *
 * Invariants  RWSEM-1  while the list is empty nobody has to wait; while it is not, everyone who
 *                      comes does.
 *             RWSEM-2  a waiter is in the list exactly until it holds the semaphore.
 *             (Guarded by tests/unit/test_sync_sleep.c.)
 *
 * Locking     semaphore->lock, interrupts off, also while tasks are woken.
 *
 * Cost        One spin lock when nobody has to wait.
 *
 * Failure     None.
 *
 * Reading     LKD, chapter 10, "Reader-Writer Semaphores".
 */
#include "kernel/sync/rwsem.h"

#include "kernel/sync/context.h"
#include "kernel/sync/schedule.h"

struct waiter {
        struct list_head link;
        struct task_struct *task;
        bool is_writer;
        bool holds;
};

/* Take it if it is as the kind of waiter needs. Returns: whether it was. */
static bool take(struct rw_semaphore *semaphore, bool is_writer) REQUIRES(&semaphore->lock)
{
        if (is_writer ? semaphore->active != 0 : semaphore->active == RWSEM_WRITTEN)
                return false;
        semaphore->active = is_writer ? RWSEM_WRITTEN : semaphore->active + 1;
        return true;
}

/* Hand it to as many of the first in the list as can have it. */
static void hand_on(struct rw_semaphore *semaphore) REQUIRES(&semaphore->lock)
{
        while (!list_empty(&semaphore->waiters)) {
                struct waiter *waiter =
                        list_first_entry(&semaphore->waiters, struct waiter, link);

                if (!take(semaphore, waiter->is_writer))
                        break;
                list_del(&waiter->link);
                waiter->holds = true;
                wake_up_process(waiter->task);
        }
}

/* Stand in the list until it is this task's. The lock is held, but not meanwhile. */
static void sleep_locked(struct rw_semaphore *semaphore, bool is_writer, unsigned long *flags)
        REQUIRES(&semaphore->lock)
{
        struct waiter waiter = { .task = current, .is_writer = is_writer };

        list_add_tail(&waiter.link, &semaphore->waiters);
        while (!waiter.holds) {
                set_current_state(TASK_UNINTERRUPTIBLE);
                spin_unlock_irqrestore(&semaphore->lock, *flags);
                schedule();
                *flags = spin_lock_irqsave(&semaphore->lock);
        }
}

/* Take it, sleeping if need be. */
static void down_as(struct rw_semaphore *semaphore, bool is_writer)
{
        unsigned int mode = LOCK_SLEEPS | (is_writer ? 0 : LOCK_SHARED);

        might_sleep();
        if (DEBUG_BUILD)
                lock_debug_acquire(&semaphore->tag, mode);

        unsigned long flags = spin_lock_irqsave(&semaphore->lock);

        if (!list_empty(&semaphore->waiters) || !take(semaphore, is_writer)) {
                if (DEBUG_BUILD)
                        lock_debug_contended(&semaphore->tag);
                sleep_locked(semaphore, is_writer, &flags);
        }
        spin_unlock_irqrestore(&semaphore->lock, flags);
        if (DEBUG_BUILD)
                lock_debug_acquired(&semaphore->tag, mode);
}

/* Take it if that is possible at once. */
static bool try_down_as(struct rw_semaphore *semaphore, bool is_writer)
{
        unsigned long flags = spin_lock_irqsave(&semaphore->lock);
        bool is_taken = list_empty(&semaphore->waiters) && take(semaphore, is_writer);

        spin_unlock_irqrestore(&semaphore->lock, flags);
        if (DEBUG_BUILD && is_taken)
                lock_debug_acquired(&semaphore->tag,
                                    LOCK_SLEEPS | LOCK_TRIED | (is_writer ? 0 : LOCK_SHARED));
        return is_taken;
}

/* Let so many hold it from now on who held it before, and hand it on. */
static void leave(struct rw_semaphore *semaphore, int change)
{
        unsigned long flags = spin_lock_irqsave(&semaphore->lock);

        semaphore->active += change;
        hand_on(semaphore);
        spin_unlock_irqrestore(&semaphore->lock, flags);
}

void down_read(struct rw_semaphore *semaphore) NO_THREAD_SAFETY_ANALYSIS
{
        down_as(semaphore, false);
}

void down_write(struct rw_semaphore *semaphore) NO_THREAD_SAFETY_ANALYSIS
{
        down_as(semaphore, true);
}

bool down_read_trylock(struct rw_semaphore *semaphore) NO_THREAD_SAFETY_ANALYSIS
{
        return try_down_as(semaphore, false);
}

bool down_write_trylock(struct rw_semaphore *semaphore) NO_THREAD_SAFETY_ANALYSIS
{
        return try_down_as(semaphore, true);
}

void up_read(struct rw_semaphore *semaphore) NO_THREAD_SAFETY_ANALYSIS
{
        if (!DEBUG_BUILD || lock_debug_release(&semaphore->tag))
                leave(semaphore, -1);
}

void up_write(struct rw_semaphore *semaphore) NO_THREAD_SAFETY_ANALYSIS
{
        if (!DEBUG_BUILD || lock_debug_release(&semaphore->tag))
                leave(semaphore, -RWSEM_WRITTEN);
}

void downgrade_write(struct rw_semaphore *semaphore)
{
        if (DEBUG_BUILD && !lock_debug_release(&semaphore->tag))
                return;
        if (DEBUG_BUILD)
                lock_debug_acquired(&semaphore->tag, LOCK_SLEEPS | LOCK_SHARED | LOCK_TRIED);
        leave(semaphore, 1 - RWSEM_WRITTEN);
}
