/*
 * timestamp.h - the time-stamp counter. Under QEMU's `-icount shift=0` it counts executed
 * instructions, exactly and repeatably; everywhere else it counts something near to time.
 */
#pragma once

#include "lib/types.h"

/* timestamp_read - the counter now. Context: any. */
static inline u64 timestamp_read(void)
{
        return __builtin_ia32_rdtsc();
}
