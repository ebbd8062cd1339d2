/* atomic.h - a counter that all CPUs and interrupts may change. Names are Linux's. Context: any. */
#pragma once

#include "lib/types.h"

typedef struct {
        s32 counter;
} atomic_t;

/* atomic_read - the value now. */
static inline s32 atomic_read(const atomic_t *atomic)
{
        return __atomic_load_n(&atomic->counter, __ATOMIC_RELAXED);
}

/* atomic_set - store a value. */
static inline void atomic_set(atomic_t *atomic, s32 value)
{
        __atomic_store_n(&atomic->counter, value, __ATOMIC_RELAXED);
}

/* atomic_inc - add one. */
static inline void atomic_inc(atomic_t *atomic)
{
        __atomic_add_fetch(&atomic->counter, 1, __ATOMIC_SEQ_CST);
}

/* atomic_dec_and_test - take one away. Returns: whether that left 0. */
static inline bool atomic_dec_and_test(atomic_t *atomic)
{
        return __atomic_sub_fetch(&atomic->counter, 1, __ATOMIC_SEQ_CST) == 0;
}
