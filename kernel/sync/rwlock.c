/*
 * Reader-writer spin locks
 *
 * Idea        One word counts the readers and says whether a writer holds the lock, or is the next
 *             one. Whoever cannot have it at once stands in a line, a ticket lock: only the first
 *             in line looks at the word.
 *
 * Picture     state   0 --read--> 1 reader --write--> 1 reader, writer waits --read--> in line
 *                                                     `--read_unlock--> writer
 *
 * Data        rwlock_t.
 *
 * Invariants  RWLOCK-1  a writer holds it only while no reader counts in state that has entered.
 *             RWLOCK-2  RWLOCK_WRITER_WAITS is set only by the first in line, and cleared by it.
 *             (Guarded by tests/unit/test_sync_locks.c.)
 *
 * Locking     None but atomic operations. Interrupts may be off: everyone who waits calls
 *             smp_poll().
 *
 * Cost        Two locked instructions for a pair that nobody waits for.
 *
 * Failure     None.
 *
 * Reading     LKD, chapter 10, "Reader-Writer Spin Locks".
 */
#include "kernel/sync/rwlock.h"

#include "kernel/cpu/ipi.h"

/* One step of waiting for another CPU. */
static inline void relax(void)
{
        cpu_relax();
        smp_poll();
}

/* Wait until this is the first in line. */
static void enter_line(rwlock_t *lock)
{
        u16 drawn;

        if (ticket_draw(&lock->line, &drawn))
                return;
        while (!ticket_serves(&lock->line, drawn))
                relax();
}

/* Wait until no writer holds it. */
static void await_no_writer(const rwlock_t *lock)
{
        while (__atomic_load_n(&lock->state, __ATOMIC_ACQUIRE) & RWLOCK_WRITER)
                relax();
}

/* Read after a writer, which is there or comes first. This reader is counted already. */
static void __noinline read_slowly(rwlock_t *lock)
{
        if (in_hardirq() || in_serving_softirq()) {
                await_no_writer(lock);
                return;
        }
        __atomic_sub_fetch(&lock->state, RWLOCK_READER, __ATOMIC_SEQ_CST);
        enter_line(lock);
        __atomic_add_fetch(&lock->state, RWLOCK_READER, __ATOMIC_SEQ_CST);
        await_no_writer(lock);
        ticket_serve_next(&lock->line);
}

void read_lock(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        preempt_disable();
        if (DEBUG_BUILD)
                lock_debug_acquire(&lock->tag, LOCK_SHARED);
        if (unlikely(__atomic_fetch_add(&lock->state, RWLOCK_READER, __ATOMIC_SEQ_CST) &
                     (RWLOCK_WRITER | RWLOCK_WRITER_WAITS))) {
                if (DEBUG_BUILD)
                        lock_debug_contended(&lock->tag);
                read_slowly(lock);
        }
        if (DEBUG_BUILD)
                lock_debug_acquired(&lock->tag, LOCK_SHARED);
}

/* Make it this writer's if state is as expected. */
static inline bool try_write(rwlock_t *lock, u32 expected)
{
        return __atomic_compare_exchange_n(&lock->state, &expected, RWLOCK_WRITER, false,
                                           __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Write after those who hold it, and those who came before. */
static void __noinline write_slowly(rwlock_t *lock)
{
        enter_line(lock);
        __atomic_or_fetch(&lock->state, RWLOCK_WRITER_WAITS, __ATOMIC_SEQ_CST);
        while (!try_write(lock, RWLOCK_WRITER_WAITS))
                relax();
        ticket_serve_next(&lock->line);
}

void write_lock(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        preempt_disable();
        if (DEBUG_BUILD)
                lock_debug_acquire(&lock->tag, 0);
        if (unlikely(!try_write(lock, 0))) {
                if (DEBUG_BUILD)
                        lock_debug_contended(&lock->tag);
                write_slowly(lock);
        }
        if (DEBUG_BUILD)
                lock_debug_acquired(&lock->tag, 0);
}

bool read_trylock(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        u32 state = READ_ONCE(lock->state);

        preempt_disable();
        if (state & (RWLOCK_WRITER | RWLOCK_WRITER_WAITS) ||
            !__atomic_compare_exchange_n(&lock->state, &state, state + RWLOCK_READER, false,
                                         __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
                preempt_enable();
                return false;
        }
        if (DEBUG_BUILD)
                lock_debug_acquired(&lock->tag, LOCK_SHARED | LOCK_TRIED);
        return true;
}

bool write_trylock(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        preempt_disable();
        if (!try_write(lock, 0)) {
                preempt_enable();
                return false;
        }
        if (DEBUG_BUILD)
                lock_debug_acquired(&lock->tag, LOCK_TRIED);
        return true;
}

/* Give a reader's share back, if it is held. */
static bool release_read(rwlock_t *lock)
{
        if (DEBUG_BUILD && !lock_debug_release(&lock->tag))
                return false;
        __atomic_sub_fetch(&lock->state, RWLOCK_READER, __ATOMIC_SEQ_CST);
        return true;
}

/* Give the whole back, if it is held. */
static bool release_write(rwlock_t *lock)
{
        if (DEBUG_BUILD && !lock_debug_release(&lock->tag))
                return false;
        __atomic_sub_fetch(&lock->state, RWLOCK_WRITER, __ATOMIC_SEQ_CST);
        return true;
}

void read_unlock(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        if (release_read(lock))
                preempt_enable();
}

void write_unlock(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        if (release_write(lock))
                preempt_enable();
}

void read_unlock_irqrestore(rwlock_t *lock, unsigned long flags) NO_THREAD_SAFETY_ANALYSIS
{
        bool was_held = release_read(lock);

        local_irq_restore(flags);
        if (was_held)
                preempt_enable();
}

void write_unlock_irqrestore(rwlock_t *lock, unsigned long flags) NO_THREAD_SAFETY_ANALYSIS
{
        bool was_held = release_write(lock);

        local_irq_restore(flags);
        if (was_held)
                preempt_enable();
}

void read_unlock_irq(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        bool was_held = release_read(lock);

        local_irq_enable();
        if (was_held)
                preempt_enable();
}

void write_unlock_irq(rwlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
        bool was_held = release_write(lock);

        local_irq_enable();
        if (was_held)
                preempt_enable();
}
