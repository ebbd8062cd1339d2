/*
 * Work queues
 *
 * Idea        A list of work for each thread, and one lock for all lists: works are long, and all
 *             that is done under the lock is to link and unlink a few of them. So "is it pending,
 *             does it run, and where?" always has one answer, and cancelling needs no tricks.
 *
 * Picture     queue "events"       thread events/0   running: D    list: A -> barrier -> B
 *                                  thread events/1   asleep        list:
 *                                                                         |
 *             flush: a barrier is work on the flusher's stack, behind what is to be waited for;
 *             when a thread comes to it, all before it has run
 *
 * Data        struct workqueue_struct, on pages of its own, with a struct worker for each thread.
 *             running_workers, the list of those that are in a function: who is compared with,
 *             since an item cannot say whether it runs - its function may have freed it.
 *
 * Invariants  WORK-1  an item that is queued is pending, and in exactly one list.
 *             WORK-2  an item that runs is in no other list than that of the thread that runs it.
 *             WORK-3  a worker with work in its list has been woken since it last found none.
 *                     (Guarded by tests/self/test_time_workqueues.c.)
 *             WORK-4  an item never runs in two threads at once. (Guarded by
 *                     tests/self/test_time_workqueues.c.)
 *
 * Locking     work_lock, rank LOCK_RANK_WORKQUEUE, interrupts off. Timers are set and threads are
 *             woken with it held. Functions are called with nothing held.
 *
 *             A timer's handler that comes too late - its work was cancelled, and perhaps queued
 *             again with another delay - sees that under the lock, and does nothing.
 *
 * Cost        Constant, and a comparison for each worker that runs.
 *
 * Failure     Without memory there is no queue. A function that leaves preemption off or a lock
 *             held, and work that waits for itself, panic.
 *
 * Reading     LDD3, chapter 7, "Workqueues"; LKD, chapter 8, "Work Queues".
 */
#include "kernel/task/workqueue.h"

#include "kernel/cpu/smp.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/context.h"
#include "kernel/task/worker.h"

/* Work that tells when a thread has come to it. */
struct barrier {
        struct work_struct work;
        struct completion reached;
};

spinlock_t work_lock = SPINLOCK_INIT("work", LOCK_RANK_WORKQUEUE);
LIST_HEAD(running_workers);
struct workqueue_struct *events_queue;

/* ---- Lists ---- */

struct worker *worker_running(const struct work_struct *work)
{
        struct worker *worker;

        list_for_each_entry(worker, &running_workers, running_link)
                if (worker->running == work)
                        return worker;
        return NULL;
}

/* Link work, which is in no list, behind an element of a worker's list. */
static void link_locked(struct worker *worker, struct work_struct *work, struct list_head *behind)
        REQUIRES(&work_lock)
{
        work->is_pending = true;
        work->is_queued = true;
        work->worker = worker;
        list_add(&work->entry, behind);
        wake_up_process(worker->thread);
}

void work_unlink(struct work_struct *work)
{
        list_del(&work->entry);
        work->is_pending = false;
        work->is_queued = false;
}

/* The worker of a queue for a CPU. */
static struct worker *worker_of(struct workqueue_struct *queue, unsigned int cpu)
{
        struct worker *worker = &queue->workers[queue->is_single ? 0 : cpu];

        BUG_ON(cpu >= nr_cpu_ids || !worker->thread, "%s has no thread on CPU %u", queue->name,
               cpu);
        return worker;
}

/* Put work, which is in no list, where it belongs: behind itself if it runs. */
static void enqueue_locked(struct workqueue_struct *queue, struct work_struct *work,
                           unsigned int cpu) REQUIRES(&work_lock)
{
        struct worker *worker = worker_running(work);

        if (!worker)
                worker = worker_of(queue, cpu);
        link_locked(worker, work, worker->list.prev);
}

/* Whether work may become pending now. */
static bool may_queue_locked(const struct work_struct *work) REQUIRES(&work_lock)
{
        BUG_ON(!work->func, "work %p has no function", (const void *)work);
        return !work->is_pending && !work->cancel_count;
}

bool queue_work_on(unsigned int cpu, struct workqueue_struct *queue, struct work_struct *work)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);
        bool may_queue = may_queue_locked(work);

        if (may_queue)
                enqueue_locked(queue, work, cpu);
        spin_unlock_irqrestore(&work_lock, flags);
        return may_queue;
}

bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
        preempt_disable();
        bool was_queued = queue_work_on(smp_processor_id(), queue, work);

        preempt_enable();
        return was_queued;
}

bool schedule_work(struct work_struct *work)
{
        return queue_work(events_queue, work);
}

/* ---- Delayed work ---- */

/* The timer's function: unless it comes too late, the time of the work has come. */
static void delay_is_over(unsigned long data)
{
        struct delayed_work *work = (struct delayed_work *)data;
        unsigned long flags = spin_lock_irqsave(&work_lock);

        if (work->is_delayed && !timer_pending(&work->timer)) {
                work->is_delayed = false;
                enqueue_locked(work->queue, &work->work, smp_processor_id());
        }
        spin_unlock_irqrestore(&work_lock, flags);
}

/* Let work become queued after so many ticks. */
static void delay_locked(struct workqueue_struct *queue, struct delayed_work *work,
                         unsigned long tick_count) REQUIRES(&work_lock)
{
        work->work.is_pending = true;
        work->is_delayed = true;
        work->queue = queue;
        work->timer.function = delay_is_over;
        work->timer.data = (unsigned long)work;
        mod_timer(&work->timer, jiffies + tick_count);
}

bool queue_delayed_work(struct workqueue_struct *queue, struct delayed_work *work,
                        unsigned long tick_count)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);
        bool may_queue = may_queue_locked(&work->work);

        if (may_queue && tick_count)
                delay_locked(queue, work, tick_count);
        else if (may_queue)
                enqueue_locked(queue, &work->work, smp_processor_id());
        spin_unlock_irqrestore(&work_lock, flags);
        return may_queue;
}

bool schedule_delayed_work(struct delayed_work *work, unsigned long tick_count)
{
        return queue_delayed_work(events_queue, work, tick_count);
}

/* Stop the timer of work, if it decides. Returns: whether it did. */
static bool stop_delay_locked(struct delayed_work *work) REQUIRES(&work_lock)
{
        bool was_delayed = work->is_delayed;

        if (was_delayed) {
                work->is_delayed = false;
                work->work.is_pending = false;
                del_timer(&work->timer);
        }
        return was_delayed;
}

bool cancel_delayed_work(struct delayed_work *work)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);
        bool was_delayed = stop_delay_locked(work);

        spin_unlock_irqrestore(&work_lock, flags);
        return was_delayed;
}

/* ---- Waiting ---- */

/* A barrier's function. The barrier is gone as soon as this has said so. */
static void barrier_reached(struct work_struct *work)
{
        complete_all(&container_of(work, struct barrier, work)->reached);
}

/* Put a barrier behind an element of a worker's list. */
static void set_barrier_locked(struct barrier *barrier, struct worker *worker,
                               struct list_head *behind) REQUIRES(&work_lock)
{
        BUG_ON(worker->thread == current, "%s waits for itself", task_name(current));
        link_locked(worker, &barrier->work, behind);
}

/* A barrier that has not been set yet. */
static void barrier_init(struct barrier *barrier)
{
        INIT_WORK(&barrier->work, barrier_reached);
        init_completion(&barrier->reached);
}

/* Wait until one worker has done all that is in its list now. */
static void flush_worker(struct worker *worker)
{
        struct barrier barrier;

        barrier_init(&barrier);
        unsigned long flags = spin_lock_irqsave(&work_lock);
        bool is_busy = worker->running || !list_empty(&worker->list);

        if (is_busy)
                set_barrier_locked(&barrier, worker, worker->list.prev);
        spin_unlock_irqrestore(&work_lock, flags);
        if (is_busy)
                wait_for_completion(&barrier.reached);
}

void flush_workqueue(struct workqueue_struct *queue)
{
        might_sleep();
        for (unsigned int index = 0; index < queue->worker_count; index++)
                if (queue->workers[index].thread)
                        flush_worker(&queue->workers[index]);
}

void flush_scheduled_work(void)
{
        flush_workqueue(events_queue);
}

/*
 * Put a barrier behind work: behind where it is queued, or, if it only runs, before all that its
 * worker has to do. Returns: false when it does neither.
 */
static bool set_barrier_behind_locked(struct barrier *barrier, struct work_struct *work)
        REQUIRES(&work_lock)
{
        struct worker *worker = worker_running(work);

        if (work->is_queued)
                set_barrier_locked(barrier, work->worker, &work->entry);
        else if (worker)
                set_barrier_locked(barrier, worker, &worker->list);
        return work->is_queued || worker;
}

bool flush_work(struct work_struct *work)
{
        struct barrier barrier;

        might_sleep();
        barrier_init(&barrier);
        unsigned long flags = spin_lock_irqsave(&work_lock);
        bool must_wait = set_barrier_behind_locked(&barrier, work);

        spin_unlock_irqrestore(&work_lock, flags);
        if (must_wait)
                wait_for_completion(&barrier.reached);
        return must_wait;
}

/* From now on work cannot be queued, and is not. Returns: whether it was pending. */
static bool begin_cancel(struct work_struct *work, struct delayed_work *delayed)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);
        bool was_pending = work->is_pending;

        work->cancel_count++;
        if (delayed)
                stop_delay_locked(delayed);
        if (work->is_queued)
                work_unlink(work);
        spin_unlock_irqrestore(&work_lock, flags);
        return was_pending;
}

/* Work can be queued again. */
static void end_cancel(struct work_struct *work)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);

        work->cancel_count--;
        spin_unlock_irqrestore(&work_lock, flags);
}

bool cancel_work_sync(struct work_struct *work)
{
        might_sleep();
        bool was_pending = begin_cancel(work, NULL);

        flush_work(work);
        end_cancel(work);
        return was_pending;
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
        might_sleep();
        bool was_pending = begin_cancel(&work->work, work);

        del_timer_sync(&work->timer);
        flush_work(&work->work);
        end_cancel(&work->work);
        return was_pending;
}
