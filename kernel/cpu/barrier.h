/*
 * barrier.h - the order in which other CPUs see what this one does to memory.
 *
 * The CPUs of this architecture keep the order of reads, and of writes; only a write and a later
 * read of something else may change places. So two of the three only hold back the compiler.
 *
 * Context: any. Source: Intel SDM, volume 3, "Memory Ordering".
 */
#pragma once

#include "lib/compiler.h"

/* smp_mb - all before it happens before all after it. A locked instruction does that. */
#define smp_mb() __asm__ volatile("lock; addl $0, (%%esp)" : : : "memory", "cc")

/* smp_rmb, smp_wmb - the same for reads alone, and for writes alone. */
#define smp_rmb() barrier()
#define smp_wmb() barrier()

/* smp_store_release - a store after all that stands before; smp_load_acquire is its counterpart. */
#define smp_store_release(pointer, value) __atomic_store_n(pointer, value, __ATOMIC_RELEASE)
#define smp_load_acquire(pointer) __atomic_load_n(pointer, __ATOMIC_ACQUIRE)
