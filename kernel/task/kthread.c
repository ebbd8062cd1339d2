/* kthread.c - threads that are made, bound and stopped by others. */
#include "kernel/task/kthread.h"

#include "kernel/sync/context.h"
#include "kernel/task/sched.h"

/* kthread_create() with the arguments of the name in one. */
static struct task_struct *create(int (*function)(void *data), void *data, const char *format,
                                  va_list arguments)
{
        might_sleep();
        return task_create(function, data, format, arguments);
}

struct task_struct *kthread_create(int (*function)(void *data), void *data, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        struct task_struct *task = create(function, data, format, arguments);
        va_end(arguments);
        return task;
}

struct task_struct *kthread_run(int (*function)(void *data), void *data, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        struct task_struct *task = create(function, data, format, arguments);
        va_end(arguments);
        if (task)
                wake_up_process(task);
        return task;
}

void kthread_bind(struct task_struct *task, unsigned int cpu)
{
        struct cpumask only;

        cpumask_clear(&only);
        cpumask_set_cpu(cpu, &only);
        BUG_ON(task->is_queued || !set_cpus_allowed(task, &only), "task %s, CPU %u", task->name,
               cpu);
}

int kthread_stop(struct task_struct *task)
{
        might_sleep();
        get_task_struct(task);
        WRITE_ONCE(task->should_stop, true);
        wake_up_process(task);
        wait_for_completion(&task->exited);

        int exit_code = task->exit_code;
        put_task_struct(task);
        return exit_code;
}

bool kthread_should_stop(void)
{
        return READ_ONCE(current->should_stop);
}
