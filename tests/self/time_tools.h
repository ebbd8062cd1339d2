/* time_tools.h - threads on every CPU, and waits that end, for the tests of time and of works. */
#pragma once

#include "kernel/cpu/nr_cpus.h"
#include "kernel/sync/atomic.h"
#include "kernel/task/kthread.h"
#include "lib/test.h"

/* So many ticks may anything take that must happen. */
#define TIME_TOOLS_PATIENCE 3000u

/* Threads that run the same function, one on each CPU. */
struct crew {
        struct task_struct *members[NR_CPUS];
        int (*function)(void *data);
        void *data;
};

/*
 * crew_start - let each online CPU run function(data) in a thread bound to it. It runs until
 * kthread_should_stop(), or ends by itself.
 * crew_wait - wait until all have ended by themselves.
 * crew_stop - let all end, and wait for it. Returns: the sum of what they returned.
 *
 * Context: may sleep.
 */
void crew_start(struct test_state *test, struct crew *crew, int (*function)(void *data),
                void *data);
void crew_wait(struct crew *crew);
int crew_stop(struct crew *crew);

/*
 * wait_for_count - sleep until counter is at least count, or patience is at its end.
 * Returns: whether it is.
 */
bool wait_for_count(const atomic_t *counter, s32 count);
