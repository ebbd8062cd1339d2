/*
 * Symbols
 *
 * Idea        The kernel is linked twice. tools/symbols makes a table of the first result, and
 *             the second link puts it at the end of the read-only data, where it moves no
 *             code. A search by halves finds the symbol before an address.
 *
 * Picture     kernel_symbol_addresses   c0101000  c0101010  c0101090 …    ascending
 *             kernel_symbol_names       0         11        22       …    offsets into
 *             kernel_symbol_text        debug_exit\0uart_write\0uart_init\0 …
 *
 * Invariants  SYMBOL-1  addresses ascend; of two symbols at one address the first is preferred.
 *                       (Guarded by the tests of the suite traps.)
 *             SYMBOL-2  every address lies in the kernel's image, or behind it all in the template
 *                       of per-CPU variables.
 *                       (Guarded by the tests of the suite traps.)
 *
 * Cost        8 bytes and the name for each symbol; 12 steps for 4000 symbols.
 *
 * Reading     tools/symbols, for what is left out and how names are shortened.
 */
#include "kernel/symbols.h"

#include "kernel/cpu/percpu.h"
#include "kernel/image.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/symbol.h"

extern const u32 kernel_symbol_count;
extern const u32 kernel_symbol_addresses[];
extern const u32 kernel_symbol_names[];
extern const char kernel_symbol_text[];

bool kernel_text_contains(unsigned long address)
{
        return address >= (unsigned long)kernel_text_start &&
               address < (unsigned long)kernel_text_end;
}

unsigned int symbol_count(void)
{
        return kernel_symbol_count;
}

/* The end of the image or of the template, in whichever an address lies; 0 when in neither. */
static unsigned long end_around(unsigned long address)
{
        if (address < (unsigned long)kernel_image_end)
                return (unsigned long)kernel_image_end;
        if (percpu_is_template((void *)address) && address < (unsigned long)percpu_template_end)
                return (unsigned long)percpu_template_end;
        return 0;
}

/* Where the symbol ends at the latest: at the next one, or with the image or the template. */
static unsigned long end_of(unsigned int index)
{
        unsigned long address = kernel_symbol_addresses[index];
        unsigned long end = end_around(address);

        while (++index < kernel_symbol_count)
                if (kernel_symbol_addresses[index] != address)
                        return min((unsigned long)kernel_symbol_addresses[index], end);
        return end;
}

struct symbol symbol_at(unsigned int index)
{
        unsigned long address = kernel_symbol_addresses[index];

        return (struct symbol){
                .name = &kernel_symbol_text[kernel_symbol_names[index]],
                .address = address,
                .size_bytes = end_of(index) - address,
                .is_function = kernel_text_contains(address),
        };
}

/* The first index whose address is above the given one. */
static unsigned int first_above(unsigned long address)
{
        unsigned int low = 0;
        unsigned int high = kernel_symbol_count;

        while (low < high) {
                unsigned int middle = low + (high - low) / 2;

                if (kernel_symbol_addresses[middle] <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

const char *symbol_name(unsigned long address, unsigned long *offset)
{
        unsigned int index = first_above(address);

        if (!index || !end_around(address))
                return NULL;
        u32 start = kernel_symbol_addresses[--index];
        while (index && kernel_symbol_addresses[index - 1] == start)
                index--;
        *offset = address - start;
        return &kernel_symbol_text[kernel_symbol_names[index]];
}

unsigned long symbol_address(const char *name)
{
        for (unsigned int index = 0; index < kernel_symbol_count; index++)
                if (!strcmp(&kernel_symbol_text[kernel_symbol_names[index]], name))
                        return kernel_symbol_addresses[index];
        return 0;
}

void symbol_format(char *buffer, size_t buffer_bytes, unsigned long address)
{
        unsigned long offset;
        const char *name = symbol_name(address, &offset);

        if (name)
                snprintf(buffer, buffer_bytes, "%s+0x%lx", name, offset);
        else
                snprintf(buffer, buffer_bytes, "0x%08lx", address);
}
