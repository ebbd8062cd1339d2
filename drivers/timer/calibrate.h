/* calibrate.h - how fast a counter counts, measured against the i8254. */
#pragma once

#include "lib/types.h"

/*
 * calibrate_rate - how many steps a second the counter behind read makes. It must count up.
 *
 * Context: boot, one CPU; interrupts are off meanwhile. Takes 5 ms; longer, up to 600 ms, where
 *          something keeps taking the CPU away.
 * Returns: 0 when there is no i8254 to be seen, or nothing sensible comes out.
 */
u64 calibrate_rate(u64 (*read)(void));
