/*
 * Scheduler
 *
 * Idea        Every CPU runs the best task of its own queue, and a better one that arrives, or one
 *             as good at the next tick, takes its place at the next instruction at which
 *             preemption is on. A switch is a call: each task sleeps inside switch_stacks().
 *
 * Picture                  wake_up_process()                reschedule()
 *             waiting ----------------------> ready ------------------------> running
 *                ^        is_queued, is_ready        is_queued, is_on_cpu        |
 *                |                              ^                               |
 *                |                              +--- preempted, or its turn over +
 *                +------------------------ state set, schedule() ---------------+
 *
 * Data        struct run_queue, one for each CPU; see kernel/task/run_queue.c.
 *
 * Invariants  SCHED-1  a task runs on one CPU at a time: it enters a queue only while is_on_cpu is
 *                      false, or that of the CPU which is just leaving its stack.
 *             SCHED-2  a wake-up is never lost: state is set before the condition is tested, and
 *                      both the sleeper's decision and the waker's are made under one lock.
 *             (Guarded by the tests of the suite scheduling.)
 *
 * Locking     The run queue's lock, interrupts off. It is free again before stacks are switched,
 *             since is_on_cpu keeps other CPUs from a stack that is still in use.
 *             Interrupts: they may wake tasks at any point; on this CPU they come either before
 *             reschedule() looks at the queue or after it has switched.
 *
 * Cost        Constant; see `bench switch`.
 *
 * Failure     Calling schedule() with preemption off is reported; from an interrupt handler it
 *             panics, since the handler has no stack of its own to sleep on.
 *
 * Reading     docs/08-scheduling.md; LKD, chapter 4, "Preemption and Context Switching".
 */
#include "kernel/task/sched.h"

#include "kernel/cpu/ipi.h"
#include "kernel/sync/context.h"
#include "kernel/task/run_queue.h"
#include "lib/bits.h"
#include "lib/panic.h"

DEFINE_PER_CPU(struct run_queue, run_queue);
DEFINE_PER_CPU(struct task_struct *, current_task);

struct cpumask idle_cpus;

/* Leaves the stack of previous, and returns on that of next. */
struct task_struct *switch_stacks(struct task_struct *previous, struct task_struct *next);

/* What becomes of the task that ran: it queues again, waits, or has to go to another CPU. */
static void put_back(struct run_queue *queue, struct task_struct *task, bool is_preempted)
        REQUIRES(&queue->lock)
{
        if (unlikely(task == queue->idle)) {
                cpumask_clear_cpu(task->cpu, &idle_cpus);
                return;
        }
        if (task->state != TASK_RUNNING && !is_preempted)
                task->is_queued = false;
        else if (likely(cpumask_test_cpu(task->cpu, &task->cpus_allowed)))
                run_queue_add(queue, task);
        else
                task->must_move = true;
}

/* Take the best task off the queue, and note that it runs. */
static struct task_struct *take_next(struct run_queue *queue) REQUIRES(&queue->lock)
{
        struct task_struct *next = run_queue_first(queue);

        if (next) {
                run_queue_remove(queue, next);
                queue->running_priority = next->priority;
        } else {
                next = queue->idle;
                queue->running_priority = TASK_PRIORITIES;
        }
        queue->running = next;
        next->is_on_cpu = true;
        return next;
}

/* Give a task that may not stay on this CPU to another. */
static void __noinline send_away(struct task_struct *task)
{
        struct run_queue *queue = this_cpu_ptr(&run_queue);

        spin_lock(&queue->lock);
        task->must_move = false;
        task_place(queue, task);
}

/* Nobody uses the stack of previous any more. */
static inline void finish_switch(struct task_struct *previous)
{
        bool is_dead = previous->state == TASK_DEAD;
        bool must_move = previous->must_move;

        /* From here on another CPU may run it: SCHED-1. */
        __atomic_store_n(&previous->is_on_cpu, false, __ATOMIC_RELEASE);
        if (unlikely(is_dead))
                task_release(previous);
        else if (unlikely(must_move))
                send_away(previous);
}

void sched_finish_switch(struct task_struct *previous)
{
        finish_switch(previous);
}

/* Leave the stack of previous for that of next. Interrupts are off. */
static inline void switch_to(struct run_queue *queue, struct task_struct *previous,
                      struct task_struct *next)
{
        next->switch_count++;
        queue->switch_count++;
        this_cpu_write(current_task, next);
        kernel_stack_set(next->cpu, next->stack);
        if (DEBUG_BUILD)
                lock_debug_switch(&next->lock_held);
        finish_switch(switch_stacks(previous, next));
}

/*
 * Let the best task run. One that was preempted stays in the queue whatever it was about to wait
 * for. Preemption is off, once.
 */
static void reschedule(bool is_preempted)
{
        unsigned long flags = local_irq_save();
        struct run_queue *queue = this_cpu_ptr(&run_queue);
        struct task_struct *previous = queue->running;

        spin_lock(&queue->lock);
        clear_need_resched();
        put_back(queue, previous, is_preempted);
        struct task_struct *next = take_next(queue);
        spin_unlock(&queue->lock);
        if (next != previous)
                switch_to(queue, previous, next);
        local_irq_restore(flags);
}

/* Report a task that wants to sleep where it must not. */
static void __cold report_atomic(void)
{
        if (in_hardirq())
                panic("schedule() in an interrupt handler");
        bug_report("sleep-in-atomic", "schedule(), task %s, preempt count %#x, interrupts %s",
                   task_name(current), preempt_count(), irqs_disabled() ? "off" : "on");
}

void schedule(void)
{
        if (DEBUG_BUILD && unlikely(in_atomic() || irqs_disabled()))
                report_atomic();
        do {
                preempt_disable();
                reschedule(false);
                preempt_enable_no_resched();
        } while (need_resched());
}

void preempt_schedule(void)
{
        if (irqs_disabled())
                return;
        do {
                preempt_disable();
                reschedule(true);
                preempt_enable_no_resched();
        } while (need_resched());
}

void preempt_schedule_irq(void)
{
        do {
                preempt_disable();
                reschedule(true);
                preempt_enable_no_resched();
        } while (need_resched());
}

void yield(void)
{
        schedule();
}

/*
 * The state changes under the lock: a waker that is late, and found the task about to wait, would
 * else make the dead one run again.
 */
void sched_exit(void)
{
        unsigned long flags;

        preempt_disable();
        struct run_queue *queue = task_queue_lock(current, &flags);
        assert_spin_locked(&queue->lock);
        current->state = TASK_DEAD;
        spin_unlock(&queue->lock);
        local_irq_restore(flags);
        reschedule(false);
        panic("a task that has ended runs again");
}

void set_current_state(unsigned int state)
{
        /* The exchange is a full barrier, too. */
        __atomic_exchange_n(&current->state, state, __ATOMIC_SEQ_CST);
}

bool wake_up_state(struct task_struct *task, unsigned int states)
{
        unsigned long flags;

        preempt_disable();
        struct run_queue *queue = task_queue_lock(task, &flags);
        assert_spin_locked(&queue->lock);
        bool is_waiting = (task->state & states) != 0;
        bool must_queue = is_waiting && !task->is_queued;

        if (is_waiting)
                task->state = TASK_RUNNING;
        if (must_queue) {
                task->is_queued = true;
                task_place(queue, task);
        } else {
                spin_unlock(&queue->lock);
        }
        local_irq_restore(flags);
        preempt_enable();
        return is_waiting;
}

bool wake_up_process(struct task_struct *task)
{
        return wake_up_state(task, TASK_NORMAL);
}

/* Whether a task of a level below limit is ready, or the one that runs has no business here. */
static bool must_make_room(const struct run_queue *queue, unsigned int limit)
{
        const struct task_struct *task = queue->running;
        u32 levels = READ_ONCE(queue->levels_in_use);

        return (levels && lowest_bit(levels) < limit) ||
               (task != queue->idle && !cpumask_test_cpu(task->cpu, &task->cpus_allowed));
}

void scheduler_tick(void)
{
        struct run_queue *queue = this_cpu_ptr(&run_queue);

        if (!queue->running)
                return;
        queue->running->tick_count++;
        if (must_make_room(queue, queue->running_priority + 1))
                set_need_resched();
}

void scheduler_ipi(void)
{
        struct run_queue *queue = this_cpu_ptr(&run_queue);

        if (must_make_room(queue, queue->running_priority))
                set_need_resched();
}

void sched_init_cpu(unsigned int cpu, struct task_struct *idle)
{
        struct run_queue *queue = &per_cpu(run_queue, cpu);

        queue->lock = (struct spinlock)SPINLOCK_INIT("run queue", LOCK_RANK_RUNQUEUE);
        for (unsigned int level = 0; level < TASK_PRIORITIES; level++)
                INIT_LIST_HEAD(&queue->levels[level]);
        queue->idle = idle;
        queue->running_priority = TASK_PRIORITIES;
}

void sched_adopt(struct task_struct *task)
{
        struct run_queue *queue = this_cpu_ptr(&run_queue);

        queue->running = task;
        queue->running_priority = task == queue->idle ? TASK_PRIORITIES : task->priority;
        task->is_on_cpu = true;
        task->is_queued = true;
        task->cpu = smp_processor_id();
        this_cpu_write(current_task, task);
        kernel_stack_set(task->cpu, task->stack);
        if (DEBUG_BUILD)
                lock_debug_switch(&task->lock_held);
}

struct run_queue_report run_queue_report(unsigned int cpu)
{
        struct run_queue *queue = &per_cpu(run_queue, cpu);

        return (struct run_queue_report){
                .running = READ_ONCE(queue->running),
                .ready_count = READ_ONCE(queue->ready_count),
                .switch_count = READ_ONCE(queue->switch_count),
                .steal_count = READ_ONCE(queue->steal_count),
        };
}
