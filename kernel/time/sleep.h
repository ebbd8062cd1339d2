/*
 * sleep.h - let the current task sleep for a time.
 *
 * schedule_timeout() itself is declared in kernel/sync/schedule.h, for all that waits. Delays too
 * short for it are made with udelay().
 *
 * Context: may sleep, everywhere in this file.
 *
 * Source: LDD3, chapter 7, "Delaying Execution".
 */
#pragma once

#include "kernel/time/jiffies.h"

/*
 * schedule_timeout_interruptible, schedule_timeout_uninterruptible - set the state, then
 * schedule_timeout().
 */
long schedule_timeout_interruptible(long tick_count);
long schedule_timeout_uninterruptible(long tick_count);

/* msleep, ssleep - sleep at least so many milliseconds or seconds, whoever wakes the task. */
void msleep(unsigned int msecs);
void ssleep(unsigned int seconds);

/*
 * msleep_interruptible - the same, but wake_up_process() ends it: there are no signals yet.
 * Returns: how many milliseconds were left, rounded up to whole ticks; 0 when none were.
 */
unsigned long msleep_interruptible(unsigned int msecs);
