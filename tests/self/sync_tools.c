/* sync_tools.c - see sync_tools.h. */
#include "tests/self/sync_tools.h"

#include "kernel/cpu/cpumask.h"
#include "kernel/sync/completion.h"
#include "kernel/task/kthread.h"
#include "lib/bits.h"

unsigned int sync_thread_count(void)
{
        return min(2 * num_online_cpus(), SYNC_THREADS_MAX);
}

unsigned int sync_run_threads(int (*function)(void *data), void *data)
{
        struct task_struct *tasks[SYNC_THREADS_MAX];
        unsigned int count = 0;

        while (count < sync_thread_count()) {
                struct task_struct *task = kthread_create(function, data, "sync%u", count);

                if (!task)
                        break;
                get_task_struct(task);
                tasks[count++] = task;
        }
        for (unsigned int index = 0; index < count; index++)
                wake_up_process(tasks[index]);
        for (unsigned int index = 0; index < count; index++) {
                wait_for_completion(&tasks[index]->exited);
                put_task_struct(tasks[index]);
        }
        return count;
}
