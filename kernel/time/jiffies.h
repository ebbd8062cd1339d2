/*
 * jiffies.h - time in ticks: HZ of them a second, counted since shortly before they wrap.
 *
 *      unsigned long deadline = jiffies + HZ / 2;
 *
 *      while (!is_ready() && time_before(jiffies, deadline))
 *              cpu_relax();
 *
 * The count begins five minutes before it wraps, so that code which compares two moments with `<`
 * instead of time_before() fails on the first long run and not after 497 days.
 *
 * Context: any, everywhere in this file.
 *
 * Source: LDD3, chapter 7, "Measuring Time Lapses"; LKD, chapter 11, "Jiffies".
 */
#pragma once

#include "lib/types.h"

#define HZ 100u

#define INITIAL_JIFFIES ((unsigned long)(u32)(-300 * (s32)HZ))

/* The longest time-out that is told from a moment that has passed. */
#define MAX_JIFFY_OFFSET 0x3FFFFFFEul

/* The ticks so far. Only tick_handle() on the first CPU changes it. */
extern volatile unsigned long jiffies;

/* Whether moment a lies after b, and so on; they may lie half the range of the type apart. */
#define time_after(a, b) ((long)((unsigned long)(b) - (unsigned long)(a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) (!time_before(a, b))
#define time_before_eq(a, b) (!time_after(a, b))

/* Whether a lies from b to c, both included. */
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))

/*
 * msecs_to_jiffies, usecs_to_jiffies - the least number of ticks that last so long, at most
 * MAX_JIFFY_OFFSET. A wait of n ticks may end after the (n - 1)th: who must not wait too short a
 * time adds one, as msleep() does.
 */
unsigned long msecs_to_jiffies(unsigned int msecs);
unsigned long usecs_to_jiffies(unsigned int usecs);

/* jiffies_to_msecs, jiffies_to_usecs - how long so many ticks last; UINT_MAX when longer. */
unsigned int jiffies_to_msecs(unsigned long tick_count);
unsigned int jiffies_to_usecs(unsigned long tick_count);
