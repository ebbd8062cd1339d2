/* spinlock.c - waiting for a lock that another CPU holds. */
#include "kernel/sync/spinlock.h"

#include "kernel/cpu/ipi.h"
#include "kernel/cpu/timestamp.h"

#define CIRCLE_STEPS_MOST 8u
#define STAMP_SHIFT 10u                 /* lock_debug_held_limit counts steps of 1024 */

/* Say, once for each wait, that the lock does not come. */
static void __cold report_stuck(const spinlock_t *lock)
{
        const struct lock_held *holder = READ_ONCE(lock->tag.holder);

        bug_report("lock-too-long", "%s does not become free, held by %s", lock->tag.name,
                   lock_held_name(holder));
}

/*
 * Whether so much time has passed since start that something must be wrong. The counters of two
 * CPUs differ a little, and so the time may seem to be negative.
 */
static bool is_too_long(u64 start)
{
        s64 steps = (s64)(timestamp_read() - start) >> STAMP_SHIFT;

        return steps > (s64)READ_ONCE(lock_debug_held_limit);
}

/* Whether the one who holds a lock waits, over others perhaps, for one that self holds. */
static bool leads_back(const struct lock_tag *tag, const struct lock_held *self)
{
        for (unsigned int step = 0; tag && step < CIRCLE_STEPS_MOST; step++) {
                const struct lock_held *holder = READ_ONCE(tag->holder);

                if (!holder || holder == self)
                        return holder;
                tag = READ_ONCE(holder->waits_for);
        }
        return false;
}

/* A lock has been waited for too long: that is the end if it can never become free. */
static void __cold handle_stuck(const spinlock_t *lock)
{
        const struct lock_held *self = lock_debug_current();

        report_stuck(lock);
        if (leads_back(&lock->tag, self))
                panic("deadlock: %s waits for lock %s, whose holder waits for a lock of it",
                      lock_held_name(self), lock->tag.name);
}

/* spin_lock_wait() with an eye on the time. */
static void wait_and_watch(spinlock_t *lock, u16 drawn)
{
        u64 start = timestamp_read();
        bool is_reported = false;
        struct lock_held *held = lock_debug_current();

        WRITE_ONCE(held->waits_for, &lock->tag);
        lock_debug_contended(&lock->tag);
        while (!ticket_serves(&lock->ticket, drawn)) {
                cpu_relax();
                smp_poll();
                if (is_reported || !is_too_long(start))
                        continue;
                is_reported = true;
                handle_stuck(lock);
        }
        WRITE_ONCE(held->waits_for, NULL);
}

void spin_lock_wait(spinlock_t *lock, u16 drawn)
{
        if (DEBUG_BUILD) {
                wait_and_watch(lock, drawn);
                return;
        }
        while (!ticket_serves(&lock->ticket, drawn)) {
                cpu_relax();
                smp_poll();
        }
}
