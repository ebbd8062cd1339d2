/* What is printed of the zones when a request fails. */
#include "mm/phys/zone_report.h"

#include "lib/format.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

/* Whether the output has the line of a zone's counters. */
static bool has_line_of(const struct zone *zone)
{
        char line[200];

        snprintf(line, sizeof(line),
                 "%-8s free:%lu cached:%lu min:%lu low:%lu high:%lu managed:%lu", zone->name,
                 zone->free_pages, pcp_page_count(zone), zone->watermark[WATERMARK_MIN],
                 zone->watermark[WATERMARK_LOW], zone->watermark[WATERMARK_HIGH],
                 zone->managed_pages);
        return host_text_contains(host_printed_text(), line);
}

TEST(zone_report, state_has_a_line_for_each_zone_with_pages)
{
        const struct zone *zone;

        machine_boot_four_zones();
        __free_page(alloc_page(GFP_KERNEL));
        host_forget_output();
        zone_report_state();
        for_each_populated_zone(zone)
                EXPECT(has_line_of(zone));
        EXPECT(host_text_contains(host_printed_text(), " blocks: "));
}

TEST(zone_report, empty_zones_are_left_out)
{
        machine_boot_pc(64 * MIB);
        host_forget_output();
        zone_report_state();
        EXPECT(host_text_contains(host_printed_text(), "Normal"));
        EXPECT(!host_text_contains(host_printed_text(), "HighMem"));
        host_forget_output();
        zone_report_counters();
        EXPECT(!host_text_contains(host_printed_text(), "DMA32"));
}

TEST(zone_report, blocks_are_counted_by_order)
{
        machine_boot_pc(64 * MIB);
        while (alloc_pages(GFP_KERNEL | __GFP_NOWARN, 0))
                ;
        drain_all_pages();
        host_forget_output();
        zone_report_state();
        const char *blocks = strstr(strstr(host_printed_text(), "DMA "), "blocks:");
        const struct zone *dma = &zones[ZONE_DMA];
        unsigned long pages = 0;

        blocks += strlen("blocks:");
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                unsigned long count = 0;

                REQUIRE(*blocks++ == ' ');
                while (*blocks >= '0' && *blocks <= '9')
                        count = count * 10 + (unsigned long)(*blocks++ - '0');
                pages += count << order;
        }
        EXPECT_EQ(*blocks, '\n');
        EXPECT_EQ(pages, dma->free_pages);
}

/* The counters alone need no lock: they can be printed by a panic that holds one. */
TEST(zone_report, counters_need_no_lock)
{
        const struct zone *zone;

        machine_boot_four_zones();
        unsigned long flags = spin_lock_irqsave(&zones[ZONE_NORMAL].lock);
        host_forget_output();
        zone_report_counters();
        for_each_populated_zone(zone)
                EXPECT(has_line_of(zone));
        spin_unlock_irqrestore(&zones[ZONE_NORMAL].lock, flags);
}

TEST(zone_report, state_comes_with_the_first_failure_only)
{
        machine_boot_pc(64 * MIB);
        host_forget_output();
        zone_report_failure(GFP_KERNEL, 3);
        EXPECT(host_text_contains(host_printed_text(), "order:3, mode:0xd0"));
        EXPECT(host_text_contains(host_printed_text(), "Normal"));
        host_forget_output();
        zone_report_failure(GFP_ATOMIC, 9);
        EXPECT(host_text_contains(host_printed_text(), "order:9, mode:0x20"));
        EXPECT(!host_text_contains(host_printed_text(), "Normal"));
        zone_report_rearm();
        zone_report_failure(GFP_ATOMIC, 9);
        EXPECT(host_text_contains(host_printed_text(), "Normal"));
}
