/* softirq_thread.h - ksoftirqd: softirqs that would keep an interrupted task away for too long. */
#pragma once

/*
 * softirq_threads_init - start the thread of every CPU that is online.
 *
 * Context: boot, may sleep, once all CPUs are up.
 */
void softirq_threads_init(void);
