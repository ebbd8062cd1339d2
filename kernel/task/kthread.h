/*
 * kthread.h - kernel threads.
 *
 *      struct task_struct *task = kthread_run(work_off, &queue, "worker/%u", cpu);
 *      …
 *      int result = kthread_stop(task);
 *
 * Source: Linux 2.6, <linux/kthread.h>; LKD, chapter 3, "Kernel Threads".
 */
#pragma once

#include "kernel/task/task.h"

/*
 * kthread_create - a thread that begins with function(data) once wake_up_process() is called.
 * The name is cut at TASK_NAME_BYTES.
 *
 * Context: may sleep. Returns: NULL when there is no memory or no stack for it.
 */
struct task_struct *kthread_create(int (*function)(void *data), void *data, const char *format,
                                   ...) __printf(3, 4);

/* kthread_run - kthread_create(), and wake it up. */
struct task_struct *kthread_run(int (*function)(void *data), void *data, const char *format, ...)
        __printf(3, 4);

/*
 * kthread_bind - let a thread that has not been woken yet run on one CPU only.
 * Context: any.
 */
void kthread_bind(struct task_struct *task, unsigned int cpu);

/*
 * kthread_stop - let kthread_should_stop() be true for task, wake it, and wait for its end.
 *
 * Context: may sleep. The thread must not have ended by itself, unless the caller holds it by
 * get_task_struct(). One that was never woken ends without having run.
 * Returns: what its function returned; KTHREAD_NEVER_RAN when it did not run.
 */
int kthread_stop(struct task_struct *task);

#define KTHREAD_NEVER_RAN (-4)                  /* Linux's -EINTR */

/* kthread_should_stop - whether kthread_stop() waits for the current thread. */
bool kthread_should_stop(void);
