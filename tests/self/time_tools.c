/* time_tools.c - see time_tools.h. */
#include "tests/self/time_tools.h"

#include "kernel/cpu/cpumask.h"
#include "kernel/time/sleep.h"

void crew_start(struct test_state *test, struct crew *crew, int (*function)(void *data),
                void *data)
{
        unsigned int cpu;

        *crew = (struct crew){ .function = function, .data = data };
        for_each_online_cpu(cpu) {
                struct task_struct *task = kthread_create(function, data, "crew/%u", cpu);

                REQUIRE(task);
                get_task_struct(task);
                kthread_bind(task, cpu);
                crew->members[cpu] = task;
        }
        for_each_online_cpu(cpu)
                wake_up_process(crew->members[cpu]);
}

void crew_wait(struct crew *crew)
{
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                if (crew->members[cpu])
                        wait_for_completion(&crew->members[cpu]->exited);
}

int crew_stop(struct crew *crew)
{
        int sum = 0;

        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                if (!crew->members[cpu])
                        continue;
                sum += kthread_stop(crew->members[cpu]);
                put_task_struct(crew->members[cpu]);
        }
        return sum;
}

bool wait_for_count(const atomic_t *counter, s32 count)
{
        unsigned long end = jiffies + TIME_TOOLS_PATIENCE;

        while (atomic_read(counter) < count && time_before(jiffies, end))
                schedule_timeout_uninterruptible(1);
        return atomic_read(counter) >= count;
}
