/*
 * Run queues
 *
 * Idea        One queue for each priority, oldest first, and a word with a bit for each that is
 *             not empty: the best task is found by one instruction, however many wait.
 *
 * Picture     levels_in_use   …0 0 1 0 0 1 0
 *                                  |     `-- level 1:  [task]--[task]     run first, in turn
 *                                  `-------- level 4:  [task]
 *             running         a task, or the idle task; in no level
 *
 * Invariants  RQ-1  a bit of levels_in_use is set exactly when that level has a task.
 *             RQ-2  every task of a level has is_queued set, this CPU, and that priority.
 *             RQ-3  ready_count is the number of tasks in all levels.
 *
 * Locking     queue->lock, interrupts off. A task's own queue is that of task->cpu, which changes
 *             under the lock of the queue that it leaves.
 *
 * Cost        Constant.
 *
 * Reading     docs/08-scheduling.md; LKD, chapter 4.
 */
#include "kernel/task/run_queue.h"

#include "kernel/task/sched.h"

struct run_queue *task_queue_lock(struct task_struct *task, unsigned long *flags)
        NO_THREAD_SAFETY_ANALYSIS
{
        for (;;) {
                unsigned int cpu = READ_ONCE(task->cpu);
                struct run_queue *queue = &per_cpu(run_queue, cpu);

                *flags = spin_lock_irqsave(&queue->lock);
                if (likely(task->cpu == cpu))
                        return queue;
                spin_unlock_irqrestore(&queue->lock, *flags);
        }
}

/* RQ-2 for one level; returns how many tasks it has. */
static unsigned int check_level(const struct run_queue *queue, unsigned int cpu,
                                unsigned int level)
{
        const struct task_struct *task;
        unsigned int count = 0;

        list_for_each_entry(task, &queue->levels[level], queue_link) {
                CHECK_INVARIANT(RQ-2, task->is_queued && task->is_ready && task->cpu == cpu &&
                                task->priority == level, "task %s level %u cpu %u", task->name,
                                level, cpu);
                count++;
        }
        return count;
}

/* RQ-1 to RQ-3 for one queue. */
static void check_queue(struct run_queue *queue, unsigned int cpu)
{
        unsigned long flags = spin_lock_irqsave(&queue->lock);
        unsigned int count = 0;

        for (unsigned int level = 0; level < TASK_PRIORITIES; level++) {
                CHECK_INVARIANT(RQ-1, !(queue->levels_in_use & BIT(level)) ==
                                list_empty(&queue->levels[level]), "cpu %u level %u", cpu, level);
                count += check_level(queue, cpu, level);
        }
        CHECK_INVARIANT(RQ-3, count == queue->ready_count, "cpu %u: %u, counted %u", cpu,
                        queue->ready_count, count);
        spin_unlock_irqrestore(&queue->lock, flags);
}

void sched_check(void)
{
        unsigned int cpu;

        for_each_online_cpu(cpu)
                check_queue(&per_cpu(run_queue, cpu), cpu);
}
