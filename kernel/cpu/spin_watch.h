/*
 * spin_watch.h - for loops that wait for another CPU: when has it been too long?
 *
 * Measured by the time-stamp counter, which works before timers do and with interrupts off. Its
 * rate is not asked for: "too long" is about ten seconds, be it 5 or 20.
 */
#pragma once

#include "kernel/cpu/timestamp.h"

#define SPIN_WATCH_CYCLES (1ull << 34)

struct spin_watch {
        u64 start;
        bool has_expired;
};

/* spin_watch_start - begin to wait. */
static inline struct spin_watch spin_watch_start(void)
{
        return (struct spin_watch){ .start = timestamp_read() };
}

/* spin_watch_expired - whether it has become too long just now; true once for each wait. */
static inline bool spin_watch_expired(struct spin_watch *watch)
{
        if (watch->has_expired || timestamp_read() - watch->start < SPIN_WATCH_CYCLES)
                return false;
        watch->has_expired = true;
        return true;
}
