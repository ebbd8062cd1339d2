/*
 * Jiffies
 *
 * Idea        One number that grows by one a hundred times a second, in the width of a machine
 *             word, so that reading it is one instruction and needs no lock.
 *
 * Picture     ffff8ad0 ---- 300 seconds ----> ffffffff 00000000 00000001 ...
 *             INITIAL_JIFFIES                          the count wraps, differences do not
 *
 * Data        jiffies.
 *
 * Invariants  JIFFIES-1  converting a time to ticks never makes it shorter, and back again never
 *                        shorter than it was. (Guarded by tests/unit/test_jiffies.c.)
 *
 * Locking     One writer, tick_handle() on the first CPU; readers take what they find.
 *
 * Cost        A load.
 *
 * Failure     A time too long for the result gives the largest result there is.
 *
 * Reading     LDD3, chapter 7, "Using the jiffies Counter".
 */
#include "kernel/time/jiffies.h"

#include "lib/assert.h"
#include "lib/bits.h"

#define MSECS_PER_TICK (1000u / HZ)
#define USECS_PER_TICK (1000000u / HZ)

static_assert(1000 % HZ == 0, "a tick lasts whole milliseconds");

volatile unsigned long jiffies = INITIAL_JIFFIES;

/* How many ticks of some length a time takes, a part of one for a whole. No step can overflow. */
static unsigned long ticks_of(unsigned int time, unsigned int tick)
{
        return min((unsigned long)(time / tick) + (time % tick != 0), MAX_JIFFY_OFFSET);
}

/* How long so many ticks of some length last, or the largest number. */
static unsigned int time_of(unsigned long tick_count, unsigned int tick)
{
        return tick_count > UINT32_MAX / tick ? UINT32_MAX : (unsigned int)tick_count * tick;
}

unsigned long msecs_to_jiffies(unsigned int msecs)
{
        return ticks_of(msecs, MSECS_PER_TICK);
}

unsigned long usecs_to_jiffies(unsigned int usecs)
{
        return ticks_of(usecs, USECS_PER_TICK);
}

unsigned int jiffies_to_msecs(unsigned long tick_count)
{
        return time_of(tick_count, MSECS_PER_TICK);
}

unsigned int jiffies_to_usecs(unsigned long tick_count)
{
        return time_of(tick_count, USECS_PER_TICK);
}
