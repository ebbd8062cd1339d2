/*
 * Mutexes
 *
 * Idea        One word says who owns the mutex. Free to mine and mine to free are one instruction
 *             each. A bit of the word says that somebody waits: then that instruction fails, and
 *             the rest happens under a spin lock.
 *
 * Picture     owner   0 ---------> A ----------------> A|1 -------------> B|1 ---------> C
 *                     A locks         B waits, C waits     A unlocks          B unlocks
 *
 * Data        struct mutex; a struct waiter on the stack of each that sleeps.
 *
 * Invariants  MUTEX-1  owner has the bit exactly while the list has waiters, seen under wait_lock.
 *             MUTEX-2  a waiter is in the list exactly until it owns the mutex or has given up.
 *             (Guarded by tests/unit/test_sync_sleep.c.)
 *
 * Locking     wait_lock, interrupts off, guards the list and every change of owner while the bit
 *             is set: without the bit only the owner, or one that finds 0, changes it. It is held
 *             while a task is woken: the waiter leaves under the lock, too.
 *
 * Cost        Two locked instructions for a pair that nobody waits for.
 *
 * Failure     A signal, where the caller allows it.
 *
 * Reading     LKD, chapter 10, "Mutexes".
 */
#include "kernel/sync/mutex.h"

#include "kernel/sync/atomic.h"
#include "kernel/sync/context.h"
#include "kernel/sync/signal.h"

struct waiter {
        struct list_head link;
        struct task_struct *task;
        bool is_owner;
};

void mutex_init_named(struct mutex *mutex, const char *name, enum lock_rank rank)
{
        *mutex = (struct mutex)MUTEX_INIT(*mutex, name, rank);
}

/* The word that says that the current task owns it, and nobody waits. */
static unsigned long mine(void)
{
        return (unsigned long)current;
}

/* Make it mine if it is free. Nobody waits then. */
static inline bool try_lock(struct mutex *mutex)
{
        return cmpxchg(&mutex->owner, 0ul, mine()) == 0;
}

/* Set the bit that sends the owner to the list. Returns: false when it is free, and now mine. */
static bool announce_waiter(struct mutex *mutex) REQUIRES(&mutex->wait_lock)
{
        unsigned long owner = READ_ONCE(mutex->owner);

        for (;;) {
                unsigned long next = owner ? owner | MUTEX_HAS_WAITERS : mine();
                unsigned long seen = cmpxchg(&mutex->owner, owner, next);

                if (seen == owner)
                        return owner != 0;
                owner = seen;
        }
}

/* Take a waiter that gives up out of the list. */
static void forget_waiter(struct mutex *mutex, struct waiter *waiter) REQUIRES(&mutex->wait_lock)
{
        list_del(&waiter->link);
        if (list_empty(&mutex->waiters))
                __atomic_and_fetch(&mutex->owner, ~MUTEX_HAS_WAITERS, __ATOMIC_SEQ_CST);
}

/* Sleep until waiter owns the mutex. Returns 0 or -EINTR. The lock is held, but not meanwhile. */
static int sleep_locked(struct mutex *mutex, struct waiter *waiter, unsigned int state,
                        unsigned long *flags) REQUIRES(&mutex->wait_lock)
{
        while (!waiter->is_owner) {
                if (state == TASK_INTERRUPTIBLE && signal_pending(current)) {
                        forget_waiter(mutex, waiter);
                        return -EINTR;
                }
                set_current_state(state);
                spin_unlock_irqrestore(&mutex->wait_lock, *flags);
                schedule();
                *flags = spin_lock_irqsave(&mutex->wait_lock);
        }
        return 0;
}

/* The mutex is taken: stand in the list. */
static int __noinline lock_slowly(struct mutex *mutex, unsigned int state)
{
        struct waiter waiter = { .task = current };
        unsigned long flags = spin_lock_irqsave(&mutex->wait_lock);
        int result = 0;

        if (announce_waiter(mutex)) {
                if (DEBUG_BUILD)
                        lock_debug_contended(&mutex->tag);
                list_add_tail(&waiter.link, &mutex->waiters);
                result = sleep_locked(mutex, &waiter, state, &flags);
        }
        spin_unlock_irqrestore(&mutex->wait_lock, flags);
        return result;
}

/* Take it, and let the debug build know. */
static inline int lock_in_state(struct mutex *mutex, unsigned int state)
{
        int result = 0;

        might_sleep();
        if (DEBUG_BUILD)
                lock_debug_acquire(&mutex->tag, LOCK_SLEEPS);
        if (unlikely(!try_lock(mutex)))
                result = lock_slowly(mutex, state);
        if (DEBUG_BUILD && !result)
                lock_debug_acquired(&mutex->tag, LOCK_SLEEPS);
        return result;
}

void mutex_lock(struct mutex *mutex) NO_THREAD_SAFETY_ANALYSIS
{
        (void)lock_in_state(mutex, TASK_UNINTERRUPTIBLE);
}

int mutex_lock_interruptible(struct mutex *mutex) NO_THREAD_SAFETY_ANALYSIS
{
        return lock_in_state(mutex, TASK_INTERRUPTIBLE);
}

bool mutex_trylock(struct mutex *mutex) NO_THREAD_SAFETY_ANALYSIS
{
        bool is_mine = try_lock(mutex);

        if (DEBUG_BUILD && is_mine)
                lock_debug_acquired(&mutex->tag, LOCK_SLEEPS | LOCK_TRIED);
        return is_mine;
}

/* Hand it to the first that waits. */
static void __noinline unlock_slowly(struct mutex *mutex)
{
        unsigned long flags = spin_lock_irqsave(&mutex->wait_lock);

        if (list_empty(&mutex->waiters)) {
                /* The last one gave up between the owner's look and now. */
                WRITE_ONCE(mutex->owner, 0);
        } else {
                struct waiter *next = list_first_entry(&mutex->waiters, struct waiter, link);
                struct task_struct *task = next->task;

                list_del(&next->link);
                WRITE_ONCE(mutex->owner, (unsigned long)task |
                                         (list_empty(&mutex->waiters) ? 0 : MUTEX_HAS_WAITERS));
                next->is_owner = true;
                wake_up_process(task);
        }
        spin_unlock_irqrestore(&mutex->wait_lock, flags);
}

void mutex_unlock(struct mutex *mutex) NO_THREAD_SAFETY_ANALYSIS
{
        if (DEBUG_BUILD && !lock_debug_release(&mutex->tag))
                return;
        if (unlikely(cmpxchg(&mutex->owner, mine(), 0ul) != mine()))
                unlock_slowly(mutex);
}
