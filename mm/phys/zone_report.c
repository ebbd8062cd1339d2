/*
 * zone_report.c - the counters are read without locks: one may be a moment old, which a reader
 * can bear. Only the lists of free blocks are walked under the zone's lock.
 */
#include "mm/phys/zone_report.h"

#include "lib/backtrace.h"
#include "lib/panic.h"
#include "mm/phys/buddy.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"

static bool state_was_printed;

/* Print how many free blocks of each order a zone has, and end the line. */
static void print_blocks(struct zone *zone)
{
        unsigned long block_counts[MAX_ORDER];
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        for (unsigned int order = 0; order < MAX_ORDER; order++)
                block_counts[order] = buddy_block_count(zone, order);
        spin_unlock_irqrestore(&zone->lock, flags);

        for (unsigned int order = 0; order < MAX_ORDER; order++)
                printk(" %lu", block_counts[order]);
        printk("\n");
}

/* Print what is known of a zone without its lock. */
static void print_counters(const struct zone *zone)
{
        printk("%-8s free:%lu cached:%lu min:%lu low:%lu high:%lu managed:%lu", zone->name,
               READ_ONCE(zone->free_pages), pcp_page_count(zone), zone->watermark[WATERMARK_MIN],
               zone->watermark[WATERMARK_LOW], zone->watermark[WATERMARK_HIGH],
               zone->managed_pages);
}

void zone_report_state(void)
{
        struct zone *zone;

        for_each_populated_zone(zone) {
                print_counters(zone);
                printk(" blocks:");
                print_blocks(zone);
        }
}

void zone_report_counters(void)
{
        const struct zone *zone;

        for_each_populated_zone(zone) {
                print_counters(zone);
                printk("\n");
        }
}

void zone_report_failure(gfp_t gfp_mask, unsigned int order)
{
        printk("page allocation failure: order:%u, mode:%#x\n", order, gfp_mask);
        if (__atomic_exchange_n(&state_was_printed, true, __ATOMIC_RELAXED))
                return;
        dump_stack();
        zone_report_state();
}

void zone_report_rearm(void)
{
        state_was_printed = false;
}
