/*
 * signal.h - what interruptible waits ask: whether somebody wants the task to give up.
 *
 * Context: any.
 */
#pragma once

#include "kernel/sync/schedule.h"
#include "lib/errno.h"

/* signal_pending - whether a signal waits for task; defined above, as kernel/sync/schedule.h. */
bool signal_pending(const struct task_struct *task);
