/*
 * dump_memory.c - lines for people who know the files of the same names in /proc.
 *
 * Names of loaded modules come from outside: of these, only printable characters are shown.
 */
#include "mm/debug/dump_memory.h"

#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/claims.h"
#include "mm/debug/census.h"
#include "mm/memmap.h"
#include "mm/page.h"
#include "mm/percpu/percpu.h"
#include "mm/virt/pgtable.h"

#define NAME_BYTES 40u

/* Pages of several zones together. */
struct page_totals {
        unsigned long managed;
        unsigned long free;
};

/* Copy a name for printing. */
static void copy_printable(char buffer[NAME_BYTES], const char *name)
{
        size_t length = strnlen(name, NAME_BYTES - 1);

        for (size_t index = 0; index < length; index++)
                buffer[index] = name[index] >= ' ' && name[index] <= '~' ? name[index] : '?';
        buffer[length] = '\0';
}

/* Print one line as /proc/meminfo has it. */
static void print_kib(const char *name, unsigned long page_count)
{
        printk("%-16s%8llu kB\n", name, (unsigned long long)page_count << (PAGE_SHIFT - 10));
}

/* Add up the zones from one kind to another. */
static struct page_totals totals_of(enum zone_kind first, enum zone_kind last)
{
        struct page_totals totals = { 0, 0 };

        for (unsigned int kind = first; kind <= last; kind++) {
                totals.managed += zones[kind].managed_pages;
                totals.free += READ_ONCE(zones[kind].free_pages);
        }
        return totals;
}

/* The pages that no ordinary request gets: in each zone its high mark and its largest reserve. */
static unsigned long kept_pages(void)
{
        unsigned long page_count = 0;
        const struct zone *zone;

        for_each_populated_zone(zone) {
                unsigned long reserve = 0;

                for (unsigned int kind = 0; kind < MAX_NR_ZONES; kind++)
                        reserve = max(reserve, zone->reserve[kind]);
                page_count += min(zone->watermark[WATERMARK_HIGH] + reserve, zone->managed_pages);
        }
        return page_count;
}

/* Print what /proc/meminfo begins with. */
static void print_totals(void)
{
        struct page_totals low = totals_of(ZONE_DMA, ZONE_NORMAL);
        struct page_totals high = totals_of(ZONE_DMA32, ZONE_HIGHMEM);
        unsigned long free = low.free + high.free;
        unsigned long kept = kept_pages();

        print_kib("MemTotal:", low.managed + high.managed);
        print_kib("MemFree:", free);
        print_kib("MemAvailable:", free > kept ? free - kept : 0);
        print_kib("HighTotal:", high.managed);
        print_kib("HighFree:", high.free);
        print_kib("LowTotal:", low.managed);
        print_kib("LowFree:", low.free);
        print_kib("PageTables:", pgtable_table_count());
        print_kib("Percpu:", percpu_usage().page_count);
}

/* Print the account of all RAM. Returns whether it adds up. */
static bool print_account(void)
{
        static struct memory_account_row rows[MEMORY_ACCOUNT_ROWS_MAX]; /* too many for a stack */
        u64 total_bytes, sum_bytes = 0;
        unsigned int count = memory_account(rows, &total_bytes);
        char name[NAME_BYTES];

        printk("\nAll RAM in the firmware's map, in bytes:\n");
        for (unsigned int index = 0; index < count; index++) {
                sum_bytes += rows[index].bytes;
                copy_printable(name, rows[index].name);
                if (rows[index].bytes)
                        printk("  %-40s%16llu\n", name, (unsigned long long)rows[index].bytes);
        }
        printk("  %-40s%16llu\n", "Total", (unsigned long long)sum_bytes);
        if (sum_bytes == total_bytes)
                printk("The rows add up: the map has as much.\n");
        else
                printk("The rows do NOT add up: the map has %llu.\n",
                       (unsigned long long)total_bytes);
        return sum_bytes == total_bytes;
}

bool dump_meminfo(void)
{
        print_totals();
        return print_account();
}

/* Print one line as /proc/iomem has it. */
static void print_range(u64 start, u64 end, const char *name, unsigned int depth)
{
        char printable[NAME_BYTES];

        copy_printable(printable, name);
        printk("%*s%08llx-%08llx : %s\n", (int)depth * 2, "", (unsigned long long)start,
               (unsigned long long)end - 1, printable);
}

/* The first frame of [first, end) whose being reserved differs; or end. */
static u64 run_end(u64 first, u64 end, bool is_reserved)
{
        while (first < end) {
                const struct page *page = pfn_to_page((pfn_t)first);

                if ((page_state(page) == PAGE_RESERVED) != is_reserved)
                        return first;
                first += 1ul << page_order(page);
        }
        return end;
}

/* Print the parts of [start, end), all RAM and not claimed, that bootmem gave away. */
static void print_boot_allocations(u64 start, u64 end)
{
        u64 frame = ROUND_UP(start, PAGE_SIZE) >> PAGE_SHIFT;
        u64 last = min(end >> PAGE_SHIFT, (u64)mem_map_count);

        while (frame < last) {
                u64 first = run_end(frame, last, false);

                frame = run_end(first, last, true);
                if (first < frame)
                        print_range(first << PAGE_SHIFT, frame << PAGE_SHIFT, "Boot allocations",
                                    1);
        }
}

/* Print a range of RAM and what is known of its parts. Claims are sorted by their start. */
static void print_ram(const struct memory_range *range)
{
        u64 position = range->start;

        print_range(range->start, range->end, memory_kind_name(range->kind), 0);
        for (unsigned int index = 0; index < memory_claim_count; index++) {
                const struct memory_claim *claim = &memory_claims[index];

                if (claim->start < range->start || claim->start >= range->end)
                        continue;
                print_boot_allocations(position, claim->start);
                print_range(claim->start, claim->end, claim->name, 1);
                position = max(position, claim->end);
        }
        print_boot_allocations(position, range->end);
}

void dump_iomem(void)
{
        for (unsigned int index = 0; index < memmap.count; index++) {
                const struct memory_range *range = &memmap.ranges[index];

                if (range->kind == MEMORY_RAM)
                        print_ram(range);
                else
                        print_range(range->start, range->end, memory_kind_name(range->kind), 0);
        }
}
