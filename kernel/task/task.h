/*
 * task.h - what the kernel knows of a task: a flow of control with a stack of its own.
 *
 * Locks: [r] the lock of the run queue of task->cpu, interrupts off; [t] the lock of the list of
 * all tasks; [o] the task itself; [b] set before the task runs, then only read; [a] atomic.
 *
 * Source: LKD, chapter 3, "Process Descriptor and the Task Structure".
 */
#pragma once

#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/tss.h"
#include "kernel/sync/atomic.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/lock_debug.h"
#include "kernel/sync/schedule.h"
#include "lib/list.h"

typedef int pid_t;

#define TASK_NAME_BYTES 16

/* The state of a task that has ended: it never runs again. Beside those of schedule.h. */
#define TASK_DEAD 0x40u

/* Fixed levels: of two tasks that want one CPU, that with the lower number runs. */
#define TASK_PRIORITIES 32u
#define TASK_PRIORITY_DEFAULT 16u

struct task_struct {
        unsigned long stack_pointer;    /* [o] esp while it does not run; switch.asm reads it */
        unsigned int state;             /* [r] to end a wait; [o] to begin one */
        unsigned int cpu;               /* [r] the CPU it runs on, or whose queue it is in */
        bool is_queued;                 /* [r] it runs or is in a queue; false while it waits */
        bool is_ready;                  /* [r] it is in a level of a run queue */
        bool must_move;                 /* [r] its CPU gives it away as soon as it has switched */
        bool is_on_cpu;                 /* a CPU uses its stack; cleared by that CPU only */
        unsigned int priority;          /* [r] */
        struct list_head queue_link;    /* [r] in one level of a run queue */
        struct cpumask cpus_allowed;    /* [r] */

        pid_t pid;                      /* [b] */
        char name[TASK_NAME_BYTES];     /* [b] */
        struct kernel_stack stack;      /* [b] */
        struct list_head all_link;      /* [t] */
        atomic_t usage;                 /* [a] with the last reference the structure is freed */

        int (*function)(void *data);    /* [b] a kernel thread's body */
        void *data;                     /* [b] */
        bool should_stop;               /* written by kthread_stop() */
        int exit_code;                  /* [o] until exited is complete */
        struct completion exited;

        unsigned long switch_count;     /* [r] how often it was given a CPU */
        unsigned long tick_count;       /* by its CPU's tick: how many it ran through */
        struct lock_held lock_held;     /* [o] debug: the locks it holds */
};

/* The task in whose shape the first CPU boots; then the monitor's. */
extern struct task_struct init_task;

/*
 * tasks_init - make what runs now the task "init" of the first CPU. Context: boot, once, after
 * the page allocator works.
 */
void tasks_init(void);

/*
 * task_create - a task that waits to be woken for the first time, named by format.
 *
 * Context: may sleep. Returns: NULL when memory or stacks are short. It runs function(data) with
 * interrupts and preemption on, and ends when that returns.
 */
struct task_struct *task_create(int (*function)(void *data), void *data, const char *format,
                                va_list arguments);

/* task_exit - end the current task. Context: may sleep; no lock held. */
void task_exit(int exit_code) __noreturn;

/* get_task_struct, put_task_struct - hold a task's structure, and no longer. Context: any. */
void get_task_struct(struct task_struct *task);
void put_task_struct(struct task_struct *task);

/*
 * task_release - what is left of a task whose stack nobody uses any more: its stack and one
 * reference. Context: any; called by the scheduler.
 */
void task_release(struct task_struct *task);

/*
 * tasks_for_each - call visit for every task, oldest first, until it returns false. No task ends
 * meanwhile. Context: any; visit may neither sleep nor create tasks.
 */
void tasks_for_each(bool (*visit)(struct task_struct *task, void *context), void *context);

/*
 * tasks_wait_for_dying - return when every task that has ended, as far as kthread_stop() and
 * others can tell, has also given back what it had. Context: may sleep.
 */
void tasks_wait_for_dying(void);

/* task_count - how many tasks there are, those without a CPU of their own included. */
unsigned int task_count(void);
