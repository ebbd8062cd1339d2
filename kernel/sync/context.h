/*
 * context.h - what may be done here: sleep, be preempted, neither.
 *
 * A CPU is in atomic context while an interrupt handler runs on it, or while preemption is off.
 */
#pragma once

#include "kernel/cpu/preempt.h"
#include "lib/assert.h"

/* in_atomic - whether sleeping is forbidden by the context alone. Context: any. */
static inline bool in_atomic(void)
{
        return preempt_count() != 0;
}

/*
 * context_allow_sleep - the kernel has come up so far that a task can sleep; until then
 * might_sleep() reports nothing.
 */
void context_allow_sleep(void);

/* context_can_sleep - whether a task can sleep here and now. Context: any. */
bool context_can_sleep(void);

/* context_check_sleep - report "sleep-in-atomic" where sleeping is not allowed. Context: any. */
void context_check_sleep(void);

/*
 * context_check_clean - report what the code that ends here has left behind: "unclean-context" when
 * preemption or softirqs are off, interrupts are off, or a spinning lock is held. where is for the
 * message: "idle", "exit". Context: where a task is about to run or end, with nothing held.
 */
void context_check_clean(const char *where);

/* might_sleep - the first line of every function that can sleep. Nothing in the release build. */
#define might_sleep()                           \
        do {                                    \
                if (DEBUG_BUILD)                \
                        context_check_sleep();  \
        } while (0)
