/* calibrate.h - how fast a counter counts, measured against the i8254. */
#pragma once

#include "lib/types.h"

/*
 * calibrate_rate - how many steps a second the counter behind read makes. It must count up.
 *
 * Context: boot, one CPU; interrupts may come, but cost a repetition. Takes 5 ms, 25 at the most.
 * Returns: 0 when there is no i8254 to be seen, or when no two measurements agree.
 */
u64 calibrate_rate(u64 (*read)(void));
