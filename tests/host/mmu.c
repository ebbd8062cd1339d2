/*
 * Emulated MMU
 *
 * Idea        Where the kernel loads its tables, or flushes a page, the tables are walked and the
 *             build machine is told to map the same: pages of the sparse file that is physical
 *             memory, with the same protection, at the same place of the kernel's gigabyte. From
 *             then on accesses go at full speed, wrong ones fault, and two mappings of one page
 *             show the same bytes.
 *
 *             A changed entry that nobody flushes has no effect, as on a CPU that still has the
 *             old translation cached. Where nothing is mapped an access faults, and the tables are
 *             walked then, as a CPU does: it caches nothing about entries that are not present.
 *
 * Picture     PDPT[3] -> directory[512] -> table[512] -> page    all read from physical memory
 *
 * Failure     An entry with a reserved bit, or with an address that the CPU does not have, panics
 *             with the entry: on the machine it is a fault.
 *
 * Reading     Intel SDM volume 3, section 4.4, "PAE Paging".
 */
#define _GNU_SOURCE
#include "tests/host/mmu.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#include "kernel/cpu/paging.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "mm/layout.h"
#include "tests/host/ram.h"

#define POINTER_COUNT 4u
#define KERNEL_POINTER 3u
#define POINTER_RESERVED_BITS 0x1E6ull          /* bits 1, 2 and 5 to 8 */
#define LARGE_ADDRESS_MASK (PTE_ADDRESS_MASK & ~(pte_t)(LARGE_PAGE_SIZE - 1))
#define LARGE_RESERVED_BITS 0x1FE000ull         /* bits 13 to 20 */

static phys_addr_t loaded_tables;
static pte_t reserved_bits;

/* Consecutive pages that one mmap() can map. */
struct run {
        unsigned long address;
        phys_addr_t physical;
        size_t bytes;
        bool is_writable;
};

/* Entry number index of the table at a physical address. */
static pte_t read_entry(phys_addr_t table, unsigned int index)
{
        pte_t entry;

        ram_read(table + index * sizeof(entry), &entry, sizeof(entry));
        return entry;
}

/* Fault, by a panic, when a present entry has a bit that this CPU reserves. */
static void check_reserved(pte_t entry, pte_t more_reserved_bits)
{
        BUG_ON((entry & PTE_PRESENT) && (entry & (reserved_bits | more_reserved_bits)),
               "reserved bit in entry %#llx", (unsigned long long)entry);
}

/* The directory of the kernel's gigabyte. */
static phys_addr_t find_directory(void)
{
        pte_t pointer = read_entry(loaded_tables, KERNEL_POINTER);

        BUG_ON(!(pointer & PTE_PRESENT), "pointer %#llx", (unsigned long long)pointer);
        check_reserved(pointer, POINTER_RESERVED_BITS | PTE_NO_EXECUTE);
        for (unsigned int index = 0; index < KERNEL_POINTER; index++)
                check_reserved(read_entry(loaded_tables, index), POINTER_RESERVED_BITS);
        return pointer & PTE_ADDRESS_MASK;
}

/* What an entry that maps a page, and the one above it, say together. */
static struct translation translation_of(pte_t upper, pte_t entry, phys_addr_t address)
{
        return (struct translation){
                .is_present = true,
                .is_writable = upper & entry & PTE_WRITE,
                .is_executable = !((upper | entry) & PTE_NO_EXECUTE),
                .is_user = upper & entry & PTE_USER,
                .is_cached = !(entry & PTE_CACHE_DISABLE),
                .is_large = entry & upper & PTE_LARGE,
                .address = address,
        };
}

/* What an entry of the directory that maps 2 MiB says about an address. */
static struct translation translate_large(pte_t upper, unsigned long address)
{
        check_reserved(upper, LARGE_RESERVED_BITS);
        return translation_of(upper, upper, (upper & LARGE_ADDRESS_MASK) |
                              (address & (LARGE_PAGE_SIZE - 1)));
}

/* What an entry of a table, found by one of the directory, says about an address. */
static struct translation translate_small(pte_t upper, pte_t entry, unsigned long address)
{
        check_reserved(entry, 0);
        if (!(entry & PTE_PRESENT))
                return (struct translation){ .is_present = false };
        return translation_of(upper, entry, (entry & PTE_ADDRESS_MASK) | (address & ~PAGE_MASK));
}

/* Walk on from an entry of the directory. */
static struct translation translate_from(pte_t upper, unsigned long address)
{
        if (!(upper & PTE_PRESENT))
                return (struct translation){ .is_present = false };
        if (upper & PTE_LARGE)
                return translate_large(upper, address);
        check_reserved(upper, 0);
        return translate_small(upper, read_entry(upper & PTE_ADDRESS_MASK, table_index(address)),
                               address);
}

struct translation mmu_translate(unsigned long address)
{
        if (address - PAGE_OFFSET >= RAM_WINDOW_BYTES)
                return (struct translation){ .is_present = false };
        return translate_from(read_entry(find_directory(), directory_index(address)), address);
}

void mmu_translate_piece(unsigned long address, struct translation translations[PTES_PER_TABLE])
{
        pte_t upper = read_entry(find_directory(), directory_index(address));
        bool has_table = (upper & PTE_PRESENT) && !(upper & PTE_LARGE);
        pte_t table[PTES_PER_TABLE];

        address = ROUND_DOWN(address, LARGE_PAGE_SIZE);
        check_reserved(upper, upper & PTE_LARGE ? LARGE_RESERVED_BITS : 0);
        if (has_table)
                ram_read(upper & PTE_ADDRESS_MASK, table, sizeof(table));
        for (unsigned int index = 0; index < PTES_PER_TABLE; index++, address += PAGE_SIZE)
                translations[index] = has_table ? translate_small(upper, table[index], address)
                                                : translate_from(upper, address);
}

phys_addr_t mmu_tables(void)
{
        return loaded_tables;
}

/* Map what has been gathered, and begin anew. */
static void flush_run(struct run *run)
{
        if (run->bytes)
                ram_map(run->address, run->physical, run->bytes, run->is_writable);
        run->bytes = 0;
}

/* Add a page to the run, or begin another one. */
static void add_to_run(struct run *run, unsigned long address,
                       const struct translation *translation)
{
        if (run->bytes && (run->address + run->bytes != address ||
                           run->physical + run->bytes != translation->address ||
                           run->is_writable != translation->is_writable))
                flush_run(run);
        if (!run->bytes)
                *run = (struct run){ address, translation->address, 0, translation->is_writable };
        run->bytes += PAGE_SIZE;
}

/* Add all that is mapped in the 2 MiB from address on. */
static void add_piece(struct run *run, unsigned long address)
{
        struct translation translations[PTES_PER_TABLE];

        mmu_translate_piece(address, translations);
        for (unsigned int index = 0; index < PTES_PER_TABLE; index++)
                if (translations[index].is_present)
                        add_to_run(run, address + index * PAGE_SIZE, &translations[index]);
}

void page_tables_load(phys_addr_t directory_pointers)
{
        struct run run = { .bytes = 0 };

        BUG_ON(!IS_ALIGNED(directory_pointers, 32) || directory_pointers >> 32, "tables at %#llx",
               (unsigned long long)directory_pointers);
        loaded_tables = directory_pointers;
        ram_unmap(PAGE_OFFSET, RAM_WINDOW_BYTES);
        for (unsigned int index = 0; index < PTES_PER_TABLE; index++)
                add_piece(&run, PAGE_OFFSET + index * LARGE_PAGE_SIZE);
        flush_run(&run);
}

void tlb_flush_page(unsigned long address)
{
        struct translation translation = mmu_translate(address & PAGE_MASK);

        if (translation.is_present)
                ram_map(address & PAGE_MASK, translation.address, PAGE_SIZE,
                        translation.is_writable);
        else
                ram_unmap(address & PAGE_MASK, PAGE_SIZE);
}

/* What was done about faults before mmu_start(). */
static struct sigaction fault_action_before;

/* Map the page of an access that the tables allow. Returns false when they do not. */
static bool walk_at_fault(unsigned long address, bool is_write)
{
        if (!loaded_tables || address - PAGE_OFFSET >= RAM_WINDOW_BYTES)
                return false;
        struct translation translation = mmu_translate(address & PAGE_MASK);

        if (!translation.is_present || (is_write && !translation.is_writable))
                return false;
        tlb_flush_page(address);
        return true;
}

/* Whether the fault came of a write: bit 1 of what the build machine's CPU says. */
static bool is_write_fault(const void *context)
{
        return ((const ucontext_t *)context)->uc_mcontext.gregs[REG_ERR] & 2;
}

/* An access faulted: go on if the tables have a page by now, else let it be the fault it is. */
static void handle_fault(int signal_number __unused, siginfo_t *info, void *context)
{
        if (!walk_at_fault((unsigned long)info->si_addr, is_write_fault(context)))
                sigaction(SIGSEGV, &fault_action_before, NULL);
}

/* Handle faults from now on. */
static void catch_faults(void)
{
        const struct sigaction action = {
                .sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_NODEFER,
        };
        struct sigaction before;

        sigaction(SIGSEGV, &action, &before);
        if (before.sa_sigaction != handle_fault)
                fault_action_before = before;
}

void mmu_start(unsigned int physical_bits)
{
        catch_faults();
        loaded_tables = 0;
        reserved_bits = PTE_ADDRESS_MASK & ~((1ull << physical_bits) - 1);
        reserved_bits |= 0x7FF0000000000000ull;
        reserved_bits |= pte_supported_bits & PTE_NO_EXECUTE ? 0 : PTE_NO_EXECUTE;
        ram_map(PAGE_OFFSET, 0, DIRECT_MAP_BYTES, true);
}

static sigjmp_buf probe_return;

/* The probe faulted: unless the tables have a page by now, go back to where it began. */
static void leave_probe(int signal_number __unused, siginfo_t *info, void *context)
{
        if (!walk_at_fault((unsigned long)info->si_addr, is_write_fault(context)))
                siglongjmp(probe_return, 1);
}

/* Access a byte and leave it as it is. */
static void __noinline touch(volatile u8 *byte, bool write)
{
        u8 value = *byte;

        if (write)
                *byte = value;
}

bool mmu_faults(unsigned long address, bool write)
{
        const struct sigaction catch = { .sa_sigaction = leave_probe, .sa_flags = SA_SIGINFO };
        struct sigaction before;
        volatile bool faulted = true;

        sigaction(SIGSEGV, &catch, &before);
        if (sigsetjmp(probe_return, 1) == 0) {
                touch((volatile u8 *)address, write);
                faulted = false;
        }
        sigaction(SIGSEGV, &before, NULL);
        return faulted;
}
