/* lock_debug.c - the checks that the debug build makes at every lock. */
#include "kernel/sync/spinlock.h"

#include "lib/bits.h"

u32 lock_ranks_held[NR_CPUS];

void lock_debug_acquire(const struct spinlock *lock)
{
        u32 held = lock_ranks_held[smp_processor_id()];

        BUG_ON(held & BIT(lock->rank), "lock %s: deadlock, this CPU holds it or one of its rank",
               lock->name);
        BUG_ON(held >> lock->rank, "lock %s: rank %d taken while higher ranks %#x are held",
               lock->name, lock->rank, held);
        lock_ranks_held[smp_processor_id()] = held | BIT(lock->rank);
}

void lock_debug_release(const struct spinlock *lock)
{
        u32 held = lock_ranks_held[smp_processor_id()];

        BUG_ON(!lock->locked || !(held & BIT(lock->rank)), "lock %s: released but not held",
               lock->name);
        lock_ranks_held[smp_processor_id()] = held & ~BIT(lock->rank);
}
