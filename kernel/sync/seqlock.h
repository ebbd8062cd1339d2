/*
 * seqlock.h - data that is read often and written seldom: readers do not lock, but read again when
 * a writer came in between.
 *
 *      do {
 *              start = read_seqbegin(&clock_lock);
 *              now = clock;                            copied only: it may be half written
 *      } while (read_seqretry(&clock_lock, start));
 *
 * Only for data without pointers that a reader would follow. Context: any; writers as for spin
 * locks. A reader must not interrupt a writer: where handlers read, write with interrupts off.
 *
 * Source: LKD, chapter 10, "Sequential Locks"; the names are Linux's.
 */
#pragma once

#include "kernel/cpu/barrier.h"
#include "kernel/cpu/ipi.h"
#include "kernel/sync/spinlock.h"

typedef struct CAPABILITY("seqlock") seqlock {
        u32 sequence;                   /* odd while a writer writes */
        spinlock_t lock;                /* held by the writer */
} seqlock_t;

#define SEQLOCK_INIT(lock_name, lock_rank) { .lock = SPINLOCK_INIT(lock_name, lock_rank) }
#define DEFINE_SEQLOCK(variable) seqlock_t variable = SEQLOCK_INIT(#variable, LOCK_RANK_NONE)

/* read_seqbegin - wait until no writer writes. Returns what read_seqretry() wants to know. */
static inline u32 read_seqbegin(const seqlock_t *lock)
{
        u32 sequence;

        while ((sequence = __atomic_load_n(&lock->sequence, __ATOMIC_ACQUIRE)) & 1)
                smp_relax();
        return sequence;
}

/* read_seqretry - whether what was read since then may be worthless. */
static inline bool read_seqretry(const seqlock_t *lock, u32 sequence)
{
        smp_rmb();
        return READ_ONCE(lock->sequence) != sequence;
}

/* write_seqlock, write_sequnlock - write alone, and make readers read again. */
static inline void write_seqlock(seqlock_t *lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        spin_lock(&lock->lock);
        WRITE_ONCE(lock->sequence, lock->sequence + 1);
        smp_wmb();
}

static inline void write_sequnlock(seqlock_t *lock) RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        smp_wmb();
        WRITE_ONCE(lock->sequence, lock->sequence + 1);
        spin_unlock(&lock->lock);
}

/* write_seqlock_irqsave, write_sequnlock_irqrestore - the same with interrupts off. */
static inline unsigned long write_seqlock_irqsave(seqlock_t *lock) ACQUIRE(lock)
{
        unsigned long flags = local_irq_save();

        write_seqlock(lock);
        return flags;
}

static inline void write_sequnlock_irqrestore(seqlock_t *lock, unsigned long flags)
        RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        smp_wmb();
        WRITE_ONCE(lock->sequence, lock->sequence + 1);
        spin_unlock_irqrestore(&lock->lock, flags);
}
