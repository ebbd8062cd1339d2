/*
 * div64.h - division of 64-bit numbers, under the names that compilers call for `/` and `%`.
 *
 * The kernel is not linked with the compiler's run-time library, so it brings these itself. Code
 * just writes `/` and `%`; only tests call the functions by name. Each must not be inlined into a
 * divide of its own, and each panics when divisor is 0.
 */
#pragma once

#include "lib/types.h"

/* __udivdi3 - dividend / divisor, unsigned. */
u64 __udivdi3(u64 dividend, u64 divisor);

/* __umoddi3 - dividend % divisor, unsigned. */
u64 __umoddi3(u64 dividend, u64 divisor);

/* __udivmoddi4 - both at once; the remainder goes to *remainder unless that is NULL. */
u64 __udivmoddi4(u64 dividend, u64 divisor, u64 *remainder);

/* __divdi3 - dividend / divisor, signed, rounded towards 0. S64_MIN / -1 wraps to S64_MIN. */
s64 __divdi3(s64 dividend, s64 divisor);

/* __moddi3 - dividend % divisor, signed; has the sign of dividend. */
s64 __moddi3(s64 dividend, s64 divisor);

/* __divmoddi4 - both at once; the remainder goes to *remainder, which is not NULL. */
s64 __divmoddi4(s64 dividend, s64 divisor, s64 *remainder);
