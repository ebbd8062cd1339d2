/* check.c - the whole-structure checks of all rooms, in the order of the staircase. */
#include "mm/debug/check.h"

#include "mm/debug/census.h"
#include "mm/memmap.h"
#include "mm/percpu/percpu.h"
#include "mm/phys/buddy.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone.h"

/* Check one zone and this CPU's lists of it. */
static void check_zone(struct zone *zone)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        buddy_check(zone);
        pcp_check(zone);
        spin_unlock_irqrestore(&zone->lock, flags);
}

void mm_check(void)
{
        struct zone *zone;

        memmap_check(&memmap);
        zones_check();
        for_each_populated_zone(zone)
                check_zone(zone);
        page_census_check();
        percpu_check();
}
