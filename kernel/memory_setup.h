/* memory_setup.h - from what the boot loader said to a working page allocator. */
#pragma once

#include "lib/types.h"

/*
 * memory_setup - fill the memory map and the claims from boot_info, obey mem= and the CPU's reach,
 * build the kernel's page tables, and hand memory over to the page allocator. Says what it leaves
 * unused. Where memory does not suffice, a plain sentence, and the machine halts.
 *
 * Context: boot, one CPU, interrupts off, exceptions handled, cpu_features known.
 * Returns: the physical address of the top page table.
 */
phys_addr_t memory_setup(void);
