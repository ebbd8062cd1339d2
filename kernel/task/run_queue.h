/*
 * run_queue.h - the tasks that want one CPU, for the files of the scheduler.
 *
 * Lock: [r] its own, rank RUNQUEUE, interrupts off; two are never held at once.
 */
#pragma once

#include "kernel/cpu/percpu.h"
#include "kernel/sync/spinlock.h"
#include "kernel/task/task.h"
#include "lib/bits.h"

struct run_queue {
        struct spinlock lock;
        u32 levels_in_use;                              /* [r] bit n: levels[n] has a task */
        unsigned int ready_count;                       /* [r] tasks in levels[] */
        struct list_head levels[TASK_PRIORITIES];       /* [r] by task->queue_link, oldest first */
        struct task_struct *running;                    /* [r] by this CPU only */
        unsigned int running_priority;                  /* [r] TASK_PRIORITIES: the idle task */
        struct task_struct *idle;                       /* runs when no other wants to */
        unsigned long switch_count;                     /* by this CPU only */
        unsigned long steal_count;                      /* by this CPU only: taken from others */
};

DECLARE_PER_CPU(struct run_queue, run_queue);

/* The CPUs that have nothing to do and halt, or are about to. Each bit is changed atomically. */
extern struct cpumask idle_cpus;

/* run_queue_add - append a task to its level. */
static inline void run_queue_add(struct run_queue *queue, struct task_struct *task)
        REQUIRES(&queue->lock)
{
        task->is_ready = true;
        list_add_tail(&task->queue_link, &queue->levels[task->priority]);
        queue->levels_in_use |= BIT(task->priority);
        queue->ready_count++;
}

/* run_queue_remove - take a task out of its level. */
static inline void run_queue_remove(struct run_queue *queue, struct task_struct *task)
        REQUIRES(&queue->lock)
{
        task->is_ready = false;
        list_unlink(&task->queue_link);
        if (list_empty(&queue->levels[task->priority]))
                queue->levels_in_use &= ~BIT(task->priority);
        queue->ready_count--;
}

/* run_queue_first - the task that has waited longest of the best level; NULL when all are empty. */
static inline struct task_struct *run_queue_first(const struct run_queue *queue)
        REQUIRES(&queue->lock)
{
        if (!queue->levels_in_use)
                return NULL;
        return list_first_entry(&queue->levels[lowest_bit(queue->levels_in_use)],
                                struct task_struct, queue_link);
}

/*
 * task_queue_lock - lock the run queue that task belongs to now; it stays there until
 * spin_unlock_irqrestore(&queue->lock, *flags). Clang cannot follow a lock that is found by
 * looking: callers are marked NO_THREAD_SAFETY_ANALYSIS.
 */
struct run_queue *task_queue_lock(struct task_struct *task, unsigned long *flags);

/*
 * task_place - put a task that counts as queued, but is in no level, into the queue of the best
 * CPU, and let that CPU know. queue is the one that it belongs to now, which is unlocked.
 *
 * Context: interrupts off.
 */
void task_place(struct run_queue *queue, struct task_struct *task) RELEASE(&queue->lock);

/*
 * balance_offer - task is in a queue, and its CPU has better to do: call an idle CPU, if there is
 * one that may take it. Context: interrupts off; the lock of task's queue may be held.
 */
void balance_offer(const struct task_struct *task);

/*
 * balance_steal - move a task that waits in another CPU's queue, and may run here, to this CPU's.
 *
 * Context: interrupts off. Returns: false when there is none; true when there was one, or when
 * there may be one in a queue whose lock was not free, so that the caller has to look again.
 */
bool balance_steal(void);
