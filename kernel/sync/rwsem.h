/*
 * rwsem.h - many tasks may read at once, or one alone write; the others sleep, and are served in
 * the order in which they came: readers that stand next to each other, together.
 *
 *      down_read(&space->mmap_lock);
 *      …                                       may sleep
 *      up_read(&space->mmap_lock);             by the same task
 *
 * A task that reads may not take it again: a writer may have come in between.
 *
 * Context: a task that may sleep; the _trylock and up_ functions do not sleep.
 *
 * Source: LKD, chapter 10, "Reader-Writer Semaphores"; the names are Linux's.
 */
#pragma once

#include "kernel/sync/spinlock.h"
#include "lib/list.h"

struct CAPABILITY("rw_semaphore") rw_semaphore {
        spinlock_t lock;                /* guards the rest */
        int active;                     /* how many read; RWSEM_WRITTEN */
        struct list_head waiters;       /* oldest first */
        struct lock_tag tag;
};

#define RWSEM_WRITTEN (-1)

#define RWSEM_INIT(variable, semaphore_name, semaphore_rank)                    \
        {                                                                       \
                .lock = SPINLOCK_INIT("rw_semaphore waiters", LOCK_RANK_WAIT),  \
                .waiters = LIST_HEAD_INIT((variable).waiters),                  \
                .tag = LOCK_TAG(semaphore_name, semaphore_rank),                \
        }

/* One of a file's own, without a rank. */
#define DECLARE_RWSEM(variable) \
        struct rw_semaphore variable = RWSEM_INIT(variable, #variable, LOCK_RANK_NONE)

/* init_rwsem - the same at run time; those that one line of code makes are one class of locks. */
#define init_rwsem(semaphore)                                                           \
        (*(semaphore) = (struct rw_semaphore)RWSEM_INIT(*(semaphore),                   \
                 #semaphore " (" __FILE__ ":" STRINGIFY(__LINE__) ")", LOCK_RANK_NONE))

/* down_read, up_read - hold it with other readers. */
void down_read(struct rw_semaphore *semaphore) ACQUIRE_SHARED(semaphore);
void up_read(struct rw_semaphore *semaphore) RELEASE_SHARED(semaphore);

/* down_write, up_write - hold it alone. */
void down_write(struct rw_semaphore *semaphore) ACQUIRE(semaphore);
void up_write(struct rw_semaphore *semaphore) RELEASE(semaphore);

/* down_read_trylock, down_write_trylock - Returns: whether that was possible at once. */
bool __must_check down_read_trylock(struct rw_semaphore *semaphore)
        TRY_ACQUIRE_SHARED(true, semaphore);
bool __must_check down_write_trylock(struct rw_semaphore *semaphore) TRY_ACQUIRE(true, semaphore);

/* downgrade_write - a writer goes on as a reader, and lets others read; no writer in between. */
void downgrade_write(struct rw_semaphore *semaphore) NO_THREAD_SAFETY_ANALYSIS;
