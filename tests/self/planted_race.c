/*
 * planted_race.c - races planted for whatever looks for races; see tests/system/explore.
 *
 * Two threads add 1 to the same counter, so many times each. It is done in steps: read, add, write.
 * Who is interrupted in between, while the other adds, writes an old number back, and an increment
 * is lost. That takes an interrupt at one of three instructions out of some hundred: whether it
 * happens is up to the rate of ticks, to the time an instruction takes, and to the seed.
 *
 * The same with the counter guarded loses nothing, however the interrupts come.
 *
 * They run only when they are named: test=planted.race_on_one_cpu.
 */
#include "kernel/cpu/cpumask.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/spinlock.h"
#include "kernel/task/kthread.h"
#include "lib/random.h"
#include "lib/test.h"
#include "mm/percpu/percpu.h"

#define ROUNDS 8000u
#define PAUSE_LEAST 30u
#define PAUSE_MOST 150u

/* How 1 is added: to this CPU's own counter or to the common one, guarded or not. */
enum way { TO_OWN, TO_OWN_WITH_GET_CPU, TO_COMMON, TO_COMMON_WITH_LOCK };

/* One of the two threads. */
struct racer {
        enum way way;
        struct random random;
};

static DEFINE_PER_CPU(unsigned int, own_count);
static unsigned int common_count;
static DEFINE_SPINLOCK(race_lock);

/* Add 1 as the compiler does for a machine that cannot do it in memory. */
static void add_in_steps(unsigned int *counter)
{
        unsigned int value = READ_ONCE(*counter);

        __asm__ volatile("incl %0" : "+r"(value) : : "cc");
        WRITE_ONCE(*counter, value);
}

/* Add 1 in one of the ways. */
static void add_one(enum way way)
{
        switch (way) {
        case TO_OWN:
                add_in_steps(this_cpu_ptr(&own_count));
                break;
        case TO_OWN_WITH_GET_CPU:
                add_in_steps(&get_cpu_var(own_count));
                put_cpu_var(own_count);
                break;
        case TO_COMMON:
                add_in_steps(&common_count);
                break;
        case TO_COMMON_WITH_LOCK:
                spin_lock(&race_lock);
                add_in_steps(&common_count);
                spin_unlock(&race_lock);
                break;
        }
}

/* Let some instructions go by; at the end, an emulator of one thread lets another CPU run. */
static void pause_for(unsigned int count)
{
        while (count--)
                __asm__ volatile("");
        cpu_relax();
}

/* A thread: add, and pause for a random time. */
static int race(void *data)
{
        struct racer *racer = data;

        for (unsigned int round = 0; round < ROUNDS; round++) {
                add_one(racer->way);
                pause_for(random_between(&racer->random, PAUSE_LEAST, PAUSE_MOST));
        }
        return 0;
}

/* Start a thread on a CPU; the caller holds it. */
static struct task_struct *start(struct racer *racer, unsigned int cpu)
{
        struct task_struct *task = kthread_create(race, racer, "racer");

        if (!task)
                return NULL;
        kthread_bind(task, cpu);
        get_task_struct(task);
        wake_up_process(task);
        return task;
}

/* Let a thread on each of two CPUs, or two on one, race to their ends. */
static void run_race(struct test_state *test, enum way way, unsigned int first_cpu,
                     unsigned int second_cpu)
{
        struct racer racers[2] = { { .way = way }, { .way = way } };
        struct task_struct *tasks[2];

        common_count = per_cpu(own_count, first_cpu) = 0;
        for (unsigned int index = 0; index < 2; index++) {
                random_seed(&racers[index].random, test->seed + index);
                tasks[index] = start(&racers[index], index ? second_cpu : first_cpu);
        }
        for (unsigned int index = 0; index < 2; index++) {
                if (tasks[index]) {
                        wait_for_completion(&tasks[index]->exited);
                        put_task_struct(tasks[index]);
                }
        }
        REQUIRE(tasks[0] && tasks[1]);
        EXPECT_EQ(common_count + per_cpu(own_count, first_cpu), 2 * ROUNDS);
}

/* Another CPU than the first; NR_CPUS when there is none. */
static unsigned int other_cpu(void)
{
        return cpumask_next(0, cpu_online_mask);
}

TEST(planted, race_on_one_cpu)
{
        run_race(test, TO_OWN, 0, 0);
}

TEST(planted, race_on_one_cpu_with_get_cpu)
{
        run_race(test, TO_OWN_WITH_GET_CPU, 0, 0);
}

TEST(planted, race_on_two_cpus)
{
        if (other_cpu() >= NR_CPUS)
                SKIP("one CPU");
        run_race(test, TO_COMMON, 0, other_cpu());
}

TEST(planted, race_on_two_cpus_with_lock)
{
        if (other_cpu() >= NR_CPUS)
                SKIP("one CPU");
        run_race(test, TO_COMMON_WITH_LOCK, 0, other_cpu());
}
