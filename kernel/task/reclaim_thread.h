/* reclaim_thread.h - kreclaimd: the task that makes pages free before requests have to. */
#pragma once

/*
 * reclaim_thread_init - start it. Without memory for it, requests reclaim for themselves.
 *
 * Context: boot, may sleep, once tasks run.
 */
void reclaim_thread_init(void);
