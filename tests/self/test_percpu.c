/* test_percpu.c - per-CPU data on the machine itself: through %fs, with threads, from handlers. */
#include "kernel/cpu/address.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/sync/context.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "lib/bug_expect.h"
#include "lib/random.h"
#include "lib/test.h"
#include "mm/percpu/percpu.h"

#define STORM_BLOCKS 200u
#define STORM_STEPS 4000u
#define STORM_THREADS 4u
#define RACE_ROUNDS 20000u

static DEFINE_PER_CPU(u8, narrow) = 3;
static DEFINE_PER_CPU(u16, medium) = 300;
static DEFINE_PER_CPU(unsigned long, count) = 7;
static DEFINE_PER_CPU(u64, wide) = 1ull << 40;
static DEFINE_PER_CPU(void *, pointer);
static DEFINE_PER_CPU(unsigned long, raced);

TEST(percpu, operations_on_every_size)
{
        unsigned long flags = local_irq_save();

        this_cpu_inc(narrow);
        this_cpu_add(medium, 700);
        this_cpu_sub(count, 2);
        this_cpu_add(wide, 1);
        EXPECT_EQ(this_cpu_read(narrow), 4);
        EXPECT_EQ(this_cpu_read(medium), 1000);
        EXPECT_EQ(this_cpu_cmpxchg(count, 5, 9), 5);
        EXPECT_EQ(this_cpu_cmpxchg(count, 5, 1), 9);
        EXPECT_EQ(this_cpu_xchg(count, 7), 9);
        EXPECT_EQ(this_cpu_read(wide), (1ull << 40) + 1);
        EXPECT_EQ(per_cpu(wide, smp_processor_id()), (1ull << 40) + 1);
        this_cpu_write(narrow, 3);
        this_cpu_write(medium, 300);
        this_cpu_dec(wide);
        EXPECT_EQ(this_cpu_read(count), 7);
        local_irq_restore(flags);
}

/* Each CPU's copies are its own, static and allocated ones. */
TEST(percpu, copies_are_independent)
{
        u32 *block = alloc_percpu(u32);
        unsigned int cpu;

        REQUIRE(block);
        for_each_possible_cpu(cpu) {
                EXPECT_EQ(*per_cpu_ptr(block, cpu), 0);
                EXPECT_EQ(per_cpu(medium, cpu), 300);
                EXPECT_EQ(per_cpu(cpu_number, cpu), cpu);
                *per_cpu_ptr(block, cpu) = cpu + 1;
        }
        for_each_possible_cpu(cpu)
                EXPECT_EQ(*per_cpu_ptr(block, cpu), cpu + 1);
        cpu = get_cpu();
        EXPECT_EQ(this_cpu_read(*block), cpu + 1);
        put_cpu();
        free_percpu(block);
}

/* The notes' own example, and beside it a variable whose type is a pointer. */
TEST(percpu, the_form_of_the_notes)
{
        void *percpu_ptr;
        unsigned long *foo;

        percpu_ptr = alloc_percpu(unsigned long);
        REQUIRE(percpu_ptr);
        foo = get_cpu_var(percpu_ptr);
        EXPECT_EQ(preempt_count() & PREEMPT_COUNT_MASK, 1);
        EXPECT(foo == per_cpu_ptr(percpu_ptr, smp_processor_id()));
        *foo = 11;
        put_cpu_var(percpu_ptr);
        EXPECT_EQ(preempt_count(), 0);
        get_cpu_var(pointer) = foo;
        EXPECT(this_cpu_read(pointer) == foo);
        get_cpu_var(pointer) = NULL;
        put_cpu_var(pointer);
        put_cpu_var(pointer);
        get_cpu_var(count)++;
        EXPECT_EQ(this_cpu_read(count), 8);
        this_cpu_dec(count);
        put_cpu_var(count);
        free_percpu(percpu_ptr);
}

/* While a copy is in use the task may not sleep. */
TEST(percpu, sleeping_with_a_copy_in_use_is_reported)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build checks contexts");
        get_cpu_var(count)++;
        bug_expect_begin();
        might_sleep();
        EXPECT(bug_expect_end("sleep-in-atomic", NULL));
        get_cpu_var(count)--;
        put_cpu_var(count);
        put_cpu_var(count);
}

TEST(percpu, bad_frees_are_reported)
{
        char *block = __alloc_percpu(64, 64);

        REQUIRE(block);
        bug_expect_begin();
        free_percpu(block + 4);
        EXPECT(bug_expect_end("percpu-bad-free", "no block's start"));
        bug_expect_begin();
        free_percpu(&count);
        EXPECT(bug_expect_end("percpu-bad-free", "static variable"));
        free_percpu(block);
        bug_expect_begin();
        free_percpu(block);
        EXPECT(bug_expect_end("percpu-double-free", NULL));
        bug_expect_begin();
        EXPECT(!__alloc_percpu(PAGE_SIZE + 1, 8));
        EXPECT(bug_expect_end("percpu-bad-request", NULL));
}

/* One of the threads that allocate and free at random; data is its seed. */
static int storm(void *data)
{
        static char *blocks[STORM_THREADS][STORM_BLOCKS];
        u64 number = *(u64 *)data;
        char **own = blocks[number % STORM_THREADS];
        struct random random;
        int failures = 0;

        random_seed(&random, number);
        for (unsigned int step = 0; step < STORM_STEPS; step++) {
                char **place = &own[random_below(&random, STORM_BLOCKS)];

                if (*place) {
                        failures += *per_cpu_ptr(*place, 0) != (char)number;
                        free_percpu(*place);
                        *place = NULL;
                        continue;
                }
                *place = __alloc_percpu(1 + random_below(&random, 400), 8);
                if (*place)
                        *per_cpu_ptr(*place, 0) = (char)number;
                else
                        failures++;
        }
        for (unsigned int index = 0; index < STORM_BLOCKS; index++) {
                free_percpu(own[index]);
                own[index] = NULL;
        }
        return failures;
}

/* Threads on all CPUs allocate and free; in the end every page is back. */
TEST(percpu, storm_of_threads)
{
        struct task_struct *tasks[STORM_THREADS];
        u64 numbers[STORM_THREADS];

        for (unsigned int index = 0; index < STORM_THREADS; index++) {
                numbers[index] = test->seed * STORM_THREADS + index;
                tasks[index] = kthread_create(storm, &numbers[index], "storm/%u", index);
                REQUIRE(tasks[index]);
                get_task_struct(tasks[index]);
                wake_up_process(tasks[index]);
        }
        for (unsigned int index = 0; index < STORM_THREADS; index++) {
                wait_for_completion(&tasks[index]->exited);
                EXPECT_EQ(kthread_stop(tasks[index]), 0);
                put_task_struct(tasks[index]);
        }
        percpu_check();
        EXPECT_EQ(percpu_usage().block_count, 0);
}

/* Raise this CPU's count by a read, a look away and a write, with get_cpu() around. */
static int add_slowly(void *data __unused)
{
        for (unsigned int round = 0; round < RACE_ROUNDS; round++) {
                unsigned long *own = &per_cpu(raced, get_cpu());
                unsigned long value = READ_ONCE(*own);

                barrier();
                WRITE_ONCE(*own, value + 1);
                put_cpu();
        }
        return 0;
}

/* Between get_cpu() and put_cpu() no other task of this CPU runs: no addition is lost. */
TEST(percpu, get_cpu_prevents_preemption)
{
        struct task_struct *tasks[2];
        unsigned long before = 0, after = 0;
        unsigned int cpu;

        for_each_possible_cpu(cpu)
                before += per_cpu(raced, cpu);
        for (unsigned int index = 0; index < ARRAY_SIZE(tasks); index++) {
                tasks[index] = kthread_create(add_slowly, NULL, "adder/%u", index);
                REQUIRE(tasks[index]);
                get_task_struct(tasks[index]);
                wake_up_process(tasks[index]);
        }
        for (unsigned int index = 0; index < ARRAY_SIZE(tasks); index++) {
                wait_for_completion(&tasks[index]->exited);
                kthread_stop(tasks[index]);
                put_task_struct(tasks[index]);
        }
        for_each_possible_cpu(cpu)
                after += per_cpu(raced, cpu);
        EXPECT_EQ(after - before, ARRAY_SIZE(tasks) * RACE_ROUNDS);
}
