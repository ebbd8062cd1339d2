/*
 * Division of 64-bit numbers on a machine that divides 32-bit ones
 *
 * Idea        Long division as on paper, with digits of 16 bits: a guess of the next digit from
 *             the leading digits is at most 2 too large once the divisor's top bit is set
 *             ("normalised"), so a guess and two corrections give a digit.
 *
 * Picture     dividend   high  low      divide_wide: high < divisor, so the quotient fits 32 bits
 *                       -----------
 *             divisor        d          its two digits:  q1 = (high : low.hi) / d
 *                                                        q0 = (rest : low.lo) / d
 *
 * Cases       divisor below 2^32: high / d with one instruction, then (rest : low) / d.
 *             otherwise: the quotient fits 32 bits. Guess it from the top 32 bits of the divisor
 *             and half the dividend; the guess, less one, is right or 1 too small.
 *
 * Cost        Four 32-bit divisions, no loops.
 *
 * Failure     A divisor of 0 is the caller's bug and panics.
 *
 * Reading     Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D; Warren, Hacker's
 *             Delight, chapter 9.
 */
#include "lib/div64.h"

#include "lib/assert.h"
#include "lib/bits.h"

#define DIGIT_BITS 16
#define DIGIT_MASK 0xffffu

/* The next digit of a quotient: *rest followed by digit, over a normalised divisor. */
static u32 divide_digit(u32 *rest, u32 digit, u32 divisor)
{
        u32 divisor_high = divisor >> DIGIT_BITS;
        u32 divisor_low = divisor & DIGIT_MASK;
        u32 quotient = *rest / divisor_high;
        u64 short_rest = *rest % divisor_high;

        /* The guess left out divisor_low: it is too large while that product is not covered. */
        while (quotient > DIGIT_MASK ||
               (u64)quotient * divisor_low > (short_rest << DIGIT_BITS | digit)) {
                quotient--;
                short_rest += divisor_high;
                if (short_rest > DIGIT_MASK)
                        break;
        }
        *rest = (*rest << DIGIT_BITS | digit) - quotient * divisor;
        return quotient;
}

/* (high : low) / divisor, where high is less than divisor, so that the quotient fits. */
static u32 divide_wide(u32 high, u32 low, u32 divisor, u32 *remainder)
{
        unsigned int shift = 31 - highest_bit(divisor);
        u64 dividend = ((u64)high << 32 | low) << shift;
        u32 rest = (u32)(dividend >> 32);
        u32 low_digits = (u32)dividend;

        divisor <<= shift;
        u32 quotient = divide_digit(&rest, low_digits >> DIGIT_BITS, divisor) << DIGIT_BITS;
        quotient |= divide_digit(&rest, low_digits & DIGIT_MASK, divisor);
        *remainder = rest >> shift;
        return quotient;
}

/* Any dividend by a divisor of at most 32 bits. */
static u64 divide_by_narrow(u64 dividend, u32 divisor, u64 *remainder)
{
        u32 high = (u32)(dividend >> 32);
        u32 low = (u32)dividend;
        u32 quotient_high = high / divisor;
        u32 rest = high % divisor;
        u32 quotient_low;

        if (rest) {
                quotient_low = divide_wide(rest, low, divisor, &rest);
        } else {
                quotient_low = low / divisor;
                rest = low % divisor;
        }
        *remainder = rest;
        return (u64)quotient_high << 32 | quotient_low;
}

/* Any dividend by a divisor of more than 32 bits: guess from the top bits, then correct. */
static u64 divide_by_wide(u64 dividend, u64 divisor, u64 *remainder)
{
        unsigned int shift = 31 - highest_bit((u32)(divisor >> 32));
        u32 divisor_top = (u32)(divisor << shift >> 32);
        u64 half = dividend >> 1;
        u32 rest;
        u32 quotient = divide_wide((u32)(half >> 32), (u32)half, divisor_top, &rest);

        quotient = quotient >> (31 - shift);
        if (quotient)
                quotient--;
        *remainder = dividend - quotient * divisor;
        if (*remainder >= divisor) {
                *remainder -= divisor;
                quotient++;
        }
        return quotient;
}

u64 __udivmoddi4(u64 dividend, u64 divisor, u64 *remainder)
{
        u64 discarded;

        if (!remainder)
                remainder = &discarded;
        BUG_ON(divisor == 0, "dividend=%#llx", (unsigned long long)dividend);
        if (divisor >> 32)
                return divide_by_wide(dividend, divisor, remainder);
        return divide_by_narrow(dividend, (u32)divisor, remainder);
}

u64 __udivdi3(u64 dividend, u64 divisor)
{
        return __udivmoddi4(dividend, divisor, NULL);
}

u64 __umoddi3(u64 dividend, u64 divisor)
{
        u64 remainder;

        __udivmoddi4(dividend, divisor, &remainder);
        return remainder;
}

/* The distance of value from 0, which fits a u64 also for S64_MIN. */
static u64 magnitude(s64 value)
{
        return value < 0 ? -(u64)value : (u64)value;
}

s64 __divmoddi4(s64 dividend, s64 divisor, s64 *remainder)
{
        u64 rest;
        u64 quotient = __udivmoddi4(magnitude(dividend), magnitude(divisor), &rest);

        *remainder = (s64)(dividend < 0 ? -rest : rest);
        return (s64)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

s64 __divdi3(s64 dividend, s64 divisor)
{
        s64 remainder;

        return __divmoddi4(dividend, divisor, &remainder);
}

s64 __moddi3(s64 dividend, s64 divisor)
{
        s64 remainder;

        __divmoddi4(dividend, divisor, &remainder);
        return remainder;
}
