/*
 * ticket.h - stand-in for hosted tests: the same ticket lock, by the compiler's own operations.
 *
 *      bits 0-7   the number that is served now
 *      bits 8-15  the number that the next one draws
 *
 * The lock is free when both are the same. One word, so that drawing a number and seeing which is
 * served is one step. Numbers wrap at 256: enough for as many CPUs, each of which waits once.
 *
 * Context: any.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

#define TICKET_ONE 0x0100u              /* what drawing a number adds */

struct ticket {
        union {
                u16 both;
                u8 served;              /* the lower byte */
        };
};

/*
 * ticket_draw - draw a number. Returns: whether it is served already. *drawn has the number in
 * bits 8-15.
 */
static __always_inline bool ticket_draw(struct ticket *ticket, u16 *drawn)
{
        u16 word = __atomic_fetch_add(&ticket->both, TICKET_ONE, __ATOMIC_ACQUIRE);

        *drawn = word;
        return (u8)word == (u8)(word >> 8);
}

/* ticket_serves - whether a number that was drawn is served now; then nothing moves before this. */
static inline bool ticket_serves(const struct ticket *ticket, u16 drawn)
{
        return __atomic_load_n(&ticket->served, __ATOMIC_ACQUIRE) == (u8)(drawn >> 8);
}

/* ticket_try_draw - draw a number only if it is served at once. Returns: whether it was drawn. */
static inline bool ticket_try_draw(struct ticket *ticket)
{
        u16 word = __atomic_load_n(&ticket->both, __ATOMIC_RELAXED);

        if ((u8)word != (u8)(word >> 8))
                return false;
        return __atomic_compare_exchange_n(&ticket->both, &word, (u16)(word + TICKET_ONE), false,
                                           __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* ticket_serve_next - the holder is done. Only the holder writes the lower byte. */
static __always_inline void ticket_serve_next(struct ticket *ticket)
{
        __atomic_store_n(&ticket->served, (u8)(ticket->served + 1), __ATOMIC_RELEASE);
}

/* ticket_is_taken - whether somebody holds it, or is about to. */
static inline bool ticket_is_taken(const struct ticket *ticket)
{
        u16 word = __atomic_load_n(&ticket->both, __ATOMIC_RELAXED);

        return (u8)word != (u8)(word >> 8);
}
