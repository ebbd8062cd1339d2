/*
 * firmware_memory.c - one fixmap slot as a window that moves over the firmware's tables. The first
 * MiB is in the direct map already, but for page 0.
 */
#include "drivers/firmware/firmware_memory.h"

#include "kernel/cpu/features.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "mm/map/fixmap.h"

/* Whether the CPU can put all of these addresses on its bus. */
static bool is_reachable(phys_addr_t address, size_t bytes)
{
        phys_addr_t limit = (phys_addr_t)1 << cpu_features.physical_bits;

        return address < limit && bytes <= limit - address;
}

/* Whether all of it is mapped for good. */
static bool is_in_direct_map(phys_addr_t address, size_t bytes)
{
        return address >= PAGE_SIZE && address + bytes <= ISA_WINDOW_BYTES;
}

/* Copy bytes of one page through the window. */
static void copy_from_page(phys_addr_t address, void *buffer, size_t bytes)
{
        unsigned long offset = (unsigned long)address & ~PAGE_MASK;

        fixmap_set(FIXMAP_FIRMWARE, address - offset, PTE_KERNEL_READ);
        memcpy(buffer, (void *)(fixmap_address(FIXMAP_FIRMWARE) + offset), bytes);
        fixmap_clear(FIXMAP_FIRMWARE);
}

bool firmware_read(phys_addr_t address, void *buffer, size_t bytes)
{
        u8 *next = buffer;

        if (!is_reachable(address, bytes))
                return false;
        if (is_in_direct_map(address, bytes)) {
                memcpy(buffer, __va(address), bytes);
                return true;
        }
        while (bytes) {
                size_t part = min(bytes, (size_t)(PAGE_SIZE - ((size_t)address & ~PAGE_MASK)));

                copy_from_page(address, next, part);
                address += part;
                next += part;
                bytes -= part;
        }
        return true;
}
