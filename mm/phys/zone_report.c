/* zone_report.c - read without locks: a number may be a moment old, which a reader can bear. */
#include "mm/phys/zone_report.h"

#include "lib/backtrace.h"
#include "lib/panic.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"

static bool state_was_printed;

void zone_report_state(void)
{
        struct zone *zone;

        for_each_populated_zone(zone) {
                printk("%-8s free:%lu cached:%lu min:%lu low:%lu high:%lu managed:%lu blocks:",
                       zone->name, zone->free_pages, pcp_page_count(zone),
                       zone->watermark[WATERMARK_MIN], zone->watermark[WATERMARK_LOW],
                       zone->watermark[WATERMARK_HIGH], zone->managed_pages);
                for (unsigned int order = 0; order < MAX_ORDER; order++)
                        printk(" %lu", zone->free_area[order].block_count);
                printk("\n");
        }
}

void zone_report_failure(gfp_t gfp_mask, unsigned int order)
{
        printk("page allocation failure: order:%u, mode:%#x\n", order, gfp_mask);
        if (state_was_printed)
                return;
        state_was_printed = true;
        dump_stack();
        zone_report_state();
}

void zone_report_rearm(void)
{
        state_was_printed = false;
}
