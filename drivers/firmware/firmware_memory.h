/* firmware_memory.h - reading what the firmware left in memory, wherever it lies. */
#pragma once

#include "lib/types.h"

/*
 * firmware_read - copy bytes from a physical address, which need not be RAM, to buffer.
 *
 * Context: boot, one CPU, after direct_map_build(). Allocates nothing.
 * Returns: false when a part of it lies beyond what the CPU can address; buffer is undefined then.
 */
bool firmware_read(phys_addr_t address, void *buffer, size_t bytes);
