/* Per-CPU blocks and variables: what is handed out, what it is worth, and what is refused. */
#include "mm/percpu/percpu.h"

#include "lib/bits.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/fail.h"
#include "mm/percpu/area.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

static DEFINE_PER_CPU(unsigned long, count);
static DEFINE_PER_CPU(u64, wide) = 5;
static DEFINE_PER_CPU(void *, pointer);
static DEFINE_PER_CPU(int[4], array);
static DEFINE_PER_CPU(struct { int a; int b; }, pair) = { 1, 2 };

TEST(percpu, get_cpu_var_is_the_variable_of_this_cpu)
{
        machine_boot_percpu(64 * MIB, 1);
        for (host_cpu = 0; host_cpu < NR_CPUS; host_cpu++) {
                EXPECT_EQ(preempt_count(), 0);
                get_cpu_var(count) += 10 + host_cpu;
                EXPECT_EQ(preempt_count(), 1);
                put_cpu_var(count);
                EXPECT_EQ(preempt_count(), 0);
                get_cpu_var(pair).b = (int)host_cpu;
                put_cpu_var(pair);
                get_cpu_var(array)[3] = 30;
                put_cpu_var(array);
        }
        host_cpu = 0;
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                EXPECT_EQ(per_cpu(count, cpu), 10 + cpu);
                EXPECT_EQ(per_cpu(pair, cpu).b, (int)cpu);
                EXPECT_EQ(per_cpu(array, cpu)[3], 30);
                EXPECT_EQ(per_cpu(array, cpu)[0], 0);
        }
}

/* A variable that is a pointer is itself; what alloc_percpu() gave is this CPU's block. */
TEST(percpu, get_cpu_var_tells_pointers_apart)
{
        machine_boot_percpu(64 * MIB, 1);
        void *block = alloc_percpu(unsigned long);
        unsigned long *own, *typed = alloc_percpu(unsigned long);

        REQUIRE(block && typed);
        host_cpu = 2;
        own = get_cpu_var(block);
        EXPECT(own == per_cpu_ptr(block, 2));
        EXPECT_EQ(preempt_count(), 1);
        *own = 9;
        put_cpu_var(block);
        EXPECT_EQ(preempt_count(), 0);
        EXPECT(get_cpu_var(typed) == per_cpu_ptr(typed, 2));
        put_cpu_var(typed);
        get_cpu_var(pointer) = &own;
        put_cpu_var(pointer);
        host_cpu = 0;
        EXPECT(per_cpu(pointer, 2) == &own);
        EXPECT(!per_cpu(pointer, 0));
        EXPECT_EQ(*(unsigned long *)per_cpu_ptr(block, 2), 9);
        EXPECT_EQ(*(unsigned long *)per_cpu_ptr(block, 1), 0);
        free_percpu(block);
        free_percpu(typed);
}

TEST(percpu, get_cpu_and_get_cpu_ptr_pair_with_put)
{
        machine_boot_percpu(64 * MIB, 1);
        u64 *block = alloc_percpu(u64);

        host_cpu = 3;
        EXPECT_EQ(get_cpu(), 3);
        EXPECT_EQ(preempt_count(), 1);
        put_cpu();
        *get_cpu_ptr(block) += 4;
        EXPECT_EQ(preempt_count(), 1);
        put_cpu_ptr(block);
        EXPECT_EQ(preempt_count(), 0);
        this_cpu_inc(*block);
        this_cpu_add(*block, 1ull << 40);
        this_cpu_add(wide, 1ull << 33);
        EXPECT_EQ(this_cpu_read(wide), 5 + (1ull << 33));
        host_cpu = 0;
        EXPECT_EQ(*per_cpu_ptr(block, 3), 5 + (1ull << 40));
        EXPECT_EQ(*per_cpu_ptr(block, 0), 0);
        free_percpu(block);
}

/* Every size with every alignment: aligned, zeroed for every CPU, and nobody else's. */
TEST(percpu, all_sizes_and_alignments)
{
        machine_boot_percpu(64 * MIB, 1);
        for (size_t align = 1; align <= PAGE_SIZE; align *= 2)
                for (size_t size = 1; size <= PAGE_SIZE; size += size < 300 ? 1 : 333) {
                        void *block = __alloc_percpu(size, align);
                        void *other = __alloc_percpu(size, align);

                        REQUIRE(block && other && block != other);
                        EXPECT(IS_ALIGNED((unsigned long)block, align));
                        EXPECT(IS_ALIGNED((unsigned long)per_cpu_ptr(block, 3), align));
                        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                                EXPECT(!memchr_inv(per_cpu_ptr(block, cpu), 0, size));
                                memset(per_cpu_ptr(block, cpu), 0xA0 + (int)cpu, size);
                                EXPECT(!memchr_inv(per_cpu_ptr(other, cpu), 0, size));
                        }
                        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                                EXPECT(!memchr_inv(per_cpu_ptr(block, cpu), 0xA0 + (int)cpu, size));
                        free_percpu(block);
                        free_percpu(other);
                }
        mm_check();
        EXPECT_EQ(percpu_usage().block_count, 0);
}

TEST(percpu, impossible_requests_are_reported)
{
        machine_boot_percpu(64 * MIB, 1);
        EXPECT_BUG(EXPECT(!__alloc_percpu(0, 4)), "percpu-bad-request: size 0");
        EXPECT_BUG(EXPECT(!__alloc_percpu(PAGE_SIZE + 1, 4)), "percpu-bad-request: size 4097");
        EXPECT_BUG(EXPECT(!__alloc_percpu(SIZE_MAX, 4)), "percpu-bad-request");
        EXPECT_BUG(EXPECT(!__alloc_percpu(4, 0)), "percpu-bad-request: size 4, alignment 0");
        EXPECT_BUG(EXPECT(!__alloc_percpu(4, 3)), "percpu-bad-request: size 4, alignment 3");
        EXPECT_BUG(EXPECT(!__alloc_percpu(4, 2 * PAGE_SIZE)), "percpu-bad-request");
        EXPECT_EQ(percpu_usage().unit_page_count, 0);
}

TEST(percpu, bad_frees_are_reported_and_do_nothing)
{
        static int ordinary;

        machine_boot_percpu(64 * MIB, 1);
        char *block = __alloc_percpu(48, 16), *odd = __alloc_percpu(1344, 64);

        free_percpu(NULL);
        EXPECT_BUG(free_percpu(block + 1), "percpu-bad-free: free_percpu of no block's start");
        EXPECT_BUG(free_percpu(block + 16), "percpu-bad-free");
        EXPECT_BUG(free_percpu(block + 48), "percpu-double-free");
        EXPECT_BUG(free_percpu(odd + 3 * 1344), "percpu-bad-free");
        EXPECT_BUG(free_percpu(&count), "percpu-bad-free: free_percpu of a static variable");
        EXPECT_BUG(free_percpu(per_cpu_ptr(block, 1)), "percpu-bad-free");
        EXPECT_BUG(free_percpu(&ordinary), "percpu-bad-free");
        EXPECT_BUG(free_percpu((void *)~0ul), "percpu-bad-free");
        EXPECT_EQ(percpu_usage().block_count, 2);
        free_percpu(block);
        EXPECT_BUG(free_percpu(block), "percpu-double-free: free_percpu of a free block");
        percpu_trim();
        EXPECT_BUG(free_percpu(block), "percpu-bad-free");
        free_percpu(odd);
        mm_check();
}

/* Trimming gives every page back, and only those without a block. */
TEST(percpu, trim_gives_empty_pages_back)
{
        void *blocks[300];

        machine_boot_percpu(64 * MIB, 1);
        drain_all_pages();
        unsigned long free = nr_free_pages(), pages = percpu_usage().page_count;

        for (unsigned int index = 0; index < ARRAY_SIZE(blocks); index++)
                REQUIRE(blocks[index] = __alloc_percpu(1024, 8));
        EXPECT_EQ(percpu_usage().block_count, 300);
        EXPECT_EQ(percpu_usage().block_bytes, 300 * 1024);
        EXPECT_EQ(percpu_usage().unit_page_count, 75);
        EXPECT_EQ(percpu_usage().page_count, pages + 75 * NR_CPUS + 3);
        EXPECT_EQ(percpu_trim(), 0);
        for (unsigned int index = 1; index < ARRAY_SIZE(blocks); index++)
                free_percpu(blocks[index]);
        mm_check();
        EXPECT_EQ(percpu_trim(), 74 * NR_CPUS);
        mm_check();
        EXPECT(!memchr_inv(per_cpu_ptr(blocks[0], 3), 0, 1024));
        free_percpu(blocks[0]);
        EXPECT_EQ(percpu_trim(), NR_CPUS);
        EXPECT_EQ(percpu_trim(), 0);
        EXPECT_EQ(percpu_usage().page_count, pages);
        drain_all_pages();
        EXPECT_EQ(nr_free_pages(), free);
        EXPECT(mmu_faults((unsigned long)per_cpu_ptr(blocks[0], 1), false));
}

/* A freed block comes back filled with zeros again, whatever was in it. */
TEST(percpu, reused_blocks_are_zeroed)
{
        machine_boot_percpu(64 * MIB, 1);
        for (unsigned int round = 0; round < 2000; round++) {
                u64 *block = alloc_percpu(u64);

                REQUIRE(block);
                for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                        EXPECT_EQ(*per_cpu_ptr(block, cpu), 0);
                        *per_cpu_ptr(block, cpu) = ~0ull;
                }
                free_percpu(block);
        }
        EXPECT_EQ(percpu_usage().unit_page_count, 1);
}

/* Whichever page cannot be had: NULL, nothing lost, and the next attempt succeeds. */
TEST(percpu, every_failure_is_undone)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build fails on purpose");
        machine_boot_percpu(64 * MIB, 1);
        drain_all_pages();
        unsigned long free = nr_free_pages();

        for (unsigned long spared = 0; spared <= NR_CPUS; spared++) {
                fail_page_alloc_attributes = (struct fail_attributes){ 100, 1, spared, 0, 0 };
                EXPECT(!alloc_percpu(u64));
                fail_page_alloc_attributes.probability_percent = 0;
                mm_check();
                drain_all_pages();
                EXPECT_EQ(nr_free_pages(), free);
        }
        fail_page_alloc_attributes = (struct fail_attributes){ 100, 1, NR_CPUS + 1, 0, 0 };
        void *block = alloc_percpu(u64);

        EXPECT(block);
        free_percpu(block);
        EXPECT(alloc_percpu(u64) == block);
        fail_page_alloc_attributes.probability_percent = 0;
}

/* When the units are full there is no more, and all of it comes back. */
TEST(percpu, full_units_return_null)
{
        static void *blocks[1024];
        unsigned int block_count = 0;

        machine_boot_percpu(64 * MIB, 1);
        struct percpu_pages pages = percpu_area_pages();

        while ((blocks[block_count] = __alloc_percpu(PAGE_SIZE, PAGE_SIZE)))
                block_count++;
        EXPECT_EQ(block_count, pages.end - pages.first);
        EXPECT(!alloc_percpu(u8));
        mm_check();
        free_percpu(blocks[500]);
        EXPECT(!alloc_percpu(u8));
        percpu_trim();
        blocks[500] = alloc_percpu(u8);
        EXPECT(blocks[500]);
        while (block_count)
                free_percpu(blocks[--block_count]);
        percpu_trim();
        mm_check();
        EXPECT_EQ(percpu_usage().unit_page_count, 0);
}

/* Allocation may sleep, freeing may not have to. */
TEST(percpu, contexts)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build checks contexts");
        machine_boot_percpu(64 * MIB, 1);
        void *block = alloc_percpu(u64);

        preempt_disable();
        EXPECT_BUG(free_percpu(alloc_percpu(u64)), "sleep-in-atomic");
        free_percpu(block);
        preempt_enable();
        EXPECT_EQ(percpu_usage().block_count, 0);
}
