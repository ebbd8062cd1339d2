/*
 * worker.h - what kernel/task/workqueue.c, which moves work, and kernel/task/worker.c, whose
 * threads run it, have in common. The theory is in the former.
 */
#pragma once

#include "kernel/sync/spinlock.h"
#include "kernel/task/workqueue.h"

/* A thread and its work. */
struct worker {
        struct task_struct *thread;             /* set before there is work; NULL: CPU offline */
        struct list_head list;                  /* [w] what is to be done, in order */
        struct list_head running_link;          /* [w] in running_workers, while running */
        const struct work_struct *running;      /* [w] may be freed already: compare, never use */
        struct workqueue_struct *queue;         /* [b] */
};

struct workqueue_struct {
        const char *name;                       /* [b] */
        bool is_single;                         /* [b] one thread, on any CPU */
        unsigned int worker_count;              /* [b] 1, or nr_cpu_ids */
        unsigned int order;                     /* [b] of the pages that this lies in */
        struct list_head link;                  /* [w] in workqueues */
        struct worker workers[];                /* by CPU, if there are several */
};

/* The lock of all work queues, [w]. */
extern spinlock_t work_lock;

/* The workers that are in a function. [w] */
extern struct list_head running_workers;

/* The queue "events". */
extern struct workqueue_struct *events_queue;

/* worker_running - the worker that is in the function of work; NULL when none is. */
struct worker *worker_running(const struct work_struct *work) REQUIRES(&work_lock);

/* work_unlink - take queued work out of its list. */
void work_unlink(struct work_struct *work) REQUIRES(&work_lock);
