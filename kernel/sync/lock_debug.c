/* lock_debug.c - the checks that the debug build makes at every lock. */
#include "kernel/sync/spinlock.h"

#include "lib/bits.h"

DEFINE_PER_CPU(u32, lock_ranks_held);

void lock_debug_acquire(const struct spinlock *lock)
{
        u32 held = this_cpu_read(lock_ranks_held);

        BUG_ON(held & BIT(lock->rank), "lock %s: deadlock, this CPU holds it or one of its rank",
               lock->name);
        BUG_ON(held >> lock->rank, "lock %s: rank %d taken while higher ranks %#x are held",
               lock->name, lock->rank, held);
        this_cpu_write(lock_ranks_held, held | BIT(lock->rank));
}

void lock_debug_release(const struct spinlock *lock)
{
        u32 held = this_cpu_read(lock_ranks_held);

        BUG_ON(!lock->locked || !(held & BIT(lock->rank)), "lock %s: released but not held",
               lock->name);
        this_cpu_write(lock_ranks_held, held & ~BIT(lock->rank));
}
