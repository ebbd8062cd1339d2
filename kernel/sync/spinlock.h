/*
 * spinlock.h - a lock that waits by spinning; first come, first served.
 *
 *      unsigned long flags = spin_lock_irqsave(&zone->lock);
 *      …                                       nobody else here, no interrupt on this CPU
 *      spin_unlock_irqrestore(&zone->lock, flags);
 *
 * Context: any. The holder may not sleep, and keeps its CPU: preemption is off. A lock that an
 * interrupt handler takes is taken with interrupts off everywhere; spin_lock_irqsave() where they
 * may be off already, spin_lock_irq() where they are known to be on.
 *
 * A lock has a name, and a rank in the one global order (lock_debug.h). The debug build checks
 * order, double locking, who releases, and that handlers and tasks do not wait for each other.
 *
 * Reading: docs/locking.md; LKD, chapter 10, "Spin Locks".
 */
#pragma once

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/softirq.h"
#include "kernel/cpu/ticket.h"
#include "kernel/sync/lock_debug.h"
#include "lib/assert.h"
#include "lib/thread_safety.h"

typedef struct CAPABILITY("spinlock") spinlock {
        struct ticket ticket;
        struct lock_tag tag;
} spinlock_t;

#define SPINLOCK_INIT(lock_name, lock_rank) { .tag = LOCK_TAG(lock_name, lock_rank) }

/* A lock of a file's own, without a rank; its name is that of the variable. */
#define DEFINE_SPINLOCK(variable) spinlock_t variable = SPINLOCK_INIT(#variable, LOCK_RANK_NONE)

/* spin_lock_init - the same at run time; the locks that one line of code makes are one class. */
#define spin_lock_init(lock)                                                            \
        (*(lock) = (spinlock_t)SPINLOCK_INIT(#lock " (" __FILE__ ":"                    \
                                             STRINGIFY(__LINE__) ")", LOCK_RANK_NONE))

/* spin_lock_wait - the lock is held: wait until the number is served. Context: preemption off. */
void spin_lock_wait(spinlock_t *lock, u16 drawn);

/* spin_lock_mode - what all ways to take a lock have in common. For this file only. */
static __always_inline void spin_lock_mode(spinlock_t *lock, unsigned int mode)
        ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        u16 drawn;

        preempt_disable();
        if (DEBUG_BUILD)
                lock_debug_acquire(&lock->tag, mode);
        if (unlikely(!ticket_draw(&lock->ticket, &drawn)))
                spin_lock_wait(lock, drawn);
        if (DEBUG_BUILD)
                lock_debug_acquired(&lock->tag, mode);
}

/* spin_lock - take lock, spinning while another holds it. Interrupts stay as they are. */
static inline void spin_lock(spinlock_t *lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        spin_lock_mode(lock, 0);
}

/*
 * spin_lock_nested - the same while a lock of this rank is held: the caller makes sure that all
 * take such locks in one order, as by their addresses.
 */
static inline void spin_lock_nested(spinlock_t *lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        spin_lock_mode(lock, LOCK_NESTED);
}

/* spin_trylock - take lock if it is free. Returns: whether it was taken. */
static inline bool spin_trylock(spinlock_t *lock) TRY_ACQUIRE(true, lock) NO_THREAD_SAFETY_ANALYSIS
{
        preempt_disable();
        if (!ticket_try_draw(&lock->ticket)) {
                preempt_enable();
                return false;
        }
        if (DEBUG_BUILD)
                lock_debug_acquired(&lock->tag, LOCK_TRIED);
        return true;
}

/* spin_unlock - give lock back. */
static inline void spin_unlock(spinlock_t *lock) RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        if (DEBUG_BUILD && !lock_debug_release(&lock->tag))
                return;
        ticket_serve_next(&lock->ticket);
        preempt_enable();
}

/* spin_lock_irqsave - turn interrupts off, take lock, and return how interrupts were. */
static inline unsigned long spin_lock_irqsave(spinlock_t *lock) ACQUIRE(lock)
{
        unsigned long flags = local_irq_save();

        spin_lock(lock);
        return flags;
}

/*
 * spin_unlock_irqrestore - give lock back, and interrupts their state; only then may another task
 * run, so that a switch never happens with interrupts off.
 */
static inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
        RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        bool is_held = !DEBUG_BUILD || lock_debug_release(&lock->tag);

        if (is_held)
                ticket_serve_next(&lock->ticket);
        local_irq_restore(flags);
        if (is_held)
                preempt_enable();
}

/* spin_lock_irq, spin_unlock_irq - where interrupts are on: off, and on again. */
static inline void spin_lock_irq(spinlock_t *lock) ACQUIRE(lock)
{
        local_irq_disable();
        spin_lock(lock);
}

static inline void spin_unlock_irq(spinlock_t *lock) RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
        bool is_held = !DEBUG_BUILD || lock_debug_release(&lock->tag);

        if (is_held)
                ticket_serve_next(&lock->ticket);
        local_irq_enable();
        if (is_held)
                preempt_enable();
}

/*
 * spin_lock_bh, spin_unlock_bh - for what softirqs take, too: none runs on this CPU meanwhile. What
 * was raised runs at the end, so that interrupts must be on there.
 */
static inline void spin_lock_bh(spinlock_t *lock) ACQUIRE(lock)
{
        local_bh_disable();
        spin_lock(lock);
}

static inline void spin_unlock_bh(spinlock_t *lock) RELEASE(lock)
{
        spin_unlock(lock);
        local_bh_enable();
}

/* spin_is_locked - whether anybody holds lock, or is about to; outdated as soon as it is known. */
static inline bool spin_is_locked(const spinlock_t *lock)
{
        return ticket_is_taken(&lock->ticket);
}

/* assert_spin_locked - the caller must hold lock; checked in the debug build. */
static inline void assert_spin_locked(const spinlock_t *lock) ASSERT_HELD(lock)
{
        DEBUG_BUG_ON(!lock_debug_is_held(&lock->tag), "lock %s", lock->tag.name);
}
