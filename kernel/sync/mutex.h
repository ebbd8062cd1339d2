/*
 * mutex.h - one task at a time; the others sleep, and get it in the order in which they came.
 *
 *      mutex_lock(&table_lock);
 *      …                                       may sleep
 *      mutex_unlock(&table_lock);              by the same task
 *
 * mutex_unlock() hands the mutex to the first that waits. That is fair, and costs a task switch
 * where a greedy one would be served at once: what is short belongs under a spin lock.
 *
 * Context: a task that may sleep; mutex_trylock() and mutex_unlock() do not sleep, but are for
 * tasks, too.
 *
 * Source: LKD, chapter 10, "Mutexes"; the names are Linux's.
 */
#pragma once

#include "kernel/sync/schedule.h"
#include "kernel/sync/spinlock.h"
#include "lib/list.h"

struct CAPABILITY("mutex") mutex {
        unsigned long owner;            /* a task, and MUTEX_HAS_WAITERS; 0: free */
        spinlock_t wait_lock;           /* guards waiters */
        struct list_head waiters;       /* oldest first */
        struct lock_tag tag;
};

#define MUTEX_HAS_WAITERS 1ul           /* in owner: mutex_unlock() must look at waiters */

#define MUTEX_INIT(variable, mutex_name, mutex_rank)                            \
        {                                                                       \
                .wait_lock = SPINLOCK_INIT("mutex waiters", LOCK_RANK_WAIT),    \
                .waiters = LIST_HEAD_INIT((variable).waiters),                  \
                .tag = LOCK_TAG(mutex_name, mutex_rank),                        \
        }

/* A mutex of a file's own, without a rank. */
#define DEFINE_MUTEX(variable) \
        struct mutex variable = MUTEX_INIT(variable, #variable, LOCK_RANK_NONE)

/* mutex_init - the same at run time; those that one line of code makes are one class of locks. */
#define mutex_init(mutex)                                                               \
        mutex_init_named(mutex, #mutex " (" __FILE__ ":" STRINGIFY(__LINE__) ")",       \
                         LOCK_RANK_NONE)
void mutex_init_named(struct mutex *mutex, const char *name, enum lock_rank rank);

/* mutex_lock - take it, waiting as long as it takes. */
void mutex_lock(struct mutex *mutex) ACQUIRE(mutex);

/* mutex_lock_interruptible - Returns: 0 when taken, -EINTR when a signal came first. */
int __must_check mutex_lock_interruptible(struct mutex *mutex) TRY_ACQUIRE(0, mutex);

/* mutex_trylock - take it if it is free. Returns: whether it was taken. */
bool __must_check mutex_trylock(struct mutex *mutex) TRY_ACQUIRE(true, mutex);

/* mutex_unlock - give it to the first that waits, or to nobody. */
void mutex_unlock(struct mutex *mutex) RELEASE(mutex);

/* mutex_owner - who holds it; NULL for nobody. Outdated as soon as known, unless it is current. */
static inline struct task_struct *mutex_owner(const struct mutex *mutex)
{
        return (struct task_struct *)(READ_ONCE(mutex->owner) & ~MUTEX_HAS_WAITERS);
}

/* mutex_is_locked - whether anybody holds it. */
static inline bool mutex_is_locked(const struct mutex *mutex)
{
        return mutex_owner(mutex) != NULL;
}
