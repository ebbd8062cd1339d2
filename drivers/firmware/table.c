/* table.c - reading the firmware's tables bit by bit: their lengths are theirs to choose. */
#include "drivers/firmware/table.h"

#include "drivers/firmware/firmware_memory.h"
#include "lib/bits.h"
#include "lib/string.h"

#define PIECE_BYTES 64u
#define SIGNATURE_BYTES_MOST 8u

/* Words of the BIOS's own data. */
#define BIOS_AREA_SEGMENT 0x40E
#define BIOS_LOW_MEMORY_KIB 0x413

#define LOW_MEMORY_LEAST 0x10000u
#define LOW_MEMORY_MOST 0xA0000u

bool table_sum_is_zero(phys_addr_t address, size_t bytes)
{
        u8 piece[PIECE_BYTES];
        u8 sum = 0;

        while (bytes) {
                size_t part = min(bytes, sizeof(piece));

                if (!firmware_read(address, piece, part))
                        return false;
                for (size_t index = 0; index < part; index++)
                        sum += piece[index];
                address += part;
                bytes -= part;
        }
        return sum == 0;
}

phys_addr_t table_find_pointer(phys_addr_t start, phys_addr_t end, const char *signature,
                               bool (*accept)(phys_addr_t address))
{
        size_t bytes = strlen(signature);
        char found[SIGNATURE_BYTES_MOST];

        start = ROUND_UP(start, FIRMWARE_POINTER_STEP);
        for (phys_addr_t at = start; at + FIRMWARE_POINTER_STEP <= end; at += FIRMWARE_POINTER_STEP)
                if (firmware_read(at, found, bytes) && !memcmp(found, signature, bytes) &&
                    accept(at))
                        return at;
        return 0;
}

/* A word of the BIOS's data. */
static u32 bios_word(phys_addr_t address)
{
        u16 word = 0;

        return firmware_read(address, &word, sizeof(word)) ? word : 0;
}

/* An address, if RAM below 640 KiB may end or the BIOS's area begin there; else 0. */
static phys_addr_t plausible(u32 address)
{
        return address >= LOW_MEMORY_LEAST && address <= LOW_MEMORY_MOST ? address : 0;
}

phys_addr_t table_bios_area(void)
{
        return plausible(bios_word(BIOS_AREA_SEGMENT) << 4);
}

phys_addr_t table_low_memory_end(void)
{
        return plausible(bios_word(BIOS_LOW_MEMORY_KIB) << 10);
}
