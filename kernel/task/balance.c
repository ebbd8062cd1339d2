/*
 * Balance
 *
 * Idea        Two rules keep every CPU busy while there is work. Who queues a task gives it to an
 *             idle CPU if there is one that it may run on. Who has nothing to do looks through the
 *             queues of all others, and takes a task from the first that has one for it.
 *
 * Picture     CPU 0   running a   | b c        <- c is taken by CPU 1
 *             CPU 1   idle        |
 *             idle_cpus  …0 1 0                 set before CPU 1 looks, so that either CPU 1 sees
 *                                               the new task or its maker sees CPU 1 idle
 *
 * Invariants  BALANCE-1  a task is only placed on an online CPU that it may run on. (An exception:
 *                        while its old CPU is still leaving its stack, it goes there, and on
 *                        from there at the next tick.) (Guarded by the tests of scheduling.)
 *
 * Locking     One run queue at a time. A task between two queues counts as queued, is in no level,
 *             and belongs to the queue that it goes to.
 *
 * Cost        Constant for placing; stealing looks at every CPU's count. Idle CPUs do not queue for
 *             the lock of a busy queue: the one that has it would be held up by all of them.
 *
 * Reading     docs/08-scheduling.md; LKD, chapter 4, "The Load Balancer".
 */
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/task/run_queue.h"
#include "kernel/task/sched.h"
#include "lib/bits.h"

/* Whether task may run on a CPU that takes tasks. */
static bool may_run_on(const struct task_struct *task, unsigned int cpu)
{
        return cpumask_test_cpu(cpu, &task->cpus_allowed) && cpu_online(cpu);
}

/* An idle CPU for task, which counts as busy from here on; NR_CPUS when there is none. */
static unsigned int claim_idle_cpu(const struct task_struct *task)
{
        unsigned int cpu;

        if (cpumask_empty(&idle_cpus))
                return NR_CPUS;
        for_each_cpu(cpu, &idle_cpus)
                if (may_run_on(task, cpu) && cpumask_test_and_clear_cpu(cpu, &idle_cpus))
                        return cpu;
        return NR_CPUS;
}

/* Where task had better run: idle CPUs first, then where it was. */
static unsigned int choose_cpu(const struct task_struct *task)
{
        unsigned int cpu = task->cpu;

        if (may_run_on(task, cpu) && cpumask_test_cpu(cpu, &idle_cpus))
                return cpu;
        cpu = claim_idle_cpu(task);
        if (cpu < NR_CPUS)
                return cpu;
        if (may_run_on(task, task->cpu))
                return task->cpu;
        for_each_online_cpu(cpu)
                if (may_run_on(task, cpu))
                        return cpu;
        return task->cpu;
}

/* Tell a CPU, and if it has better to do an idle one, that task is ready on it. */
static void announce(const struct run_queue *queue, unsigned int cpu, unsigned int priority,
                     const struct task_struct *task)
{
        bool is_better = priority < READ_ONCE(queue->running_priority);

        if (cpu == smp_processor_id()) {
                if (is_better)
                        set_need_resched();
        } else if (is_better) {
                smp_send_reschedule(cpu);
        }
        if (is_better)
                return;
        cpu = claim_idle_cpu(task);
        if (cpu < NR_CPUS && cpu != smp_processor_id())
                smp_send_reschedule(cpu);
}

/* Put task into the locked queue that it belongs to, and unlock that. */
static void add_and_announce(struct run_queue *queue, struct task_struct *task)
        RELEASE(&queue->lock)
{
        run_queue_add(queue, task);
        announce(queue, task->cpu, task->priority, task);
        spin_unlock(&queue->lock);
}

void task_place(struct run_queue *queue, struct task_struct *task) NO_THREAD_SAFETY_ANALYSIS
{
        while (!__atomic_load_n(&task->is_on_cpu, __ATOMIC_ACQUIRE)) {
                unsigned int cpu = choose_cpu(task);

                if (cpu == task->cpu)
                        break;
                task->cpu = cpu;
                spin_unlock(&queue->lock);
                queue = &per_cpu(run_queue, cpu);
                spin_lock(&queue->lock);
                if (may_run_on(task, cpu))
                        break;
        }
        add_and_announce(queue, task);
}

/* The first task of a locked queue that this CPU may take; NULL when there is none. */
static struct task_struct *find_stealable(struct run_queue *queue, unsigned int cpu)
        REQUIRES(&queue->lock)
{
        struct task_struct *task;

        for (u32 levels = queue->levels_in_use; levels; levels &= levels - 1)
                list_for_each_entry(task, &queue->levels[lowest_bit(levels)], queue_link)
                        if (cpumask_test_cpu(cpu, &task->cpus_allowed) &&
                            !__atomic_load_n(&task->is_on_cpu, __ATOMIC_ACQUIRE))
                                return task;
        return NULL;
}

/*
 * Take a task out of the queue of a CPU; it then belongs to this one's, but is in no level. When
 * somebody else has the queue's lock, *must_retry says so.
 */
static struct task_struct *take_from(unsigned int victim, unsigned int cpu, bool *must_retry)
{
        struct run_queue *queue = &per_cpu(run_queue, victim);

        if (!READ_ONCE(queue->ready_count))
                return NULL;
        if (!spin_trylock(&queue->lock)) {
                *must_retry = true;
                return NULL;
        }
        struct task_struct *task = find_stealable(queue, cpu);
        if (task) {
                run_queue_remove(queue, task);
                task->cpu = cpu;
        }
        spin_unlock(&queue->lock);
        return task;
}

bool balance_steal(void)
{
        unsigned int cpu = smp_processor_id();
        struct run_queue *queue = this_cpu_ptr(&run_queue);
        bool must_retry = false;
        unsigned int victim;

        for_each_online_cpu(victim) {
                struct task_struct *task = victim == cpu ? NULL
                                                         : take_from(victim, cpu, &must_retry);

                if (!task)
                        continue;
                queue->steal_count++;
                spin_lock(&queue->lock);
                task_place(queue, task);
                return true;
        }
        return must_retry;
}

/* Move a task that waits in a queue of a CPU it may no longer run on. Unlocks its queue. */
static void leave_forbidden_cpu(struct run_queue *queue, struct task_struct *task)
        RELEASE(&queue->lock)
{
        if (task->is_ready && !may_run_on(task, task->cpu)) {
                run_queue_remove(queue, task);
                task_place(queue, task);
                return;
        }
        if (task->is_on_cpu && task->cpu != smp_processor_id())
                smp_send_reschedule(task->cpu);
        spin_unlock(&queue->lock);
}

bool set_cpus_allowed(struct task_struct *task, const struct cpumask *allowed)
{
        unsigned long flags;

        if (!cpumask_intersects(allowed, cpu_online_mask))
                return false;
        preempt_disable();
        struct run_queue *queue = task_queue_lock(task, &flags);
        assert_spin_locked(&queue->lock);
        task->cpus_allowed = *allowed;
        leave_forbidden_cpu(queue, task);
        local_irq_restore(flags);
        preempt_enable();
        if (task == current && !cpumask_test_cpu(task->cpu, allowed))
                schedule();
        return true;
}

void task_set_priority(struct task_struct *task, unsigned int priority)
{
        unsigned long flags;

        BUG_ON(priority >= TASK_PRIORITIES, "priority %u", priority);
        preempt_disable();
        struct run_queue *queue = task_queue_lock(task, &flags);
        assert_spin_locked(&queue->lock);
        bool is_ready = task->is_ready;

        if (is_ready)
                run_queue_remove(queue, task);
        task->priority = priority;
        if (queue->running == task) {
                queue->running_priority = priority;
                if (task->cpu == smp_processor_id())
                        set_need_resched();
                else
                        smp_send_reschedule(task->cpu);
        }
        if (is_ready)
                task_place(queue, task);
        else
                spin_unlock(&queue->lock);
        local_irq_restore(flags);
        preempt_enable();
}
