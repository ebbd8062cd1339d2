/* schedule_timeout.c - waiting as long as it takes; there are no timers to end it. */
#include "kernel/sync/schedule.h"
#include "lib/assert.h"

long schedule_timeout(long tick_count)
{
        BUG_ON(tick_count != MAX_SCHEDULE_TIMEOUT, "%ld ticks", tick_count);
        schedule();
        return tick_count;
}
