/* Per-CPU areas: every CPU has its own copy, boot copies stay where they are, shortage shrinks. */
#include "mm/percpu/area.h"

#include "lib/bits.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/fail.h"
#include "mm/percpu/percpu.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"
#include "mm/virt/pgtable.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

static DEFINE_PER_CPU(u32, number) = 77;
static DEFINE_PER_CPU(u8[3], bytes) = { 1, 2, 3 };

/* Where a CPU's unit begins. */
static unsigned long unit_of(unsigned int cpu)
{
        return PERCPU_START + cpu * (4 * MIB);
}

/* PERCPU-3. */
TEST(percpu_area, every_cpu_has_a_copy_in_its_unit)
{
        machine_boot_percpu(64 * MIB, 1);
        REQUIRE(nr_cpu_ids == NR_CPUS);
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                unsigned long address = (unsigned long)per_cpu_ptr(&number, cpu);

                EXPECT(address >= unit_of(cpu) && address < unit_of(cpu + 1));
                EXPECT_EQ(per_cpu(number, cpu), 77);
                EXPECT_EQ(per_cpu(bytes, cpu)[2], 3);
                per_cpu(number, cpu) = cpu;
        }
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                EXPECT_EQ(per_cpu(number, cpu), cpu);
        mm_check();
}

/* The pages are the same, so what was written before is there, and old addresses are good. */
TEST(percpu_area, boot_copies_are_not_copied)
{
        machine_boot_percpu(64 * MIB, 2);
        u32 *old = (u32 *)(percpu_boot_copy(1) + ((unsigned long)&number - PERCPU_TEMPLATE_START));

        EXPECT(old != per_cpu_ptr(&number, 1));
        *old = 5;
        EXPECT_EQ(per_cpu(number, 1), 5);
        per_cpu(number, 1) = 6;
        EXPECT_EQ(*old, 6);
        EXPECT(!percpu_boot_copy(2));
}

/* Whatever allocation fails, the CPUs that are left have all they need, and no page is lost. */
TEST(percpu_area, failure_leaves_cpus_out)
{
        unsigned int fewest = NR_CPUS, most = 0;

        if (!DEBUG_BUILD)
                SKIP("only the debug build fails on purpose");
        for (unsigned long spared = 0; spared < 24; spared++) {
                machine_boot_to_percpu(64 * MIB, 1);
                unsigned long tables = pgtable_table_count();

                drain_all_pages();
                unsigned long free = nr_free_pages();
                fail_page_alloc_attributes = (struct fail_attributes){ 100, 1, spared, 0, 0 };
                percpu_setup();
                fail_page_alloc_attributes.probability_percent = 0;
                drain_all_pages();
                EXPECT_EQ(free - nr_free_pages(),
                          pgtable_table_count() - tables + percpu_area_page_count());
                for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
                        EXPECT_EQ(per_cpu(number, cpu), 77);
                fewest = min(fewest, nr_cpu_ids);
                most = max(most, nr_cpu_ids);
                mm_check();
        }
        EXPECT_EQ(fewest, 1);
        EXPECT_EQ(most, NR_CPUS);
        EXPECT(host_text_contains(host_printed_text(), "no memory for the variables of CPU 1"));
}

/* Not even the first CPU's unit: it stays where it was, and there is no room for more. */
TEST(percpu_area, no_memory_at_all_is_survived)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build fails on purpose");
        machine_boot_to_percpu(64 * MIB, 1);
        unsigned long offset = per_cpu_offset[0];

        fail_page_alloc_attributes = (struct fail_attributes){ 100, 1, 0, 0, 0 };
        percpu_setup();
        fail_page_alloc_attributes.probability_percent = 0;
        EXPECT_EQ(nr_cpu_ids, 1);
        EXPECT_EQ(per_cpu_offset[0], offset);
        EXPECT_EQ(per_cpu(number, 0), 77);
        EXPECT(!alloc_percpu(u64));
        EXPECT_EQ(percpu_trim(), 0);
        mm_check();
}

/* Nothing follows the template in a unit until it is mapped, then in all units. PERCPU-1. */
TEST(percpu_area, a_page_is_mapped_in_all_units_or_none)
{
        machine_boot_percpu(64 * MIB, 1);
        unsigned int index = percpu_area_pages().first;
        LIST_HEAD(pages);

        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                EXPECT(mmu_faults(unit_of(cpu) + index * PAGE_SIZE, false));
        EXPECT_EQ(percpu_area_map(index), 0);
        percpu_area_check(index, true);
        EXPECT_PANIC(percpu_area_check(index, false), "PERCPU-1");
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                *(u32 *)(unit_of(cpu) + index * PAGE_SIZE) = cpu;
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                EXPECT_EQ(*per_cpu_ptr((u32 *)percpu_area_pointer(index), cpu), cpu);
        percpu_area_unmap(index, &pages);
        EXPECT_EQ(percpu_area_free(&pages), NR_CPUS);
        percpu_area_check(index, false);
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                EXPECT(mmu_faults(unit_of(cpu) + index * PAGE_SIZE, false));
}

/* PERCPU-2: two CPUs with one page frame, and a page in some units only, are found. */
TEST(percpu_area, damage_is_found)
{
        machine_boot_percpu(64 * MIB, 1);
        unsigned int index = percpu_area_pages().first;
        unsigned long second = unit_of(1) + index * PAGE_SIZE;

        EXPECT_EQ(percpu_area_map(index), 0);
        struct page *own = pgtable_unmap_page(second);

        EXPECT_PANIC(percpu_area_check(index, true), "PERCPU-1");
        pgtable_map_page(second, pgtable_lookup(unit_of(0) + index * PAGE_SIZE), PTE_KERNEL_WRITE);
        EXPECT_PANIC(percpu_area_check(index, true), "PERCPU-2");
        pgtable_unmap_page(second);
        pgtable_map_page(second, own, PTE_KERNEL_WRITE);
        percpu_area_check(index, true);
}
