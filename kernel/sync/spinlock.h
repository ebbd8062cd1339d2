/*
 * spinlock.h - a lock that waits by spinning, and its rank in the one global lock order.
 *
 *      unsigned long flags = spin_lock_irqsave(&zone->lock);
 *      …                                       nobody else here, no interrupt on this CPU
 *      spin_unlock_irqrestore(&zone->lock, flags);
 *
 * Context: any. The holder may not sleep. A lock that an interrupt handler takes is taken with
 * interrupts off everywhere.
 *
 * Debug build: taking a lock twice, taking one of a rank not above all held, and releasing one
 * that is not held panic with the lock's name.
 *
 * Reading: docs/locking.md; LKD, chapter 10, "Spin Locks".
 */
#pragma once

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "lib/assert.h"
#include "lib/thread_safety.h"

/* The lock order: while a lock is held, only locks further down may be taken. */
enum lock_rank {
        LOCK_RANK_SHRINKERS,
        LOCK_RANK_STACKS,
        LOCK_RANK_TASKS,
        LOCK_RANK_PGTABLE,
        LOCK_RANK_ZONE,
        LOCK_RANK_TIMER,
        LOCK_RANK_OWNER,
        LOCK_RANK_IRQ_LINES,
        LOCK_RANK_RUNQUEUE,
        LOCK_RANK_COUNT,
};

struct CAPABILITY("spinlock") spinlock {
        u32 locked;                     /* 0 or 1, changed atomically */
        enum lock_rank rank;
        const char *name;
};

#define SPINLOCK_INIT(lock_name, lock_rank) { .rank = (lock_rank), .name = (lock_name) }

/* The ranks that this CPU holds, a bit each; kept in the debug build. */
DECLARE_PER_CPU(u32, lock_ranks_held);

/* lock_debug_acquire - check the lock order and note that this CPU takes lock. */
void lock_debug_acquire(const struct spinlock *lock);

/* lock_debug_release - note that this CPU gives lock back; panics when it does not hold it. */
void lock_debug_release(const struct spinlock *lock);

/* spin_lock - take lock, spinning while another CPU holds it. Preemption and interrupts as set. */
static inline void spin_lock(struct spinlock *lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        if (DEBUG_BUILD)
                lock_debug_acquire(lock);
        while (unlikely(__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)))
                while (READ_ONCE(lock->locked))
                        cpu_relax();
}

/* spin_unlock - give lock back. */
static inline void spin_unlock(struct spinlock *lock) RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        if (DEBUG_BUILD)
                lock_debug_release(lock);
        __atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

/* spin_lock_irqsave - turn interrupts off, take lock, and return how interrupts were. */
static inline unsigned long spin_lock_irqsave(struct spinlock *lock) ACQUIRE(lock)
{
        unsigned long flags = local_irq_save();

        spin_lock(lock);
        return flags;
}

/* spin_unlock_irqrestore - give lock back and interrupts their state. */
static inline void spin_unlock_irqrestore(struct spinlock *lock, unsigned long flags)
        RELEASE(lock)
{
        spin_unlock(lock);
        local_irq_restore(flags);
}
