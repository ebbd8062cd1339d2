/* test_scheduling.c - who runs first, where, and when one task makes room for another. */
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/task/kthread.h"
#include "kernel/task/run_queue.h"
#include "kernel/task/sched.h"
#include "kernel/time/sleep.h"
#include "lib/test.h"

#define PATIENCE_TICKS 2000u            /* so long a busy machine may take */
#define BETTER_PRIORITY (TASK_PRIORITY_DEFAULT - 4)
#define WORSE_PRIORITY (TASK_PRIORITY_DEFAULT + 4)

/* A thread that counts as fast as it can, and never gives way by itself. */
struct hog {
        struct task_struct *task;
        unsigned long count;
};

/* The body of a hog. */
static int hog(void *data)
{
        struct hog *self = data;

        while (!kthread_should_stop()) {
                WRITE_ONCE(self->count, self->count + 1);
                cpu_relax();
        }
        return 0;
}

/* Start a hog; on one CPU only, unless cpu is NR_CPUS. Returns false when there is no memory. */
static bool hog_start(struct hog *self, unsigned int cpu, unsigned int priority)
{
        self->count = 0;
        self->task = kthread_create(hog, self, "hog");
        if (!self->task)
                return false;
        if (cpu < NR_CPUS)
                kthread_bind(self->task, cpu);
        task_set_priority(self->task, priority);
        wake_up_process(self->task);
        return true;
}

/* Sleep until *count has grown, for PATIENCE_TICKS at most. Returns whether it has. */
static bool grows(const unsigned long *count)
{
        unsigned long before = READ_ONCE(*count);

        for (unsigned int tick = 0; tick < PATIENCE_TICKS; tick++) {
                if (READ_ONCE(*count) != before)
                        return true;
                schedule_timeout_uninterruptible(1);
        }
        return false;
}

/* Writes down in which order its like came to run. */
struct runner {
        unsigned int *next_place;
        unsigned int place;
};

/* The body of a runner. */
static int run_once(void *data)
{
        struct runner *self = data;

        self->place = ++*self->next_place;
        return 0;
}

/* A held thread for a runner, on this CPU. */
static struct task_struct *runner_make(struct runner *runner, unsigned int *next_place,
                                       unsigned int priority)
{
        struct task_struct *task = kthread_create(run_once, runner, "runner");

        runner->next_place = next_place;
        runner->place = 0;
        if (!task)
                return NULL;
        get_task_struct(task);
        kthread_bind(task, smp_processor_id());
        task_set_priority(task, priority);
        return task;
}

/* Wait for the end of a runner's thread. */
static void runner_finish(struct task_struct *task)
{
        wait_for_completion(&task->exited);
        put_task_struct(task);
}

TEST(scheduling, waking_a_better_task_preempts_the_waker)
{
        unsigned int next_place = 0;
        struct runner runner;
        struct task_struct *task = runner_make(&runner, &next_place, BETTER_PRIORITY);

        REQUIRE(task);
        wake_up_process(task);
        EXPECT_EQ(runner.place, 1);
        runner_finish(task);
}

TEST(scheduling, no_task_comes_between_preempt_disable_and_enable)
{
        unsigned int next_place = 0;
        struct runner runner;
        struct task_struct *task = runner_make(&runner, &next_place, BETTER_PRIORITY);

        REQUIRE(task);
        preempt_disable();
        wake_up_process(task);
        EXPECT(need_resched());
        EXPECT_EQ(READ_ONCE(runner.place), 0);
        preempt_enable();
        EXPECT_EQ(READ_ONCE(runner.place), 1);
        runner_finish(task);
}

TEST(scheduling, better_tasks_run_first_and_equal_ones_in_turn)
{
        static const unsigned int priorities[] = {
                TASK_PRIORITY_DEFAULT, WORSE_PRIORITY, BETTER_PRIORITY, TASK_PRIORITY_DEFAULT,
        };
        static const unsigned int places[] = { 2, 4, 1, 3 };
        struct task_struct *tasks[ARRAY_SIZE(priorities)];
        struct runner runners[ARRAY_SIZE(priorities)];
        unsigned int next_place = 0;

        for (unsigned int index = 0; index < ARRAY_SIZE(priorities); index++) {
                tasks[index] = runner_make(&runners[index], &next_place, priorities[index]);
                REQUIRE(tasks[index]);
        }
        preempt_disable();
        for (unsigned int index = 0; index < ARRAY_SIZE(priorities); index++)
                wake_up_process(tasks[index]);
        preempt_enable();
        for (unsigned int index = 0; index < ARRAY_SIZE(priorities); index++)
                runner_finish(tasks[index]);
        for (unsigned int index = 0; index < ARRAY_SIZE(priorities); index++)
                EXPECT_EQ(runners[index].place, places[index]);
}

TEST(scheduling, the_tick_shares_a_cpu_among_equals)
{
        struct hog first, second;
        unsigned int cpu = num_online_cpus() - 1;

        REQUIRE(hog_start(&first, cpu, TASK_PRIORITY_DEFAULT));
        REQUIRE(hog_start(&second, cpu, TASK_PRIORITY_DEFAULT));
        EXPECT(grows(&first.count));
        EXPECT(grows(&second.count));
        EXPECT(grows(&first.count));
        EXPECT_EQ(first.task->cpu, cpu);
        EXPECT_EQ(second.task->cpu, cpu);
        kthread_stop(first.task);
        kthread_stop(second.task);
}

/* How many hogs have a CPU at this moment. */
static unsigned int running_count(const struct hog *hogs, unsigned int count)
{
        unsigned int running = 0;

        for (unsigned int index = 0; index < count; index++)
                if (READ_ONCE(hogs[index].task->is_on_cpu))
                        running++;
        return running;
}

/*
 * Guards BALANCE-1: with as many hogs as CPUs, all CPUs but that of this test have one each, and
 * the last hog waits for this one.
 */
TEST(scheduling, no_cpu_idles_while_work_waits)
{
        static struct hog hogs[NR_CPUS];
        unsigned int count = num_online_cpus();
        unsigned int running = 0;

        if (count == 1)
                SKIP("this machine has one CPU");
        for (unsigned int index = 0; index < count; index++)
                REQUIRE(hog_start(&hogs[index], NR_CPUS, TASK_PRIORITY_DEFAULT));
        for (unsigned int tick = 0; tick < PATIENCE_TICKS && running < count - 1; tick++) {
                running = running_count(hogs, count);
                schedule_timeout_uninterruptible(1);
        }
        EXPECT(running >= count - 1);
        for (unsigned int index = 0; index < count; index++)
                kthread_stop(hogs[index].task);
}

/* The set of one CPU. */
static struct cpumask only(unsigned int cpu)
{
        struct cpumask mask;

        cpumask_clear(&mask);
        cpumask_set_cpu(cpu, &mask);
        return mask;
}

/* Guards SCHED-1: a task that may not stay moves, whether it runs or waits. */
TEST(scheduling, a_running_task_moves_when_it_may_not_stay)
{
        unsigned int last = num_online_cpus() - 1;
        struct cpumask mask = only(last);
        struct hog mover;

        if (!last)
                SKIP("this machine has one CPU");
        REQUIRE(hog_start(&mover, 0, TASK_PRIORITY_DEFAULT));
        for (unsigned int round = 0; round < 20; round++) {
                unsigned int cpu = round % (last + 1);

                mask = only(cpu);
                EXPECT(set_cpus_allowed(mover.task, &mask));
                for (unsigned int tick = 0; tick < PATIENCE_TICKS; tick++) {
                        if (READ_ONCE(mover.task->cpu) == cpu)
                                break;
                        schedule_timeout_uninterruptible(1);
                }
                EXPECT_EQ(READ_ONCE(mover.task->cpu), cpu);
        }
        EXPECT(grows(&mover.count));
        kthread_stop(mover.task);
}

TEST(scheduling, a_set_without_online_cpus_is_refused)
{
        struct cpumask mask;
        struct cpumask before = current->cpus_allowed;

        cpumask_clear(&mask);
        EXPECT(!set_cpus_allowed(current, &mask));
        if (num_online_cpus() < NR_CPUS) {
                mask = only(NR_CPUS - 1);
                EXPECT(!set_cpus_allowed(current, &mask));
        }
        EXPECT(cpumask_equal(&before, &current->cpus_allowed));
}

/* The task itself asks to be elsewhere: when the call returns, it is. */
TEST(scheduling, current_moves_before_the_call_returns)
{
        struct cpumask before = current->cpus_allowed;
        unsigned int cpu;

        for_each_online_cpu(cpu) {
                struct cpumask mask = only(cpu);

                EXPECT(set_cpus_allowed(current, &mask));
                EXPECT_EQ(smp_processor_id(), cpu);
        }
        EXPECT(set_cpus_allowed(current, &before));
}

/* Guards SCHED-2: two tasks that wake each other, as fast as they can, never both sleep. */
struct player {
        struct task_struct *volatile other;
        unsigned long count;
        bool is_turn;
};

/* Wait for one's turn, take it, and give it to the other. */
static int play(void *data)
{
        struct player *self = data;

        while (!kthread_should_stop()) {
                set_current_state(TASK_UNINTERRUPTIBLE);
                if (!READ_ONCE(self->is_turn) && !kthread_should_stop())
                        schedule();
                set_current_state(TASK_RUNNING);
                if (!READ_ONCE(self->is_turn))
                        continue;
                WRITE_ONCE(self->is_turn, false);
                WRITE_ONCE(self->count, self->count + 1);

                struct player *other = self->other->data;

                WRITE_ONCE(other->is_turn, true);
                wake_up_process(self->other);
        }
        return 0;
}

TEST(scheduling, no_wake_up_is_lost)
{
        struct player first = { .is_turn = true }, second = { .is_turn = false };
        struct task_struct *a = kthread_create(play, &first, "player");
        struct task_struct *b = kthread_create(play, &second, "player");

        REQUIRE(a && b);
        first.other = b;
        second.other = a;
        wake_up_process(a);
        wake_up_process(b);
        for (unsigned int round = 0; round < 10; round++)
                EXPECT(grows(&second.count));
        get_task_struct(a);
        get_task_struct(b);
        kthread_stop(a);
        kthread_stop(b);
        put_task_struct(a);
        put_task_struct(b);
}
