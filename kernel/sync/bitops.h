/*
 * bitops.h - single bits of arrays of long, changed as a whole by one CPU at a time. Names are
 * Linux's; those with two underscores are for data that nobody else changes.
 *
 * test_and_ functions keep the order of all memory accesses around them. Context: any.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

#define BITS_PER_LONG (8u * sizeof(long))

/* The word that a bit is in, and the bit in that word. */
static inline unsigned long *bit_word(unsigned long number, volatile unsigned long *bits)
{
        return (unsigned long *)bits + number / BITS_PER_LONG;
}

static inline unsigned long bit_mask(unsigned long number)
{
        return 1ul << number % BITS_PER_LONG;
}

/* set_bit, clear_bit, change_bit - make it 1, 0, the other. */
static inline void set_bit(unsigned long number, volatile unsigned long *bits)
{
        __atomic_or_fetch(bit_word(number, bits), bit_mask(number), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(unsigned long number, volatile unsigned long *bits)
{
        __atomic_and_fetch(bit_word(number, bits), ~bit_mask(number), __ATOMIC_SEQ_CST);
}

static inline void change_bit(unsigned long number, volatile unsigned long *bits)
{
        __atomic_xor_fetch(bit_word(number, bits), bit_mask(number), __ATOMIC_SEQ_CST);
}

/* test_and_set_bit, test_and_clear_bit, test_and_change_bit - Returns: what it was. */
static inline bool test_and_set_bit(unsigned long number, volatile unsigned long *bits)
{
        return __atomic_fetch_or(bit_word(number, bits), bit_mask(number), __ATOMIC_SEQ_CST) &
               bit_mask(number);
}

static inline bool test_and_clear_bit(unsigned long number, volatile unsigned long *bits)
{
        return __atomic_fetch_and(bit_word(number, bits), ~bit_mask(number), __ATOMIC_SEQ_CST) &
               bit_mask(number);
}

static inline bool test_and_change_bit(unsigned long number, volatile unsigned long *bits)
{
        return __atomic_fetch_xor(bit_word(number, bits), bit_mask(number), __ATOMIC_SEQ_CST) &
               bit_mask(number);
}

/* test_bit - what it is. */
static inline bool test_bit(unsigned long number, const volatile unsigned long *bits)
{
        return bits[number / BITS_PER_LONG] & bit_mask(number);
}

/* __set_bit, __clear_bit - the same for data that nobody else changes. */
static inline void __set_bit(unsigned long number, unsigned long *bits)
{
        bits[number / BITS_PER_LONG] |= bit_mask(number);
}

static inline void __clear_bit(unsigned long number, unsigned long *bits)
{
        bits[number / BITS_PER_LONG] &= ~bit_mask(number);
}
