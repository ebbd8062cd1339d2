/* test_time_timers_smp.c - timers that CPUs set, move and delete for each other. */
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/smp.h"
#include "kernel/sync/schedule.h"
#include "kernel/time/sleep.h"
#include "kernel/time/timer.h"
#include "lib/random.h"
#include "tests/self/time_tools.h"

#define SHARED 8u
#define STORM_TURNS 400u

/* A timer that all CPUs play with. */
struct shared {
        struct timer_list timer;
        atomic_t inside;                /* CPUs in its function */
};

static struct shared shared[SHARED];
static struct timer_list per_cpu_timers[NR_CPUS];
static atomic_t run_count, wrong_count;

/* Count a call on the right CPU. */
static void note_cpu(unsigned long data)
{
        if (smp_processor_id() != data || time_before(jiffies, per_cpu_timers[data].expires))
                atomic_inc(&wrong_count);
        atomic_inc(&run_count);
}

/* TIMER-1, TIMER-2: on each CPU, whoever set it. */
TEST(timers, of_other_cpus_run_there)
{
        unsigned int cpu;

        atomic_set(&run_count, 0);
        atomic_set(&wrong_count, 0);
        for_each_online_cpu(cpu) {
                setup_timer(&per_cpu_timers[cpu], note_cpu, cpu);
                per_cpu_timers[cpu].expires = jiffies + 2 + cpu % 3;
                add_timer_on(&per_cpu_timers[cpu], cpu);
        }
        timer_check();
        EXPECT(wait_for_count(&run_count, (s32)num_online_cpus()));
        EXPECT_EQ(atomic_read(&wrong_count), 0);
        for_each_online_cpu(cpu)
                EXPECT(!del_timer_sync(&per_cpu_timers[cpu]));
}

/* TIMER-3: nobody else is in the function of this timer. Some set themselves again. */
static void exclude(unsigned long data)
{
        struct shared *own = &shared[data];

        atomic_inc(&own->inside);
        for (unsigned int turn = 0; turn < 30; turn++) {
                if (atomic_read(&own->inside) != 1)
                        atomic_inc(&wrong_count);
                cpu_relax();
        }
        atomic_dec_and_test(&own->inside);
        atomic_inc(&run_count);
        if (data % 2)
                mod_timer(&own->timer, jiffies + 1);
}

/* Set, move and delete at random. When del_timer_sync() returns, the function is over. */
static int storm(void *data)
{
        struct random random;

        random_seed(&random, *(const u64 *)data * NR_CPUS + smp_processor_id());
        for (unsigned int turn = 0; turn < STORM_TURNS; turn++) {
                struct shared *target = &shared[random_below(&random, SHARED)];
                unsigned int way = random_below(&random, 16);

                if (way == 0)
                        schedule_timeout_uninterruptible(1);
                else if (way < 4)
                        del_timer(&target->timer);
                else if (way < 7)
                        del_timer_sync(&target->timer);
                else
                        mod_timer(&target->timer, jiffies + random_below(&random, 4));
                if (way == 15)
                        timer_check();
        }
        return 1;
}

/* TIMER-1, TIMER-3 while all CPUs move the same timers to and fro. */
TEST(timers, storm_from_all_cpus)
{
        static struct crew crew;

        atomic_set(&run_count, 0);
        atomic_set(&wrong_count, 0);
        for (unsigned int index = 0; index < SHARED; index++) {
                atomic_set(&shared[index].inside, 0);
                setup_timer(&shared[index].timer, exclude, index);
        }
        crew_start(test, &crew, storm, &test->seed);
        crew_wait(&crew);
        EXPECT_EQ(crew_stop(&crew), (int)num_online_cpus());
        timer_check();
        for (unsigned int index = 0; index < SHARED; index++) {
                del_timer_sync(&shared[index].timer);
                EXPECT(!timer_pending(&shared[index].timer));
                EXPECT_EQ(atomic_read(&shared[index].inside), 0);
        }
        EXPECT(atomic_read(&run_count) > 0);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
}

static struct timer_list slow;
static atomic_t slow_begun, slow_ended;
static bool slow_may_end;

/* A function that takes until it is told to end. */
static void be_slow(unsigned long data __unused)
{
        atomic_inc(&slow_begun);
        while (!READ_ONCE(slow_may_end))
                cpu_relax();
        atomic_inc(&slow_ended);
}

/* Delete the slow timer for good, and look whether it is over then. */
static int delete_slow(void *data)
{
        atomic_inc(data);
        del_timer_sync(&slow);
        return atomic_read(&slow_ended);
}

/* The two CPUs of the next test. */
static bool find_two_cpus(unsigned int *first, unsigned int *second)
{
        unsigned int here = smp_processor_id();
        unsigned int cpu, found = 0;

        for_each_online_cpu(cpu)
                if (cpu != here && found < 2)
                        *(found++ ? second : first) = cpu;
        return found == 2;
}

/* TIMER-3: del_timer_sync() waits for a function that runs elsewhere. */
TEST(timers, deleting_waits_for_the_function)
{
        unsigned int timer_cpu, deleter_cpu;
        atomic_t deleting = { 0 };

        if (!find_two_cpus(&timer_cpu, &deleter_cpu))
                SKIP("takes three CPUs");
        atomic_set(&slow_begun, 0);
        atomic_set(&slow_ended, 0);
        WRITE_ONCE(slow_may_end, false);
        setup_timer(&slow, be_slow, 0);
        slow.expires = jiffies + 1;
        add_timer_on(&slow, timer_cpu);
        EXPECT(wait_for_count(&slow_begun, 1));
        EXPECT_EQ(try_to_del_timer_sync(&slow), -1);
        EXPECT(!del_timer(&slow));

        struct task_struct *task = kthread_create(delete_slow, &deleting, "deleter");

        if (task) {
                get_task_struct(task);
                kthread_bind(task, deleter_cpu);
                wake_up_process(task);
                EXPECT(wait_for_count(&deleting, 1));
                msleep(20);
        }
        WRITE_ONCE(slow_may_end, true);
        REQUIRE(task);
        EXPECT_EQ(kthread_stop(task), 1);
        put_task_struct(task);
}
