/* table.h - what the firmware's tables have in common: sums that are 0, and places to look at. */
#pragma once

#include "lib/types.h"

/* Where the pointers to tables are looked for. */
#define FIRMWARE_ROM_START 0xE0000u
#define FIRMWARE_ROM_UPPER_HALF 0xF0000u
#define FIRMWARE_ROM_END 0x100000u
#define FIRMWARE_AREA_BYTES 1024u       /* of the extended BIOS data area, and the end of RAM */
#define FIRMWARE_POINTER_STEP 16u

/*
 * table_sum_is_zero - whether the bytes of a table add up to 0 modulo 256, as all of them must.
 * Returns: false also when they cannot be read. Context: boot.
 */
bool table_sum_is_zero(phys_addr_t address, size_t bytes);

/*
 * table_find_pointer - look through [start, end) for a signature at a multiple of 16, such that
 * accept says yes to its address.
 *
 * Returns: the address, or 0. Context: boot.
 */
phys_addr_t table_find_pointer(phys_addr_t start, phys_addr_t end, const char *signature,
                               bool (*accept)(phys_addr_t address));

/* table_bios_area - the address of the extended BIOS data area, or 0. Context: boot. */
phys_addr_t table_bios_area(void);

/* table_low_memory_end - where RAM below 640 KiB ends, by the BIOS, or 0. Context: boot. */
phys_addr_t table_low_memory_end(void);
