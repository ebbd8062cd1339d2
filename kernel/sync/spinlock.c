/* spinlock.c - waiting for a lock that another CPU holds. */
#include "kernel/sync/spinlock.h"

#include "kernel/cpu/ipi.h"
#include "kernel/cpu/timestamp.h"

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

/* spin_lock_wait() with an eye on the time. */
static void wait_and_watch(spinlock_t *lock, u16 drawn)
{
        u64 start = timestamp_read();
        bool is_reported = false;

        lock_debug_contended(&lock->tag);
        while (!ticket_serves(&lock->ticket, drawn)) {
                cpu_relax();
                smp_poll();
                if (is_reported || !is_too_long(start))
                        continue;
                is_reported = true;
                report_stuck(lock);
        }
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
