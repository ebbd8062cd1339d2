#pragma once
#include "kernel/sync/schedule.h"
struct completion { unsigned int done; struct task_struct *waiter; };
static inline void init_completion(struct completion *c) { c->done = 0; c->waiter = NULL; }
static inline void complete_all(struct completion *c) { __atomic_store_n(&c->done, 1, __ATOMIC_SEQ_CST); if (c->waiter) wake_up_process(c->waiter); }
static inline void wait_for_completion(struct completion *c)
{
        c->waiter = current;
        for (;;) {
                set_current_state(TASK_UNINTERRUPTIBLE);
                if (__atomic_load_n(&c->done, __ATOMIC_SEQ_CST))
                        break;
                schedule();
        }
        set_current_state(TASK_RUNNING);
}
