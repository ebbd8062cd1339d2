/*
 * completion.h - waiting until something is done.
 *
 *      DECLARE_COMPLETION(done);
 *
 *      start_transfer(&done);                          the handler calls complete(&done)
 *      wait_for_completion(&done);
 *
 * It counts: each complete() lets one wait_for_completion() pass, before or after. After the waiter
 * has returned nobody touches the completion any more, so that it may lie on the waiter's stack.
 *
 * Source: LDD3, chapter 5, "Completions"; the names are Linux's.
 */
#pragma once

#include "kernel/sync/wait.h"

struct completion {
        unsigned int done_count;        /* COMPLETED_FOR_GOOD after complete_all() */
        wait_queue_head_t waiters;      /* whose lock guards done_count, too */
};

#define COMPLETED_FOR_GOOD (~0u)

#define COMPLETION_INITIALIZER(name) { .waiters = WAIT_QUEUE_HEAD_INIT((name).waiters) }
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INITIALIZER(name)
#define DECLARE_COMPLETION_ONSTACK(name) DECLARE_COMPLETION(name)

/* init_completion - not done yet, nobody waits. reinit_completion - not done any more. */
void init_completion(struct completion *completion);
void reinit_completion(struct completion *completion);

/* complete - let one task pass. complete_all - let all pass, for good. Context: any. */
void complete(struct completion *completion);
void complete_all(struct completion *completion);

/* wait_for_completion - wait for a complete() of one's own. Context: may sleep. */
void wait_for_completion(struct completion *completion);

/*
 * wait_for_completion_timeout - the same, for at most so many ticks; MAX_SCHEDULE_TIMEOUT or more
 * are as long as it takes.
 * Returns: 0 when it is still not done; else the ticks that were left, at least 1.
 */
unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long tick_count);

/* wait_for_completion_interruptible - Returns: 0, or -ERESTARTSYS when a signal came first. */
int wait_for_completion_interruptible(struct completion *completion);

/* try_wait_for_completion - Returns: whether it was done, and now counts one less. Any context. */
bool try_wait_for_completion(struct completion *completion);

/* completion_done - whether nobody would have to wait. Context: any. */
bool completion_done(struct completion *completion);
