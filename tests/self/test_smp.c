/*
 * test_smp.c - calls from CPU to CPU: CALL-1 and CALL-2 of kernel/cpu/ipi.c. On a machine with one
 * CPU only what concerns that one is left.
 */
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/smp_start.h"
#include "lib/bug_expect.h"
#include "lib/test.h"
#include "tests/self/cpu_crew.h"

/* Divided by the number of CPUs: each round of each costs a round of all. */
#define STORM_ROUNDS 240u
#define ORDERED_CALLS 100u

/* What a call has found on its CPU. */
struct finding {
        unsigned int cpu;
        unsigned int call_count;
        bool interrupts_were_off;
        bool was_in_interrupt;
};

static struct finding findings[NR_CPUS];

/* Note where a call runs. */
static void look_around(void *argument)
{
        struct finding *finding = &((struct finding *)argument)[smp_processor_id()];

        finding->cpu = smp_processor_id();
        finding->call_count++;
        finding->interrupts_were_off = irqs_disabled();
        finding->was_in_interrupt = in_hardirq();
}

/* Forget the findings. */
static void forget(void)
{
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                findings[cpu] = (struct finding){ .cpu = NR_CPUS };
}

/* How many calls have run on all CPUs. */
static unsigned int calls_seen(void)
{
        unsigned int count = 0;

        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                count += READ_ONCE(findings[cpu].call_count);
        return count;
}

TEST(smp, every_started_cpu_is_online)
{
        for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
                EXPECT_EQ(cpu_online(cpu), cpu_start_state(cpu) == CPU_ONLINE);
        EXPECT(cpu_online(smp_processor_id()));
        EXPECT(!cpu_online(nr_cpu_ids));
}

TEST(smp, a_call_runs_where_it_should)
{
        unsigned int cpu;

        for_each_online_cpu(cpu) {
                forget();
                EXPECT(smp_call_function_single(cpu, look_around, findings, true));
                EXPECT_EQ(calls_seen(), 1);
                EXPECT_EQ(findings[cpu].cpu, cpu);
                EXPECT(findings[cpu].interrupts_were_off);
        }
}

TEST(smp, other_cpus_run_calls_in_interrupt_context)
{
        unsigned int cpu;

        preempt_disable();
        forget();
        smp_call_function(look_around, findings, true);
        EXPECT_EQ(calls_seen(), num_online_cpus() - 1);
        for_each_online_cpu(cpu)
                if (cpu != smp_processor_id())
                        EXPECT(findings[cpu].was_in_interrupt);
        preempt_enable();
}

TEST(smp, a_cpu_that_is_not_there_is_not_called)
{
        forget();
        EXPECT(!smp_call_function_single(NR_CPUS, look_around, findings, true));
        if (nr_cpu_ids < NR_CPUS)
                EXPECT(!smp_call_function_single(nr_cpu_ids, look_around, findings, true));
        EXPECT_EQ(calls_seen(), 0);
}

TEST(smp, each_cpu_runs_a_call_to_all_once)
{
        unsigned int cpu;

        forget();
        on_each_cpu(look_around, findings, true);
        for_each_online_cpu(cpu)
                EXPECT_EQ(findings[cpu].call_count, 1);
        EXPECT_EQ(calls_seen(), num_online_cpus());
}

TEST(smp, a_call_to_a_set_leaves_the_others_alone)
{
        struct cpumask mask;

        preempt_disable();
        cpumask_clear(&mask);
        cpumask_set_cpu(smp_processor_id(), &mask);
        cpumask_set_cpu(cpumask_next(0, cpu_online_mask) % NR_CPUS, &mask);
        forget();
        smp_call_function_many(&mask, look_around, findings, true);
        EXPECT_EQ(findings[smp_processor_id()].call_count, 0);
        EXPECT_EQ(calls_seen(), cpumask_weight(&mask) - 1);
        preempt_enable();
}

/* The numbers that arrived, in a row. */
struct arrivals {
        unsigned int next;
        bool is_disordered;
};

static struct arrivals arrivals;

/* Note the number of a call. */
static void arrive(void *argument)
{
        if ((unsigned long)argument != arrivals.next++)
                arrivals.is_disordered = true;
}

TEST(smp, calls_that_nobody_waits_for_run_in_order)
{
        preempt_disable();
        unsigned int other = cpumask_next(smp_processor_id() ? -1 : 0, cpu_online_mask);

        if (other < NR_CPUS) {
                arrivals = (struct arrivals){ 0 };
                for (unsigned long number = 0; number < ORDERED_CALLS; number++)
                        smp_call_function_single(other, arrive, (void *)number, false);
                smp_call_function_single(other, arrive, (void *)ORDERED_CALLS, true);
                EXPECT_EQ(arrivals.next, ORDERED_CALLS + 1);
                EXPECT(!arrivals.is_disordered);
        }
        preempt_enable();
        if (other >= NR_CPUS)
                SKIP("one CPU");
}

TEST(smp, a_call_with_interrupts_off_is_reported)
{
        forget();
        bug_expect_begin();
        unsigned long flags = local_irq_save();
        smp_call_function_single(smp_processor_id(), look_around, findings, true);
        local_irq_restore(flags);
        EXPECT(bug_expect_end("smp-call-atomic", "interrupts off"));
        EXPECT_EQ(calls_seen(), 1);
}

static u32 storm_count;

/* One drop of the storm. */
static void count(void *argument __unused)
{
        __atomic_fetch_add(&storm_count, 1, __ATOMIC_RELAXED);
}

/* Call all, one, and all without waiting, again and again. Returns: the calls made. */
static unsigned long make_storm(unsigned int cpu, void *argument __unused)
{
        unsigned int round_count = STORM_ROUNDS / num_online_cpus() + 1;
        unsigned long calls = 0;

        for (unsigned int round = 0; round < round_count; round++) {
                unsigned int target = (cpu + round) % nr_cpu_ids;

                on_each_cpu(count, NULL, true);
                calls += num_online_cpus() + smp_call_function_single(target, count, NULL, true);
                on_each_cpu(count, NULL, false);
                calls += num_online_cpus();
        }
        on_each_cpu(count, NULL, true);
        return calls + num_online_cpus();
}

TEST(smp, calls_from_all_cpus_at_once)
{
        storm_count = 0;
        unsigned long calls = crew_run(make_storm, NULL);

        REQUIRE(calls != (unsigned long)-1);
        on_each_cpu(count, NULL, true);
        EXPECT_EQ(storm_count, calls + num_online_cpus());
}
