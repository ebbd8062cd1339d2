/*
 * rwlock.h - a spin lock that many may hold at once to read, or one alone to write.
 *
 *      read_lock(&names_lock);                         read_lock_irqsave() and so on, as for
 *      …                                               spin locks
 *      read_unlock(&names_lock);
 *
 * Worth its price only where reading takes long and is frequent; else a spin lock is faster.
 *
 * Readers stand in line behind a writer that waits, so that writers do not starve. So a task that
 * reads may not take the lock again. An interrupt handler may: it waits for a writer that holds
 * the lock, but for none that waits. Where handlers only read, tasks may read with interrupts on.
 *
 * Context: any. The holder may not sleep.
 *
 * Source: LKD, chapter 10, "Reader-Writer Spin Locks"; the names are Linux's.
 */
#pragma once

#include "kernel/sync/spinlock.h"

typedef struct CAPABILITY("rwlock") rwlock {
        u32 state;                      /* RWLOCK_ bits, and RWLOCK_READER for each reader */
        struct ticket line;             /* held by the first of those who wait */
        struct lock_tag tag;
} rwlock_t;

#define RWLOCK_WRITER 0x01u             /* a writer holds it */
#define RWLOCK_WRITER_WAITS 0x02u       /* the first in line is a writer */
#define RWLOCK_READER 0x100u

#define RWLOCK_INIT(lock_name, lock_rank) { .tag = LOCK_TAG(lock_name, lock_rank) }
#define DEFINE_RWLOCK(variable) rwlock_t variable = RWLOCK_INIT(#variable, LOCK_RANK_NONE)

/* rwlock_init - the same at run time; the locks that one line of code makes are one class. */
#define rwlock_init(lock)                                                               \
        (*(lock) = (rwlock_t)RWLOCK_INIT(#lock " (" __FILE__ ":"                        \
                                         STRINGIFY(__LINE__) ")", LOCK_RANK_NONE))

/* read_lock, read_unlock - hold it with other readers. */
void read_lock(rwlock_t *lock) ACQUIRE_SHARED(lock);
void read_unlock(rwlock_t *lock) RELEASE_SHARED(lock);

/* write_lock, write_unlock - hold it alone. */
void write_lock(rwlock_t *lock) ACQUIRE(lock);
void write_unlock(rwlock_t *lock) RELEASE(lock);

/* read_trylock, write_trylock - Returns: whether that was possible at once. */
bool __must_check read_trylock(rwlock_t *lock) TRY_ACQUIRE_SHARED(true, lock);
bool __must_check write_trylock(rwlock_t *lock) TRY_ACQUIRE(true, lock);

/* read_lock_irqsave, write_lock_irqsave - with interrupts off; return how they were. */
static inline unsigned long read_lock_irqsave(rwlock_t *lock) ACQUIRE_SHARED(lock)
{
        unsigned long flags = local_irq_save();

        read_lock(lock);
        return flags;
}

static inline unsigned long write_lock_irqsave(rwlock_t *lock) ACQUIRE(lock)
{
        unsigned long flags = local_irq_save();

        write_lock(lock);
        return flags;
}

/* read_unlock_irqrestore, write_unlock_irqrestore - give it back, and interrupts their state. */
void read_unlock_irqrestore(rwlock_t *lock, unsigned long flags) RELEASE_SHARED(lock);
void write_unlock_irqrestore(rwlock_t *lock, unsigned long flags) RELEASE(lock);

/* read_lock_irq, write_lock_irq - where interrupts are known to be on: off. */
static inline void read_lock_irq(rwlock_t *lock) ACQUIRE_SHARED(lock)
{
        local_irq_disable();
        read_lock(lock);
}

static inline void write_lock_irq(rwlock_t *lock) ACQUIRE(lock)
{
        local_irq_disable();
        write_lock(lock);
}

/* read_unlock_irq, write_unlock_irq - give it back, and interrupts on. */
void read_unlock_irq(rwlock_t *lock) RELEASE_SHARED(lock);
void write_unlock_irq(rwlock_t *lock) RELEASE(lock);

/*
 * read_lock_bh, write_lock_bh, read_unlock_bh, write_unlock_bh - with softirqs off on this CPU, for
 * what they take, too.
 */
static inline void read_lock_bh(rwlock_t *lock) ACQUIRE_SHARED(lock)
{
        local_bh_disable();
        read_lock(lock);
}

static inline void write_lock_bh(rwlock_t *lock) ACQUIRE(lock)
{
        local_bh_disable();
        write_lock(lock);
}

static inline void read_unlock_bh(rwlock_t *lock) RELEASE_SHARED(lock)
{
        read_unlock(lock);
        local_bh_enable();
}

static inline void write_unlock_bh(rwlock_t *lock) RELEASE(lock)
{
        write_unlock(lock);
        local_bh_enable();
}
