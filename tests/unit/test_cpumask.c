/* test_cpumask.c - sets of CPUs, as far as four of them can show. */
#include "kernel/cpu/cpumask.h"
#include "lib/test.h"

TEST(cpumask, set_and_clear)
{
        struct cpumask mask;

        cpumask_clear(&mask);
        EXPECT(cpumask_empty(&mask));
        EXPECT(!cpumask_test_and_set_cpu(2, &mask));
        EXPECT(cpumask_test_and_set_cpu(2, &mask));
        cpumask_set_cpu(0, &mask);
        EXPECT_EQ(cpumask_weight(&mask), 2);
        EXPECT(cpumask_test_cpu(2, &mask));
        EXPECT(!cpumask_test_cpu(1, &mask));
        EXPECT(cpumask_test_and_clear_cpu(2, &mask));
        EXPECT(!cpumask_test_and_clear_cpu(2, &mask));
        cpumask_clear_cpu(0, &mask);
        EXPECT(cpumask_empty(&mask));
}

TEST(cpumask, walk)
{
        struct cpumask mask;
        unsigned int cpu, sum = 0, count = 0;

        cpumask_clear(&mask);
        EXPECT(cpumask_first(&mask) >= NR_CPUS);
        cpumask_set_cpu(1, &mask);
        cpumask_set_cpu(3, &mask);
        EXPECT_EQ(cpumask_first(&mask), 1);
        EXPECT_EQ(cpumask_next(1, &mask), 3);
        EXPECT(cpumask_next(3, &mask) >= NR_CPUS);
        for_each_cpu(cpu, &mask) {
                sum += cpu;
                count++;
        }
        EXPECT_EQ(sum, 4);
        EXPECT_EQ(count, 2);
}

TEST(cpumask, combine)
{
        struct cpumask all, one, result;

        cpumask_setall(&all);
        EXPECT_EQ(cpumask_weight(&all), nr_cpu_ids);
        cpumask_clear(&one);
        cpumask_set_cpu(2, &one);
        cpumask_andnot(&result, &all, &one);
        EXPECT_EQ(cpumask_weight(&result), nr_cpu_ids - 1);
        EXPECT(!cpumask_intersects(&result, &one));
        cpumask_or(&result, &result, &one);
        EXPECT(cpumask_equal(&result, &all));
        cpumask_and(&result, &all, &one);
        EXPECT(cpumask_equal(&result, &one));
}

TEST(cpumask, online)
{
        EXPECT(cpu_online(0));
        EXPECT(!cpu_online(NR_CPUS));
        EXPECT_EQ(num_online_cpus(), NR_CPUS);
}
