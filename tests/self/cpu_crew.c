/* cpu_crew.c - a thread on each CPU. */
#include "tests/self/cpu_crew.h"

#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/smp.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "lib/assert.h"

/* What a thread has to do, and what came of it. */
struct member {
        struct task_struct *task;
        unsigned int cpu;
        unsigned long result;
};

static struct member members[NR_CPUS];
static unsigned long (*crew_work)(unsigned int cpu, void *argument);
static void *crew_argument;
static u32 missing_count;               /* threads that have not begun yet */
static u32 busy_count;                  /* threads that have not ended yet */

/* A thread: wait for the others, work, and wait to be stopped. */
static int work(void *data)
{
        struct member *member = data;

        BUG_ON(smp_processor_id() != member->cpu, "on CPU %u", smp_processor_id());
        __atomic_sub_fetch(&missing_count, 1, __ATOMIC_SEQ_CST);
        while (READ_ONCE(missing_count))
                cpu_relax();
        member->result = crew_work(member->cpu, crew_argument);
        __atomic_sub_fetch(&busy_count, 1, __ATOMIC_SEQ_CST);
        while (!kthread_should_stop()) {
                set_current_state(TASK_INTERRUPTIBLE);
                if (!kthread_should_stop())
                        schedule();
                set_current_state(TASK_RUNNING);
        }
        return 0;
}

/* Make the threads; false when one could not be made. */
static bool make_threads(void)
{
        unsigned int cpu;
        bool all_are_there = true;

        for_each_online_cpu(cpu) {
                members[cpu] = (struct member){ .cpu = cpu };
                members[cpu].task = kthread_create(work, &members[cpu], "crew/%u", cpu);
                if (members[cpu].task)
                        kthread_bind(members[cpu].task, cpu);
                else
                        all_are_there = false;
        }
        return all_are_there;
}

/* Let the threads run to their end. */
static void run_threads(void)
{
        unsigned int cpu;

        for_each_online_cpu(cpu)
                wake_up_process(members[cpu].task);
        while (READ_ONCE(busy_count)) {
                cpu_relax();
                yield();
        }
}

unsigned long crew_run(unsigned long (*function)(unsigned int cpu, void *argument), void *argument)
{
        unsigned long sum = 0;
        unsigned int cpu;
        bool all_are_there = make_threads();

        crew_work = function;
        crew_argument = argument;
        missing_count = busy_count = num_online_cpus();
        if (all_are_there)
                run_threads();
        for_each_online_cpu(cpu) {
                sum += members[cpu].result;
                if (members[cpu].task)
                        kthread_stop(members[cpu].task);
        }
        return all_are_there ? sum : (unsigned long)-1;
}
