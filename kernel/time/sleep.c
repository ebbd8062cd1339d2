/*
 * Sleeping for a time
 *
 * Idea        A timer on the sleeper's own stack wakes it, unless somebody did so before. Whoever
 *             it was, the timer is gone before the stack frame is.
 *
 * Picture     task    mod_timer, schedule ........ del_timer_sync, how many ticks were left?
 *             timer                        wake up '
 *             others           wake up ----'  (whichever is first)
 *
 * Data        struct sleeper, on the stack.
 *
 * Invariants  SLEEP-1  a sleep that nobody ends lasts at least as long as was asked for: one tick
 *                      more than the time has, since the first one is under way already.
 *                      (Guarded by tests/self/test_time_sleep.c.)
 *
 * Locking     The timer's and the run queue's, one after the other.
 *
 * Cost        A timer and two context switches.
 *
 * Failure     A negative time-out is a caller's bug: it is reported, and nobody sleeps.
 *
 * Reading     LDD3, chapter 7, "Timeouts"; LKD, chapter 11, "schedule_timeout()".
 */
#include "kernel/time/sleep.h"

#include "kernel/sync/context.h"
#include "kernel/sync/schedule.h"
#include "kernel/time/timer.h"

/* A timer and whom it wakes. */
struct sleeper {
        struct timer_list timer;
        struct task_struct *task;
};

/* The timer's function. */
static void wake_sleeper(unsigned long data)
{
        wake_up_process(((const struct sleeper *)data)->task);
}

/* schedule_timeout() with a limit. */
static long sleep_until(unsigned long end)
{
        struct sleeper sleeper = { .task = current };
        long left;

        setup_timer(&sleeper.timer, wake_sleeper, (unsigned long)&sleeper);
        mod_timer(&sleeper.timer, end);
        schedule();
        del_timer_sync(&sleeper.timer);
        left = (long)(end - jiffies);
        return left > 0 ? left : 0;
}

long schedule_timeout(long tick_count)
{
        if (tick_count == MAX_SCHEDULE_TIMEOUT) {
                schedule();
                return MAX_SCHEDULE_TIMEOUT;
        }
        if (tick_count < 0) {
                bug_report("bad-timeout", "%ld ticks, task %s", tick_count, task_name(current));
                set_current_state(TASK_RUNNING);
                return 0;
        }
        return sleep_until(jiffies + (unsigned long)tick_count);
}

long schedule_timeout_interruptible(long tick_count)
{
        might_sleep();
        set_current_state(TASK_INTERRUPTIBLE);
        return schedule_timeout(tick_count);
}

long schedule_timeout_uninterruptible(long tick_count)
{
        might_sleep();
        set_current_state(TASK_UNINTERRUPTIBLE);
        return schedule_timeout(tick_count);
}

/* Sleep so many ticks, whoever wakes the task. */
static void sleep_ticks(unsigned long tick_count)
{
        long left = (long)tick_count;

        while (left)
                left = schedule_timeout_uninterruptible(left);
}

void msleep(unsigned int msecs)
{
        sleep_ticks(msecs_to_jiffies(msecs) + 1);
}

void ssleep(unsigned int seconds)
{
        while (seconds--)
                sleep_ticks(HZ);
        sleep_ticks(1);
}

unsigned long msleep_interruptible(unsigned int msecs)
{
        return jiffies_to_msecs((unsigned long)schedule_timeout_interruptible(
                (long)msecs_to_jiffies(msecs) + 1));
}
