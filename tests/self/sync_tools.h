/* sync_tools.h - for the tests of locks: threads that all do the same, as many as help. */
#pragma once

#include "lib/test.h"

#define SYNC_THREADS_MAX 16u

/*
 * sync_run_threads - let two threads for each CPU, at most SYNC_THREADS_MAX, run function(data),
 * and wait for all of them. Returns: how many there were, fewer when memory was short.
 */
unsigned int sync_run_threads(int (*function)(void *data), void *data);

/* sync_thread_count - how many that would be. */
unsigned int sync_thread_count(void);
