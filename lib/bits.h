/* bits.h - single bits, powers of two, and rounding to them. */
#pragma once

#include "lib/types.h"

#define BIT(number) (1u << (number))

/* Round value up or down to a multiple of align, a power of two. Evaluates align twice. */
#define ROUND_DOWN(value, align) ((value) & ~((__typeof__(value))(align) - 1))
#define ROUND_UP(value, align) ROUND_DOWN((value) + ((__typeof__(value))(align) - 1), align)
#define IS_ALIGNED(value, align) (((value) & ((__typeof__(value))(align) - 1)) == 0)

#define DIV_ROUND_UP(value, divisor) (((value) + (divisor) - 1) / (divisor))

#define min(a, b)                                                       \
        ({                                                              \
                __typeof__(a) min_a = (a);                              \
                __typeof__(b) min_b = (b);                              \
                min_a < min_b ? min_a : min_b;                          \
        })

#define max(a, b)                                                       \
        ({                                                              \
                __typeof__(a) max_a = (a);                              \
                __typeof__(b) max_b = (b);                              \
                max_a > max_b ? max_a : max_b;                          \
        })

/* lowest_bit - the number of the lowest set bit of word, which is not 0. */
static inline unsigned int lowest_bit(u32 word)
{
        return (unsigned int)__builtin_ctz(word);
}

/* highest_bit - the number of the highest set bit of word, which is not 0. */
static inline unsigned int highest_bit(u32 word)
{
        return 31u - (unsigned int)__builtin_clz(word);
}

/* is_power_of_two - whether exactly one bit of value is set. */
static inline bool is_power_of_two(u64 value)
{
        return value && !(value & (value - 1));
}
