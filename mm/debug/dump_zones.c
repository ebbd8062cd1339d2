/*
 * dump_zones.c - the counters of zones, taken under each zone's lock and printed without it; and
 * what the descriptors themselves say, while the other CPUs stand still. What other CPUs have on
 * their lists is read as it is, and may be a moment old.
 */
#include "mm/debug/dump_zones.h"

#include "kernel/cpu/stop.h"
#include "lib/bits.h"
#include "lib/panic.h"
#include "mm/memmap.h"
#include "mm/phys/buddy.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"

/* The counters of a zone, all of the same moment. */
struct zone_counts {
        unsigned long free_pages;
        unsigned long free_blocks[MAX_ORDER];
};

/* Blocks of each order, by zone and state. */
struct block_counts {
        unsigned long blocks[MAX_NR_ZONES][PAGE_TAIL][MAX_ORDER];
};

static const char *const state_names[PAGE_TAIL] = {
        [PAGE_RESERVED] = "Reserved", [PAGE_FREE] = "Free", [PAGE_CACHED] = "Cached",
        [PAGE_ALLOCATED] = "Allocated",
};

/* Read a zone's counters. */
static struct zone_counts count_zone(struct zone *zone)
{
        struct zone_counts counts;
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        counts.free_pages = zone->free_pages;
        for (unsigned int order = 0; order < MAX_ORDER; order++)
                counts.free_blocks[order] = buddy_block_count(zone, order);
        spin_unlock_irqrestore(&zone->lock, flags);
        return counts;
}

/* Print numbers for all orders, and end the line. */
static void print_orders(const unsigned long numbers[MAX_ORDER])
{
        for (unsigned int order = 0; order < MAX_ORDER; order++)
                printk("%6lu ", numbers[order]);
        printk("\n");
}

void dump_buddyinfo(void)
{
        struct zone *zone;

        for_each_populated_zone(zone) {
                struct zone_counts counts = count_zone(zone);

                printk("Node 0, zone %8s ", zone->name);
                print_orders(counts.free_blocks);
        }
}

/* Print what a zone has, and what it keeps from whom. */
static void print_zone_pages(struct zone *zone)
{
        struct zone_counts counts = count_zone(zone);

        printk("Node 0, zone %8s\n", zone->name);
        printk("  pages free     %lu\n", counts.free_pages);
        printk("        min      %lu\n", zone->watermark[WATERMARK_MIN]);
        printk("        low      %lu\n", zone->watermark[WATERMARK_LOW]);
        printk("        high     %lu\n", zone->watermark[WATERMARK_HIGH]);
        printk("        spanned  %lu\n", (unsigned long)(zone->end_pfn - zone->start_pfn));
        printk("        present  %lu\n", zone->present_pages);
        printk("        managed  %lu\n", zone->managed_pages);
        printk("        protection: (");
        for (unsigned int kind = 0; kind < MAX_NR_ZONES; kind++)
                printk(kind ? ", %lu" : "%lu", zone->reserve[kind]);
        printk(")\n");
}

/* Print what one CPU keeps of a zone: a paragraph for each order that it keeps. */
static void print_cpu_lists(const struct zone *zone, unsigned int cpu)
{
        printk("    cpu: %u\n", cpu);
        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                const struct pcp_list *list =
                        pcp_list_on(cpu, pcp_list_number(zone->kind, order));

                if (!list->batch)
                        continue;
                printk("              order: %u\n", order);
                printk("              count: %u\n", cpu_stack_count(&list->blocks));
                printk("              high:  %u\n", cpu_stack_capacity(&list->blocks));
                printk("              batch: %lu\n", list->batch);
        }
}

void dump_zoneinfo(void)
{
        unsigned int cpu;

        for (struct zone *zone = zones; zone < zones + MAX_NR_ZONES; zone++) {
                print_zone_pages(zone);
                if (!zone->managed_pages)
                        continue;
                printk("  pagesets\n");
                for_each_possible_cpu(cpu)
                        if (pcp_has_lists(cpu))
                                print_cpu_lists(zone, cpu);
                printk("  start_pfn:           %u\n", zone->start_pfn);
        }
}

/* Count the blocks that begin in [first, end), all of it RAM. */
static void count_blocks(struct block_counts *counts, u64 first, u64 end)
{
        while (first < end) {
                const struct page *page = pfn_to_page((pfn_t)first);
                enum page_state state = page_state(page);
                enum zone_kind kind = state == PAGE_RESERVED ? zone_of_pfn((pfn_t)first)->kind
                                                             : page_zone_index(page);

                if (state < PAGE_TAIL && page_order(page) < MAX_ORDER)
                        counts->blocks[kind][state][page_order(page)]++;
                first += 1ul << page_order(page);
        }
}

/* Count the blocks of all RAM, into struct block_counts. The other CPUs stand still. */
static void count_all_blocks(void *argument)
{
        struct block_counts *counts = argument;

        for (unsigned int index = 0; index < memmap.count; index++) {
                const struct memory_range *range = &memmap.ranges[index];
                u64 first = ROUND_UP(range->start, PAGE_SIZE) >> PAGE_SHIFT;

                if (range->kind == MEMORY_RAM)
                        count_blocks(counts, first,
                                     min(range->end >> PAGE_SHIFT, (u64)mem_map_count));
        }
}

/* Print the blocks of a zone: a line for each state that it can give to them. */
static void print_blocks(const struct zone *zone, const struct block_counts *counts)
{
        for (enum page_state state = PAGE_FREE; state < PAGE_TAIL; state++) {
                printk("Node    0, zone %8s, type %12s ", zone->name, state_names[state]);
                print_orders(counts->blocks[zone->kind][state]);
        }
}

/* Print the pages of a zone, by state. */
static void print_page_sums(const struct zone *zone, const struct block_counts *counts)
{
        printk("Node 0, zone %8s ", zone->name);
        for (enum page_state state = PAGE_RESERVED; state < PAGE_TAIL; state++) {
                unsigned long page_count = 0;

                for (unsigned int order = 0; order < MAX_ORDER; order++)
                        page_count += counts->blocks[zone->kind][state][order] << order;
                printk("%12lu ", page_count);
        }
        printk("\n");
}

void dump_pagetypes(void)
{
        static struct block_counts counts;      /* too many for a stack */
        const struct zone *zone;

        counts = (struct block_counts){ 0 };
        stop_machine(count_all_blocks, &counts);
        printk("Page block order: %u\nPages per block:  %u\n\n", MAX_ORDER - 1, MAX_ORDER_PAGES);
        printk("%-43s", "Block count per state at order");
        for (unsigned int order = 0; order < MAX_ORDER; order++)
                printk("%6u ", order);
        printk("\n");
        for_each_populated_zone(zone)
                print_blocks(zone, &counts);
        printk("\n%-22s", "Number of pages");
        for (enum page_state state = PAGE_RESERVED; state < PAGE_TAIL; state++)
                printk("%12s ", state_names[state]);
        printk("\n");
        for_each_populated_zone(zone)
                print_page_sums(zone, &counts);
}
