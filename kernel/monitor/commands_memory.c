/* commands_memory.c - memory as a whole: its pages of numbers, its checks, failures on purpose. */
#include "kernel/monitor/monitor.h"
#include "kernel/options.h"
#include "lib/assert.h"
#include "mm/debug/check.h"
#include "mm/debug/dump_memory.h"
#include "mm/debug/dump_zones.h"
#include "mm/fail.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"

MONITOR_COMMAND(meminfo, "", "totals, and an account of all RAM")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        return dump_meminfo() ? MONITOR_OK : MONITOR_FAILED;
}

MONITOR_COMMAND(iomem, "", "physical addresses, as /proc/iomem")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        dump_iomem();
        return MONITOR_OK;
}

MONITOR_COMMAND(buddyinfo, "", "free blocks, as /proc/buddyinfo")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        dump_buddyinfo();
        return MONITOR_OK;
}

MONITOR_COMMAND(zoneinfo, "", "zones and CPU lists, as /proc/zoneinfo")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        dump_zoneinfo();
        return MONITOR_OK;
}

MONITOR_COMMAND(pagetypes, "", "count blocks and pages by their state")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        dump_pagetypes();
        return MONITOR_OK;
}

MONITOR_COMMAND(check, "", "check every invariant of memory")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        mm_check_running();
        printk("every invariant holds\n");
        return MONITOR_OK;
}

MONITOR_COMMAND(drain, "", "give back what CPUs keep")
{
        unsigned long before = nr_free_pages();

        if (argument_count != 1)
                return MONITOR_USAGE;
        drain_all_pages();
        printk("%lu pages given back\n", nr_free_pages() - before);
        return MONITOR_OK;
}

/* Print what the failure injection does and has done. */
static void print_fail(void)
{
        const struct fail_attributes *attributes = &fail_page_alloc_attributes;

        if (!attributes->probability_percent) {
                printk("no page allocation fails on purpose\n");
                return;
        }
        printk("fail_page_alloc: %u %% of ", attributes->probability_percent);
        if (attributes->interval == 1)
                printk("all requests");
        else
                printk("one request in %u", attributes->interval);
        printk(", after %lu; %lu of %lu failed\n", attributes->after_count,
               attributes->failed_count, attributes->request_count);
}

MONITOR_COMMAND(fail, "[PERCENT,INTERVAL,AFTER]", "let page allocations fail")
{
        if (argument_count > 2)
                return MONITOR_USAGE;
        if (!DEBUG_BUILD) {
                printk("only the debug build lets allocations fail\n");
                return MONITOR_FAILED;
        }
        if (argument_count == 2 && !fail_page_alloc_setup(arguments[1], options.seed)) {
                printk("%s: expected percent, interval, and how many to spare, such as 10,1,0\n",
                       arguments[1]);
                return MONITOR_FAILED;
        }
        print_fail();
        return MONITOR_OK;
}
