/*
 * workqueue.h - functions that a thread calls later, where they may sleep.
 *
 *      static void read_more(struct work_struct *work);
 *
 *      INIT_WORK(&device->work, read_more);
 *      schedule_work(&device->work);           from any context: read_more(&device->work) soon
 *      …
 *      cancel_work_sync(&device->work);        read_more() neither runs now nor will
 *
 * What is promised:
 *
 *      - Work that was queued runs once, however often it is queued until it begins; queued while
 *        it runs, it runs once more afterwards.
 *      - It runs on the CPU on which it was queued, in the order of queueing. Only work that is
 *        running is queued behind itself, on the thread that runs it: so it never runs twice at
 *        once, whatever queues it is put on.
 *      - Its function may sleep, queue its own work again, and free the memory that it lies in.
 *      - All that was written before queueing is seen by the function.
 *
 * A work item must not be initialised, or freed, while it is queued or delayed.
 *
 * Source: LDD3, chapter 7, "Workqueues". As in Linux since 2.6.20 the function is given the work
 * item, from which it finds the rest with container_of(), and work with a delay is a type of its
 * own. That work never overlaps itself is Linux's rule since 3.7.
 */
#pragma once

#include "kernel/time/timer.h"
#include "lib/list.h"

struct workqueue_struct;
struct worker;
struct work_struct;

typedef void (*work_func_t)(struct work_struct *work);

/* All fields but func are guarded by the lock of all work queues, [w]. */
struct work_struct {
        struct list_head entry;                 /* [w] of its thread's list, while is_queued */
        work_func_t func;
        bool is_pending;                        /* [w] queued or delayed */
        bool is_queued;                         /* [w] in a list */
        struct worker *worker;                  /* [w] whose list, while is_queued */
        unsigned int cancel_count;              /* [w] callers who wait and keep it from queues */
};

struct delayed_work {
        struct work_struct work;
        struct timer_list timer;
        bool is_delayed;                        /* [w] pending, and the timer decides */
        struct workqueue_struct *queue;         /* [w] where it goes then */
};

#define WORK_INITIALIZER(work_function) { .func = (work_function) }
#define DECLARE_WORK(name, work_function) \
        struct work_struct name = WORK_INITIALIZER(work_function)
#define DECLARE_DELAYED_WORK(name, work_function) \
        struct delayed_work name = { .work = WORK_INITIALIZER(work_function) }

/* INIT_WORK, INIT_DELAYED_WORK - make a work item of any memory. */
#define INIT_WORK(item, work_function) \
        (*(item) = (struct work_struct)WORK_INITIALIZER(work_function))
#define INIT_DELAYED_WORK(item, work_function) \
        (*(item) = (struct delayed_work){ .work = WORK_INITIALIZER(work_function) })

/* to_delayed_work - the delayed work whose function was given work. */
static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
        return container_of(work, struct delayed_work, work);
}

/* workqueues_init - make the queue "events". Context: boot, may sleep, once all CPUs are up. */
void workqueues_init(void);

/*
 * create_workqueue - a queue with a thread for each CPU that is online, named name/0, name/1, ….
 * create_singlethread_workqueue - a queue with one thread, on any CPU: its works never overlap.
 *
 * Context: may sleep. Returns: NULL when there is no memory. name lives as long as the queue.
 */
struct workqueue_struct *create_workqueue(const char *name);
struct workqueue_struct *create_singlethread_workqueue(const char *name);

/*
 * destroy_workqueue - wait until a queue is empty, and end its threads. The caller makes sure that
 * nothing is put on it any more, by delayed work neither.
 *
 * Context: may sleep; not in a work of the queue.
 */
void destroy_workqueue(struct workqueue_struct *queue);

/*
 * queue_work - put work on the list of this CPU's thread; queue_work_on - of another CPU's, which
 * must be online. schedule_work - on that of the queue "events".
 *
 * Context: any. Returns: false, and nothing is changed, when it is pending already or is being
 * cancelled.
 */
bool queue_work(struct workqueue_struct *queue, struct work_struct *work);
bool queue_work_on(unsigned int cpu, struct workqueue_struct *queue, struct work_struct *work);
bool schedule_work(struct work_struct *work);

/*
 * queue_delayed_work, schedule_delayed_work - the same after so many ticks at least, on the CPU of
 * this call; with 0 ticks, at once. The item is pending all the time.
 */
bool queue_delayed_work(struct workqueue_struct *queue, struct delayed_work *work,
                        unsigned long tick_count);
bool schedule_delayed_work(struct delayed_work *work, unsigned long tick_count);

/*
 * flush_workqueue - wait until all that was queued before has run; delayed work is not waited for.
 * flush_scheduled_work - the same for the queue "events".
 *
 * Context: may sleep, no lock held that a work takes; not in a work of the queue.
 */
void flush_workqueue(struct workqueue_struct *queue);
void flush_scheduled_work(void);

/*
 * flush_work - wait until work neither is queued nor runs, as it was at the call.
 *
 * Context: as flush_workqueue(), not in the work itself. Returns: whether there was anything to
 * wait for.
 */
bool flush_work(struct work_struct *work);

/*
 * cancel_work_sync, cancel_delayed_work_sync - take work off its queue or stop its timer, and wait
 * while it runs; nobody, itself included, can queue it meanwhile.
 *
 * Context: as flush_work(). Returns: whether it was pending.
 */
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work_sync(struct delayed_work *work);

/*
 * cancel_delayed_work - stop the timer. The work may run at this moment, or be queued already;
 * and its memory may be in use by the timer a little longer.
 *
 * Context: any. Returns: whether the timer was running.
 */
bool cancel_delayed_work(struct delayed_work *work);

/* work_pending, delayed_work_pending - whether it is queued or delayed. May be outdated at once. */
#define work_pending(item) READ_ONCE((item)->is_pending)
#define delayed_work_pending(item) work_pending(&(item)->work)

/* workqueue_check - WORK-1 and WORK-2 for all queues. Context: any. */
void workqueue_check(void);
