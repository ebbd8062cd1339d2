/*
 * atomic.h - a counter that all CPUs and interrupts may change. Names are Linux's. Context: any.
 *
 * What returns a value, and xchg() and cmpxchg(), keep the order of all memory accesses around
 * them; atomic_read() and atomic_set() none.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

typedef struct {
        s32 counter;
} atomic_t;

#define ATOMIC_INIT(value) { (value) }

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

/* atomic_add_return, atomic_sub_return - add or take away. Returns: the new value. */
static inline s32 atomic_add_return(s32 amount, atomic_t *atomic)
{
        return __atomic_add_fetch(&atomic->counter, amount, __ATOMIC_SEQ_CST);
}

static inline s32 atomic_sub_return(s32 amount, atomic_t *atomic)
{
        return __atomic_sub_fetch(&atomic->counter, amount, __ATOMIC_SEQ_CST);
}

/* atomic_add, atomic_sub, atomic_inc, atomic_dec - add or take away. */
static inline void atomic_add(s32 amount, atomic_t *atomic)
{
        (void)atomic_add_return(amount, atomic);
}

static inline void atomic_sub(s32 amount, atomic_t *atomic)
{
        (void)atomic_sub_return(amount, atomic);
}

static inline void atomic_inc(atomic_t *atomic)
{
        (void)atomic_add_return(1, atomic);
}

static inline void atomic_dec(atomic_t *atomic)
{
        (void)atomic_sub_return(1, atomic);
}

/* atomic_inc_return, atomic_dec_return - by one. Returns: the new value. */
static inline s32 atomic_inc_return(atomic_t *atomic)
{
        return atomic_add_return(1, atomic);
}

static inline s32 atomic_dec_return(atomic_t *atomic)
{
        return atomic_sub_return(1, atomic);
}

/* atomic_sub_and_test, atomic_dec_and_test, atomic_inc_and_test - Returns: whether that left 0. */
static inline bool atomic_sub_and_test(s32 amount, atomic_t *atomic)
{
        return atomic_sub_return(amount, atomic) == 0;
}

static inline bool atomic_dec_and_test(atomic_t *atomic)
{
        return atomic_sub_return(1, atomic) == 0;
}

static inline bool atomic_inc_and_test(atomic_t *atomic)
{
        return atomic_add_return(1, atomic) == 0;
}

/* atomic_add_negative - add. Returns: whether that left less than 0. */
static inline bool atomic_add_negative(s32 amount, atomic_t *atomic)
{
        return atomic_add_return(amount, atomic) < 0;
}

/* xchg - store value in *pointer. Returns: what was there. */
#define xchg(pointer, value) __atomic_exchange_n(pointer, value, __ATOMIC_SEQ_CST)

/* cmpxchg - store next in *pointer if old is there. Returns: what was there. */
#define cmpxchg(pointer, old, next)                                                      \
        ({                                                                               \
                __typeof__(*(pointer)) cmpxchg_old = (old);                              \
                                                                                         \
                __atomic_compare_exchange_n(pointer, &cmpxchg_old, next, false,          \
                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);         \
                cmpxchg_old;                                                             \
        })

/* atomic_xchg, atomic_cmpxchg - the same for a counter. */
static inline s32 atomic_xchg(atomic_t *atomic, s32 value)
{
        return xchg(&atomic->counter, value);
}

static inline s32 atomic_cmpxchg(atomic_t *atomic, s32 old, s32 next)
{
        return cmpxchg(&atomic->counter, old, next);
}

/* atomic_add_unless - add amount unless the value is refused. Returns: whether it was added. */
static inline bool atomic_add_unless(atomic_t *atomic, s32 amount, s32 refused)
{
        s32 value = atomic_read(atomic);

        while (value != refused)
                if (__atomic_compare_exchange_n(&atomic->counter, &value, value + amount, true,
                                                __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
                        return true;
        return false;
}

/* atomic_inc_not_zero - add one unless it is 0. Returns: whether it was added. */
static inline bool atomic_inc_not_zero(atomic_t *atomic)
{
        return atomic_add_unless(atomic, 1, 0);
}
