/*
 * check.c - the whole-structure checks of all rooms, in the order of the staircase, while the other
 * CPUs stand still.
 */
#include "mm/debug/check.h"

#include "kernel/cpu/stop.h"
#include "mm/debug/census.h"
#include "mm/memmap.h"
#include "mm/percpu/percpu.h"
#include "mm/phys/buddy.h"
#include "mm/phys/page_wait.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"

/* Check one zone and all CPUs' lists of it. */
static void check_zone(struct zone *zone)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);
        unsigned int cpu;

        buddy_check(zone);
        for_each_possible_cpu(cpu)
                if (pcp_has_lists(cpu))
                        pcp_check(zone, cpu);
        spin_unlock_irqrestore(&zone->lock, flags);
}

/* Check all but the census, which is told whether tasks may be in the midst of something. */
static void check_structures(void)
{
        struct zone *zone;

        memmap_check(&memmap);
        zones_check();
        for_each_populated_zone(zone)
                check_zone(zone);
        page_wait_check();
}

/* mm_check() with the other CPUs stopped. */
static void check_quiet(void *argument __unused)
{
        check_structures();
        page_census_check();
        percpu_check();
}

/* mm_check_running() with the other CPUs stopped. */
static void check_running(void *argument __unused)
{
        check_structures();
        page_census_check_running();
}

void mm_check(void)
{
        stop_machine(check_quiet, NULL);
}

void mm_check_running(void)
{
        stop_machine(check_running, NULL);
}
