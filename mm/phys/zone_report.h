/* zone_report.h - saying that a request failed, and what the zones look like. */
#pragma once

#include "mm/gfp.h"

/*
 * zone_report_failure - one line for each failed request; with the first since boot also the call
 * chain and the state of all zones. Context: any.
 */
void zone_report_failure(gfp_t gfp_mask, unsigned int order);

/*
 * zone_report_state - print each zone's free pages, marks and free blocks by order.
 *
 * Context: any, no zone's lock held.
 */
void zone_report_state(void);

/*
 * zone_report_counters - the same without the free blocks, for a machine in panic: no lock taken.
 * Context: any.
 */
void zone_report_counters(void);

/* zone_report_rearm - let the next failure print the state again. For tests. */
void zone_report_rearm(void);
