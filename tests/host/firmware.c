/* firmware.c - two arrays, and firmware_read() on top of them. */
#include "tests/host/firmware.h"

#include <string.h>

#include "drivers/firmware/firmware_memory.h"

static u8 low[HOST_FIRMWARE_LOW_BYTES];
static u8 high[HOST_FIRMWARE_HIGH_BYTES];
static phys_addr_t high_start;

void host_firmware_start(phys_addr_t start)
{
        memset(low, 0, sizeof(low));
        memset(high, 0, sizeof(high));
        high_start = start;
}

u8 *host_firmware_at(phys_addr_t address, size_t bytes)
{
        if (address < sizeof(low) && bytes <= sizeof(low) - address)
                return low + address;
        if (address >= high_start && address - high_start < sizeof(high) &&
            bytes <= sizeof(high) - (address - high_start))
                return high + (address - high_start);
        return NULL;
}

void host_firmware_sum(phys_addr_t address, size_t bytes, phys_addr_t sum)
{
        u8 *table = host_firmware_at(address, bytes);
        u8 *place = host_firmware_at(sum, 1);

        *place = 0;
        for (size_t index = 0; index < bytes; index++)
                if (table + index != place)
                        *place -= table[index];
}

bool firmware_read(phys_addr_t address, void *buffer, size_t bytes)
{
        const u8 *place = host_firmware_at(address, bytes);

        if (place)
                memcpy(buffer, place, bytes);
        return place != NULL;
}
