/* commands_inspect.c - looking into the kernel: symbols, and memory that may not be there. */
#include "kernel/address_describe.h"
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/fixup.h"
#include "kernel/monitor/arguments.h"
#include "kernel/monitor/monitor.h"
#include "kernel/page_walk.h"
#include "kernel/symbols.h"
#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lib/symbol.h"
#include "mm/map/page_window.h"
#include "mm/memmap.h"

#define PEEK_BYTES_DEFAULT 64u
#define PEEK_BYTES_MOST 4096u
#define LINE_BYTES 16u
#define PHYSICAL_ADDRESS_MOST ((1ull << 52) - 1)

/* Print a symbol as /proc/kallsyms has it. */
static void print_symbol(const struct symbol *symbol)
{
        printk("%08lx %c %s\n", symbol->address, symbol->is_function ? 't' : 'd', symbol->name);
}

/* Print all symbols with part in their names. Returns how many there are. */
static unsigned int print_matching_symbols(const char *part)
{
        unsigned int found_count = 0;

        for (unsigned int index = 0; index < symbol_count(); index++) {
                struct symbol symbol = symbol_at(index);

                if (!strstr(symbol.name, part))
                        continue;
                print_symbol(&symbol);
                found_count++;
        }
        return found_count;
}

/* Say what lies at an address. */
static void print_address(unsigned long address)
{
        char text[SYMBOL_TEXT_BYTES];

        symbol_format(text, sizeof(text), address);
        printk("%08lx %s, %s\n", address, text, address_describe(address));
}

MONITOR_COMMAND(symbols, "[NAME|ADDRESS]", "find functions and variables")
{
        unsigned long address;

        if (argument_count > 2)
                return MONITOR_USAGE;
        if (argument_count == 1) {
                print_matching_symbols("");
                printk("%u symbols\n", symbol_count());
                return MONITOR_OK;
        }
        if (print_matching_symbols(arguments[1]))
                return MONITOR_OK;
        if (!argument_address(arguments[1], &address))
                return MONITOR_FAILED;
        print_address(address);
        return MONITOR_OK;
}

/* Print up to 16 bytes that were found at an address, as numbers and as characters. */
static void print_bytes(u64 address, const u8 *bytes, unsigned int count)
{
        printk("%08llx:", (unsigned long long)address);
        for (unsigned int index = 0; index < LINE_BYTES; index++) {
                if (index < count)
                        printk(" %02x", bytes[index]);
                else
                        printk("   ");
        }
        printk("  |");
        for (unsigned int index = 0; index < count; index++)
                printk("%c", bytes[index] >= ' ' && bytes[index] <= '~' ? bytes[index] : '.');
        printk("|\n");
}

/* Read a word of high memory, through a window. */
static bool read_high_word(phys_addr_t address, u32 *word)
{
        unsigned long flags;

        if (!pfn_valid((unsigned long)(address >> PAGE_SHIFT)) ||
            !memmap_contains(&memmap, address, address + sizeof(*word), MEMORY_RAM))
                return false;
        struct page *page = pfn_to_page((pfn_t)(address >> PAGE_SHIFT));
        const char *contents = page_window_open(page, &flags);
        memcpy(word, contents + (address & ~PAGE_MASK), sizeof(*word));
        page_window_close(page, flags);
        return true;
}

/* Read a word at a physical address: whatever the direct map has, and else only RAM. */
static bool read_physical_word(u64 address, u32 *word)
{
        if (address < DIRECT_MAP_BYTES)
                return probe_read((unsigned long)__va(address), word);
        return address >> PAGE_SHIFT <= UINT32_MAX && read_high_word(address, word);
}

/* Read a word at a virtual address. */
static bool read_virtual_word(u64 address, u32 *word)
{
        return address <= UINT32_MAX && probe_read((unsigned long)address, word);
}

/* Print memory, as far as read_word gets it. Returns the address where it ends. */
static u64 print_memory(u64 address, u64 end, bool (*read_word)(u64 address, u32 *word))
{
        for (; address < end; address += LINE_BYTES) {
                unsigned int wanted = (unsigned int)min(end - address, (u64)LINE_BYTES);
                unsigned int found = 0;
                u32 words[LINE_BYTES / sizeof(u32)];

                while (found < wanted && read_word(address + found, &words[found / sizeof(u32)]))
                        found += sizeof(u32);
                found = min(found, wanted);
                if (found)
                        print_bytes(address, (const u8 *)words, found);
                if (found < wanted)
                        return address + found;
        }
        return end;
}

/* Print memory at physical addresses. Returns whether all of it could be read. */
static bool peek_physical(u64 start, u64 byte_count)
{
        u64 stop = print_memory(start, start + byte_count, read_physical_word);

        if (stop == start + byte_count)
                return true;
        printk("%08llx: neither RAM nor mapped\n", (unsigned long long)stop);
        return false;
}

/* Print memory at virtual addresses. Returns whether all of it could be read. */
static bool peek_virtual(unsigned long start, u64 byte_count)
{
        u64 stop = print_memory(start, start + byte_count, read_virtual_word);

        if (stop == start + byte_count)
                return true;
        if (stop > UINT32_MAX)
                printk("the address space ends here\n");
        else
                page_walk_print(read_cr3(), (unsigned long)stop);
        return false;
}

MONITOR_COMMAND(peek, "ADDRESS|phys:N [BYTES]", "show memory")
{
        const char *physical = argument_count > 1 ? argument_suffix(arguments[1], "phys:") : NULL;
        u64 byte_count = PEEK_BYTES_DEFAULT;
        unsigned long address = 0;
        u64 physical_address = 0;

        if (argument_count < 2 || argument_count > 3)
                return MONITOR_USAGE;
        if (argument_count == 3 && !argument_number(arguments[2], PEEK_BYTES_MOST, &byte_count))
                return MONITOR_FAILED;
        if (physical ? !argument_number(physical, PHYSICAL_ADDRESS_MOST, &physical_address)
                     : !argument_address(arguments[1], &address))
                return MONITOR_FAILED;
        bool all_read = physical ? peek_physical(ROUND_DOWN(physical_address, 4), byte_count)
                                 : peek_virtual(ROUND_DOWN(address, 4), byte_count);
        return all_read ? MONITOR_OK : MONITOR_FAILED;
}
