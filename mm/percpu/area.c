/*
 * Per-CPU areas
 *
 * Idea        Each CPU has a unit of addresses, one behind the other, all laid out alike: first a
 *             copy of the template, then pages that alloc_percpu() divides. A per-CPU pointer is a
 *             place in that layout; adding a CPU's offset makes it that CPU's address. So static
 *             and dynamic variables are reached in the same way, by one instruction through %fs.
 *
 * Picture     PERCPU_START          + stride               + 2 * stride
 *             | copy | dynamic …    | copy | dynamic …     |
 *               CPU 0                 CPU 1
 *                ^ + per_cpu_offset[0]  ^ + per_cpu_offset[1]
 *             `--+----------------------'
 *             PERCPU_TEMPLATE_START, never mapped: | template | dynamic pointers … |
 *
 *             Page n of a unit is mapped in all units or in none.
 *
 * Data        unit_count, unit_bytes (the stride), page_count. The pages are in the page tables
 *             and nowhere else.
 *
 * Invariants  PERCPU-1  a page index is mapped in every unit, or in none.
 *             PERCPU-2  behind one index there are different page frames, each allocated by itself.
 *             PERCPU-3  the units fit into the window, and the template fits into a unit.
 *                       (Guarded by percpu_setup().)
 *
 * Locking     None here. Who maps or unmaps an index owns it: mm/percpu/alloc.c sees to that. New
 *             mappings need no flush, since what was not present is cached nowhere.
 *
 * Cost        A page frame and an entry for each CPU. The tables are made at the start: at most
 *             eight.
 *
 * Failure     No memory: all pages taken so far go back, nothing is mapped.
 *
 * Reading     docs/06-percpu.md.
 */
#include "mm/percpu/area.h"

#include "kernel/cpu/tlb.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/phys/page_alloc.h"
#include "mm/virt/pgtable.h"

#define GFP_UNIT_PAGE (GFP_KERNEL | __GFP_HIGHMEM | __GFP_NOWARN)

static unsigned int unit_count;         /* [b] 0: every CPU is where it was at the start */
static unsigned long unit_bytes;        /* [b] a power of two */
static unsigned long page_count;        /* changed atomically */

/* The pages that the template takes in each unit. */
static unsigned int template_page_count(void)
{
        return (unsigned int)DIV_ROUND_UP((unsigned long)percpu_template_end -
                                                  PERCPU_TEMPLATE_START, PAGE_SIZE);
}

/* Where page index of a CPU's unit is mapped. */
static unsigned long address_of(unsigned int cpu, unsigned int index)
{
        return PERCPU_START + cpu * unit_bytes + ((unsigned long)index << PAGE_SHIFT);
}

/* Unmap the pages of a unit below end onto a list. */
static void unmap_unit(unsigned int cpu, unsigned int end, struct list_head *pages)
{
        for (unsigned int index = 0; index < end; index++) {
                struct page *page = pgtable_unmap_page(address_of(cpu, index));

                if (page)
                        list_add_tail(&page->list, pages);
        }
}

/* Free page frames that nothing leads to any more. Returns how many. */
static unsigned long free_list(struct list_head *pages)
{
        struct page *page, *next;
        unsigned long count = 0;

        list_for_each_entry_safe(page, next, pages, list) {
                list_del(&page->list);
                __free_page(page);
                count++;
        }
        return count;
}

unsigned long percpu_area_free(struct list_head *pages)
{
        tlb_flush_kernel_range(PERCPU_START, PERCPU_END);
        return free_list(pages);
}

/* Map the pages of a boot copy. Returns 0 or -ENOMEM. */
static int map_boot_copy(unsigned int cpu, char *copy)
{
        for (unsigned int index = 0; index < template_page_count(); index++)
                if (pgtable_map_page(address_of(cpu, index),
                                     virt_to_page(copy + ((unsigned long)index << PAGE_SHIFT)),
                                     PTE_KERNEL_WRITE))
                        return -ENOMEM;
        return 0;
}

/* Map fresh pages and fill them with the template. Returns 0 or -ENOMEM. */
static int map_fresh_copy(unsigned int cpu)
{
        for (unsigned int index = 0; index < template_page_count(); index++) {
                struct page *page = alloc_page(GFP_UNIT_PAGE | __GFP_ZERO);

                if (!page) {
                        LIST_HEAD(pages);

                        unmap_unit(cpu, index, &pages);
                        percpu_area_free(&pages);
                        return -ENOMEM;
                }
                pgtable_map_page(address_of(cpu, index), page, PTE_KERNEL_WRITE);
        }
        memcpy((char *)address_of(cpu, 0) +
                       ((unsigned long)percpu_template_start - PERCPU_TEMPLATE_START),
               percpu_template_values, (size_t)(percpu_template_end - percpu_template_start));
        page_count += template_page_count();
        return 0;
}

/* Fill the unit of one CPU. Returns 0 or -ENOMEM. */
static int make_unit(unsigned int cpu)
{
        char *copy = percpu_boot_copy(cpu);

        if (pgtable_populate(address_of(cpu, 0), address_of(cpu + 1, 0)))
                return -ENOMEM;
        return copy ? map_boot_copy(cpu, copy) : map_fresh_copy(cpu);
}

/* From now on the CPUs are in their units. */
static void move_into_units(void)
{
        unsigned long offsets[NR_CPUS] = { 0 };

        for (unsigned int cpu = 0; cpu < unit_count; cpu++)
                offsets[cpu] = address_of(cpu, 0) - PERCPU_TEMPLATE_START;
        percpu_move_boot_copies(offsets);
        for (unsigned int cpu = 0; cpu < unit_count; cpu++)
                if (!percpu_boot_copy(cpu))
                        percpu_set_offset(cpu, offsets[cpu]);
}

/* A stride with which so many units fit into the window. */
static unsigned long stride_for(unsigned int cpu_count)
{
        unsigned long stride = PERCPU_UNIT_BYTES_MOST;

        while (stride * cpu_count > PERCPU_END - PERCPU_START)
                stride /= 2;
        return stride;
}

void percpu_setup(void)
{
        page_count = 0;
        unit_count = 0;
        unit_bytes = stride_for(nr_cpu_ids);
        BUG_ON(template_page_count() > unit_bytes >> PAGE_SHIFT, "%u pages of per-CPU variables",
               template_page_count());
        while (unit_count < nr_cpu_ids && !make_unit(unit_count))
                unit_count++;
        if (unit_count < nr_cpu_ids) {
                printk("warning: no memory for the variables of CPU %u: it and those above are "
                       "not used\n", unit_count);
                nr_cpu_ids = max(unit_count, 1u);
        }
        if (unit_count)
                move_into_units();
}

struct percpu_pages percpu_area_pages(void)
{
        if (!unit_count)
                return (struct percpu_pages){ 0, 0 };
        return (struct percpu_pages){ template_page_count(),
                                      (unsigned int)(unit_bytes >> PAGE_SHIFT) };
}

/* Take a page frame for each unit onto a list. Returns 0; -ENOMEM with those that there were. */
static int take_pages(struct list_head *pages)
{
        for (unsigned int cpu = 0; cpu < unit_count; cpu++) {
                struct page *page = alloc_page(GFP_UNIT_PAGE);

                if (!page)
                        return -ENOMEM;
                list_add_tail(&page->list, pages);
        }
        return 0;
}

int percpu_area_map(unsigned int index)
{
        unsigned int cpu = 0;
        struct page *page, *next;
        LIST_HEAD(pages);

        if (take_pages(&pages)) {
                free_list(&pages);
                return -ENOMEM;
        }
        list_for_each_entry_safe(page, next, &pages, list) {
                list_del(&page->list);
                pgtable_map_page(address_of(cpu++, index), page, PTE_KERNEL_WRITE);
        }
        __atomic_add_fetch(&page_count, unit_count, __ATOMIC_RELAXED);
        return 0;
}

void percpu_area_unmap(unsigned int index, struct list_head *pages)
{
        for (unsigned int cpu = 0; cpu < unit_count; cpu++)
                list_add_tail(&pgtable_unmap_page(address_of(cpu, index))->list, pages);
        __atomic_sub_fetch(&page_count, unit_count, __ATOMIC_RELAXED);
}

unsigned long percpu_area_page_count(void)
{
        return READ_ONCE(page_count);
}

void percpu_area_check(unsigned int index, bool is_mapped)
{
        const struct page *first = NULL;

        for (unsigned int cpu = 0; cpu < unit_count; cpu++) {
                const struct page *page = pgtable_lookup(address_of(cpu, index));

                CHECK_INVARIANT(PERCPU-1, !page == !is_mapped, "CPU %u page %u", cpu, index);
                if (!is_mapped)
                        continue;
                CHECK_INVARIANT(PERCPU-2, page != first && page_state(page) == PAGE_ALLOCATED &&
                                page_order(page) == 0, "CPU %u page %u pfn %#x flags %#x", cpu,
                                index, page_to_pfn(page), page->flags);
                if (cpu == 0)
                        first = page;
        }
}
