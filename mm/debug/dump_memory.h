/*
 * dump_memory.h - all memory at a glance, as /proc/meminfo and /proc/iomem print it.
 *
 * Context of all calls: stop_machine()'s (kernel/cpu/stop.h); others may allocate and free. The
 * account is of one moment, and the totals above it are of the moments before.
 *
 * Source: Linux, Documentation/filesystems/proc.rst.
 */
#pragma once

#include "lib/types.h"

/*
 * dump_meminfo - print the totals of /proc/meminfo in kB, and below them the account of every byte
 * of RAM by name.
 *
 * Returns: whether the rows of the account add up to what the firmware's map lists.
 */
bool dump_meminfo(void);

/*
 * dump_iomem - print the map of physical addresses: what each range is, and indented below it the
 * parts that the kernel took at boot.
 */
void dump_iomem(void);
