/* worker.c - threads of work queues, and how queues come and go. See kernel/task/workqueue.c. */
#include "kernel/task/worker.h"

#include "kernel/sync/context.h"
#include "kernel/task/kthread.h"
#include "lib/bits.h"
#include "lib/symbol.h"
#include "mm/phys/page_alloc.h"

static LIST_HEAD(workqueues);                   /* [w] */

/* Take the first work of a list to run it. Returns: NULL when there is none. */
static struct work_struct *begin_work(struct worker *worker)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);
        struct work_struct *work = NULL;

        if (!list_empty(&worker->list)) {
                work = list_first_entry(&worker->list, struct work_struct, entry);
                work_unlink(work);
                worker->running = work;
                list_add(&worker->running_link, &running_workers);
        }
        spin_unlock_irqrestore(&work_lock, flags);
        return work;
}

/* The function has returned; its work may be gone. */
static void end_work(struct worker *worker)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);

        worker->running = NULL;
        list_del(&worker->running_link);
        spin_unlock_irqrestore(&work_lock, flags);
}

/* Run the first work of a list. Returns: false when there was none. */
static bool run_first(struct worker *worker)
{
        struct work_struct *work = begin_work(worker);
        char name[SYMBOL_TEXT_BYTES];

        if (!work)
                return false;
        work_func_t func = work->func;

        func(work);
        end_work(worker);
        if (likely(!in_atomic() && !irqs_disabled()))
                return true;
        symbol_format(name, sizeof(name), (unsigned long)func);
        panic("work function %s left preempt count %#x, interrupts %s", name, preempt_count(),
              irqs_disabled() ? "off" : "on");
}

/* Whether there is work, as far as can be seen without the lock: it comes with a wake-up. */
static bool has_work(const struct worker *worker)
{
        return READ_ONCE(worker->list.next) != &worker->list;
}

/* What a thread does. */
static int worker_run(void *data)
{
        struct worker *worker = data;

        for (;;) {
                set_current_state(TASK_INTERRUPTIBLE);
                if (!has_work(worker) && kthread_should_stop())
                        break;
                if (!has_work(worker))
                        schedule();
                set_current_state(TASK_RUNNING);
                while (run_first(worker))
                        continue;
        }
        set_current_state(TASK_RUNNING);
        return 0;
}

/* Start one thread, on a CPU or on any. Returns: false when there is no memory. */
static bool start_worker(struct workqueue_struct *queue, struct worker *worker, int cpu)
{
        INIT_LIST_HEAD(&worker->list);
        worker->queue = queue;
        worker->thread = cpu < 0 ? kthread_create(worker_run, worker, "%s", queue->name)
                                 : kthread_create(worker_run, worker, "%s/%d", queue->name, cpu);
        if (!worker->thread)
                return false;
        if (cpu >= 0)
                kthread_bind(worker->thread, (unsigned int)cpu);
        wake_up_process(worker->thread);
        return true;
}

/* Start a thread for each CPU that is online, or one for all. Returns: false without memory. */
static bool start_workers(struct workqueue_struct *queue)
{
        unsigned int cpu;

        if (queue->is_single)
                return start_worker(queue, &queue->workers[0], -1);
        for_each_online_cpu(cpu)
                if (!start_worker(queue, &queue->workers[cpu], (int)cpu))
                        return false;
        return true;
}

/* End the threads of a queue, which nobody knows any more, and free it. */
static void release_queue(struct workqueue_struct *queue)
{
        for (unsigned int index = 0; index < queue->worker_count; index++)
                if (queue->workers[index].thread)
                        kthread_stop(queue->workers[index].thread);
        free_pages((unsigned long)queue, queue->order);
}

/* Make a queue with one thread, or with one for each CPU. */
static struct workqueue_struct *create(const char *name, bool is_single)
{
        unsigned int worker_count = is_single ? 1 : nr_cpu_ids;
        size_t bytes = sizeof(struct workqueue_struct) + worker_count * sizeof(struct worker);
        unsigned int order = bytes > PAGE_SIZE ? highest_bit((bytes - 1) >> PAGE_SHIFT) + 1 : 0;
        struct workqueue_struct *queue;

        might_sleep();
        queue = (struct workqueue_struct *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
        if (!queue)
                return NULL;
        queue->name = name;
        queue->is_single = is_single;
        queue->worker_count = worker_count;
        queue->order = order;
        if (!start_workers(queue)) {
                release_queue(queue);
                return NULL;
        }
        unsigned long flags = spin_lock_irqsave(&work_lock);

        list_add_tail(&queue->link, &workqueues);
        spin_unlock_irqrestore(&work_lock, flags);
        return queue;
}

struct workqueue_struct *create_workqueue(const char *name)
{
        return create(name, false);
}

struct workqueue_struct *create_singlethread_workqueue(const char *name)
{
        return create(name, true);
}

/* Whether no thread of a queue has work or is in a function. */
static bool is_idle(struct workqueue_struct *queue)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);
        bool is_idle = true;

        for (unsigned int index = 0; index < queue->worker_count; index++) {
                const struct worker *worker = &queue->workers[index];

                if (worker->thread && (worker->running || !list_empty(&worker->list)))
                        is_idle = false;
        }
        spin_unlock_irqrestore(&work_lock, flags);
        return is_idle;
}

/* Work may queue more work, until all is done; and a thread that never ran does none. */
void destroy_workqueue(struct workqueue_struct *queue)
{
        might_sleep();
        while (!is_idle(queue))
                flush_workqueue(queue);
        unsigned long flags = spin_lock_irqsave(&work_lock);

        list_del(&queue->link);
        spin_unlock_irqrestore(&work_lock, flags);
        release_queue(queue);
}

void workqueues_init(void)
{
        events_queue = create_workqueue("events");
        BUG_ON(!events_queue, "no memory for the queue of works");
}

/* WORK-1, WORK-2 for the list of one worker. */
static void check_worker(const struct worker *worker) REQUIRES(&work_lock)
{
        const struct work_struct *work;

        list_for_each_entry(work, &worker->list, entry) {
                const struct worker *running = worker_running(work);

                CHECK_INVARIANT(WORK-1, work->is_pending && work->is_queued &&
                                work->worker == worker, "work %p of %s", (const void *)work,
                                worker->queue->name);
                CHECK_INVARIANT(WORK-2, !running || running == worker, "work %p of %s",
                                (const void *)work, worker->queue->name);
        }
}

void workqueue_check(void)
{
        unsigned long flags = spin_lock_irqsave(&work_lock);
        const struct workqueue_struct *queue;

        list_for_each_entry(queue, &workqueues, link)
                for (unsigned int index = 0; index < queue->worker_count; index++)
                        if (queue->workers[index].thread)
                                check_worker(&queue->workers[index]);
        spin_unlock_irqrestore(&work_lock, flags);
}
