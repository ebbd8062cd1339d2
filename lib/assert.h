/*
 * assert.h - three kinds of assertion, for three prices.
 *
 *   BUG_ON            always compiled in; one comparison that the fast path can afford
 *   DEBUG_BUG_ON      only in the debug build; the release build still compiles it, then drops it
 *   CHECK_INVARIANT   inside the x_check() functions that walk a whole structure
 *
 * A caller's bug panics; a shortage is returned to the caller and is never asserted.
 */
#pragma once

#include "lib/panic.h"

#define static_assert _Static_assert

/* 1 in the debug build (`make`), 0 in the release build (`make DEBUG=0`). A constant, for `if`. */
#define DEBUG_BUILD STRATA_DEBUG

/* Panic with the condition in words and the operands that format prints, when condition holds. */
#define BUG_ON(condition, format, ...)                                               \
        do {                                                                         \
                if (unlikely(condition))                                             \
                        panic("%s:%d: " #condition ": " format, __FILE__, __LINE__,  \
                              ##__VA_ARGS__);                                        \
        } while (0)

#define DEBUG_BUG_ON(condition, format, ...)                                         \
        do {                                                                         \
                if (DEBUG_BUILD)                                                     \
                        BUG_ON(condition, format, ##__VA_ARGS__);                    \
        } while (0)

/* Panic with the invariant's name, such as BUDDY-2, when condition does not hold. */
#define CHECK_INVARIANT(name, condition, format, ...)                                \
        do {                                                                         \
                if (unlikely(!(condition)))                                          \
                        panic("invariant " #name " broken: " #condition ": " format, \
                              ##__VA_ARGS__);                                        \
        } while (0)
