/*
 * firmware.h - the memory in which hosted tests lay out the firmware's tables, and the stand-in
 * for drivers/firmware/firmware_memory.c that reads it.
 *
 * There are two pieces: the first MiB, and 64 KiB that a test puts anywhere. All else is out of
 * reach.
 */
#pragma once

#include "lib/types.h"

#define HOST_FIRMWARE_LOW_BYTES 0x100000ul
#define HOST_FIRMWARE_HIGH_BYTES 0x10000ul

/* host_firmware_start - forget all tables; the movable piece begins at a physical address. */
void host_firmware_start(phys_addr_t high);

/* host_firmware_at - the bytes at an address in either piece; NULL elsewhere. */
u8 *host_firmware_at(phys_addr_t address, size_t bytes);

/*
 * host_firmware_sum - set the byte at sum, between address and address + bytes, such that all of
 * them add up to 0.
 */
void host_firmware_sum(phys_addr_t address, size_t bytes, phys_addr_t sum);
