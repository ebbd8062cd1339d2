/*
 * Tasks
 *
 * Idea        A task is a page with its structure, a kernel stack, and a place in the list of all
 *             tasks. A new one looks as if it had once called switch_stacks(): on its stack lie
 *             the registers that this function would pop, and a return address that leads to its
 *             beginning.
 *
 * Picture     stack.top    | 0          |   the call chain ends
 *                          | task_entry |   return address of switch_stacks()
 *                          | ebp = 0    |
 *                          | ebx        |
 *                          | esi        |
 *             stack_pointer| edi        |
 *
 * Data        all_tasks, oldest first.
 *
 * Locking     tasks_lock, rank TASKS, interrupts off, for the list. A structure lives while its
 *             usage is not 0: one is the running task's own, dropped when another task stands on
 *             another stack.
 *
 * Failure     Without a page or a stack, task_create() returns NULL and nothing is left.
 *
 * Reading     docs/08-scheduling.md; LKD, chapter 3.
 */
#include "kernel/task/task.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/page_ops.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/sync/spinlock.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "kernel/task/stack.h"
#include "kernel/time/sleep.h"
#include "lib/format.h"
#include "mm/phys/page_alloc.h"

#define SWITCH_FRAME_WORDS 6u
#define SWITCH_FRAME_RETURN 4u

/* So far below its own frame a function, and what interrupts it now, may still use the stack. */
#define MARK_DISTANCE_BYTES 1024u

static struct spinlock tasks_lock = SPINLOCK_INIT("tasks", LOCK_RANK_TASKS);
static LIST_HEAD(all_tasks);                    /* under tasks_lock */
static unsigned int all_count;                  /* under tasks_lock */
static pid_t last_pid;                          /* under tasks_lock */
static atomic_t dying_count;                    /* have ended, but their stacks are in use */

struct task_struct init_task = { .name = "init", .lock_held = { .name = "init" } };

void task_entry(void);

/* Fill what every task has, and show it to all. */
static void enlist(struct task_struct *task)
{
        task->priority = TASK_PRIORITY_DEFAULT;
        task->state = TASK_UNINTERRUPTIBLE;
        cpumask_setall(&task->cpus_allowed);
        atomic_set(&task->usage, 1);
        init_completion(&task->exited);

        unsigned long flags = spin_lock_irqsave(&tasks_lock);
        task->pid = ++last_pid;
        list_add_tail(&task->all_link, &all_tasks);
        all_count++;
        spin_unlock_irqrestore(&tasks_lock, flags);
}

/* Lay out the stack of a task that has never run. */
static void prepare_stack(struct task_struct *task)
{
        u32 *frame = (u32 *)task->stack.top - SWITCH_FRAME_WORDS;

        for (unsigned int word = 0; word < SWITCH_FRAME_WORDS; word++)
                frame[word] = 0;
        frame[SWITCH_FRAME_RETURN] = (u32)task_entry;
        task->stack_pointer = (unsigned long)frame;
}

void task_begin(struct task_struct *previous);

/* task_begin - the first C code of a task, interrupts and preemption still off. */
void task_begin(struct task_struct *previous)
{
        sched_finish_switch(previous);
        local_irq_enable();
        preempt_enable();
        if (READ_ONCE(current->should_stop))
                task_exit(KTHREAD_NEVER_RAN);
        task_exit(current->function(current->data));
}

struct task_struct *task_create(int (*function)(void *data), void *data, const char *format,
                                va_list arguments)
{
        static_assert(sizeof(struct task_struct) <= PAGE_SIZE, "a page holds a task");
        struct task_struct *task = (struct task_struct *)get_zeroed_page(GFP_KERNEL);

        if (!task)
                return NULL;
        task->stack = kernel_stack_alloc();
        if (!task->stack.bottom) {
                free_page((unsigned long)task);
                return NULL;
        }
        vsnprintf(task->name, sizeof(task->name), format, arguments);
        task->lock_held.name = task->name;
        task->function = function;
        task->data = data;
        task->cpu = smp_processor_id();
        prepare_stack(task);
        enlist(task);
        return task;
}

void task_exit(int exit_code)
{
        if (DEBUG_BUILD)
                lock_debug_exit();
        atomic_inc(&dying_count);
        current->exit_code = exit_code;
        complete_all(&current->exited);
        sched_exit();
}

void get_task_struct(struct task_struct *task)
{
        atomic_inc(&task->usage);
}

void put_task_struct(struct task_struct *task)
{
        if (atomic_dec_and_test(&task->usage))
                free_page((unsigned long)task);
}

void task_release(struct task_struct *task)
{
        unsigned long flags = spin_lock_irqsave(&tasks_lock);

        list_del(&task->all_link);
        all_count--;
        spin_unlock_irqrestore(&tasks_lock, flags);
        kernel_stack_free(task->stack);
        put_task_struct(task);
        atomic_dec(&dying_count);
}

void tasks_wait_for_dying(void)
{
        /* Sleeping, not giving way: who is dying may be of a lower priority. */
        while (atomic_read(&dying_count))
                schedule_timeout_uninterruptible(1);
}

void tasks_for_each(bool (*visit)(struct task_struct *task, void *context), void *context)
{
        unsigned long flags = spin_lock_irqsave(&tasks_lock);
        struct task_struct *task;

        list_for_each_entry(task, &all_tasks, all_link)
                if (!visit(task, context))
                        break;
        spin_unlock_irqrestore(&tasks_lock, flags);
}

unsigned int task_count(void)
{
        return READ_ONCE(all_count);
}

const char *task_name(const struct task_struct *task)
{
        return task ? task->name : "?";
}

/* Fill what is below us of the stack that we run on, as kernel_stack_alloc() fills others. */
static void mark_unused(struct kernel_stack stack)
{
        unsigned long here = (unsigned long)__builtin_frame_address(0) - MARK_DISTANCE_BYTES;

        fill_words((void *)stack.bottom, KERNEL_STACK_UNUSED, (here - stack.bottom) / sizeof(u32));
}

/* The monitor stays where the serial port's interrupts come: tests rely on it. */
void tasks_init(void)
{
        kernel_stacks_init();
        enlist(&init_task);
        init_task.state = TASK_RUNNING;
        cpumask_clear(&init_task.cpus_allowed);
        cpumask_set_cpu(0, &init_task.cpus_allowed);
        init_task.stack = boot_stack();
        mark_unused(init_task.stack);

        struct task_struct *idle = idle_task_create(0);
        BUG_ON(!idle || !irq_stack_prepare(0), "no memory for the first idle task");
        sched_init_cpu(0, idle);

        unsigned long flags = local_irq_save();
        sched_adopt(&init_task);
        local_irq_restore(flags);
}
