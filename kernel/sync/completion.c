/*
 * completion.c - a count of what is done, guarded by the lock of the queue of those who wait.
 *
 * The waiter takes that lock before it returns, and complete() holds it to its end: so complete()
 * is done with the completion when the waiter goes on.
 */
#include "kernel/sync/completion.h"

void init_completion(struct completion *completion)
{
        completion->done_count = 0;
        wait_queue_init(&completion->waiters, "completion");
}

void reinit_completion(struct completion *completion)
{
        WRITE_ONCE(completion->done_count, 0);
}

/* Let some tasks pass: 0 for all, for good. */
static void add_done(struct completion *completion, unsigned int count)
{
        unsigned long flags = spin_lock_irqsave(&completion->waiters.lock);

        if (!count)
                completion->done_count = COMPLETED_FOR_GOOD;
        else if (completion->done_count < COMPLETED_FOR_GOOD - 1)
                completion->done_count += count;
        wake_up_state_nr_locked(&completion->waiters, TASK_NORMAL, count);
        spin_unlock_irqrestore(&completion->waiters.lock, flags);
}

void complete(struct completion *completion)
{
        add_done(completion, 1);
}

void complete_all(struct completion *completion)
{
        add_done(completion, 0);
}

bool try_wait_for_completion(struct completion *completion)
{
        unsigned long flags = spin_lock_irqsave(&completion->waiters.lock);
        bool is_done = completion->done_count != 0;

        if (is_done && completion->done_count != COMPLETED_FOR_GOOD)
                completion->done_count--;
        spin_unlock_irqrestore(&completion->waiters.lock, flags);
        return is_done;
}

bool completion_done(struct completion *completion)
{
        unsigned long flags = spin_lock_irqsave(&completion->waiters.lock);
        bool is_done = completion->done_count != 0;

        spin_unlock_irqrestore(&completion->waiters.lock, flags);
        return is_done;
}

/* Wait in state. Returns: the ticks left, at least 1; 0 when time was up; or -ERESTARTSYS. */
static long wait_in_state(struct completion *completion, unsigned int state, long tick_count)
{
        might_sleep();
        return WAIT_FOR_CONDITION(completion->waiters, try_wait_for_completion(completion), state,
                                  prepare_to_wait_exclusive, finish_exclusive_wait, tick_count);
}

void wait_for_completion(struct completion *completion)
{
        wait_in_state(completion, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long tick_count)
{
        long ticks = (long)min(tick_count, (unsigned long)MAX_SCHEDULE_TIMEOUT);

        return (unsigned long)wait_in_state(completion, TASK_UNINTERRUPTIBLE, ticks);
}

int wait_for_completion_interruptible(struct completion *completion)
{
        long left = wait_in_state(completion, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);

        return left < 0 ? (int)left : 0;
}
