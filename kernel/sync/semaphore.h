/*
 * semaphore.h - so many may pass at a time; the rest sleep, and are served in the order in which
 * they came.
 *
 *      if (down_interruptible(&buffers_free))
 *              return -EINTR;
 *      …
 *      up(&buffers_free);                              by whomever
 *
 * up() gives what it brings to the first that waits, so that nobody who comes later is faster.
 *
 * Context: down() and its forms may sleep; down_trylock() and up(): any.
 *
 * Source: LKD, chapter 10, "Semaphores"; the names are Linux's.
 */
#pragma once

#include "kernel/sync/spinlock.h"
#include "lib/list.h"

struct semaphore {
        spinlock_t lock;
        unsigned int count;             /* how many may still pass; 0 while anybody waits */
        struct list_head waiters;       /* oldest first */
};

#define SEMAPHORE_INITIALIZER(name, initial_count)                      \
        {                                                               \
                .lock = SPINLOCK_INIT("semaphore", LOCK_RANK_WAIT),     \
                .count = (initial_count),                               \
                .waiters = LIST_HEAD_INIT((name).waiters),              \
        }
#define DEFINE_SEMAPHORE(name, initial_count) \
        struct semaphore name = SEMAPHORE_INITIALIZER(name, initial_count)

/* sema_init - let initial_count pass. */
void sema_init(struct semaphore *semaphore, unsigned int initial_count);

/* down - pass, waiting as long as it takes. */
void down(struct semaphore *semaphore);

/* down_interruptible - Returns: 0 when passed, -EINTR when a signal came first. */
int __must_check down_interruptible(struct semaphore *semaphore);

/* down_timeout - Returns: 0 when passed, -ETIME when that took more than so many ticks. */
int __must_check down_timeout(struct semaphore *semaphore, long tick_count);

/* down_trylock - Returns: 0 when passed, 1 when that was not possible at once. */
int __must_check down_trylock(struct semaphore *semaphore);

/* up - let one more pass. */
void up(struct semaphore *semaphore);
