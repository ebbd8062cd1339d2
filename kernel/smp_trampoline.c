/*
 * smp_trampoline.c - which page of the first MiB may be overwritten.
 *
 * The page must be RAM that the firmware's map offers, which the kernel never allocates below 1
 * MiB. Not page 0: it holds the interrupt vectors and data of the BIOS. Not the extended BIOS data
 * at the end of conventional memory, whose segment the BIOS notes at 0x40E: some maps list it as
 * RAM. Nothing above 0x90000, where a startup interrupt may not lead from 0xA0000 on, and some maps
 * call even ROM RAM. Not what a boot module lies in. Of the rest the highest page is taken, since
 * boot loaders leave their things low; whatever they left has been copied.
 */
#include "kernel/smp_trampoline.h"

#include "drivers/firmware/firmware_memory.h"
#include "kernel/cpu/address.h"
#include "kernel/cpu/features.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/claims.h"
#include "mm/memmap.h"

#define HIGHEST_PAGE 0x8F000ul
#define LOWEST_PAGE 0x1000ul
#define BIOS_EXTENDED_DATA_SEGMENT 0x40Eul
#define EXTENDED_DATA_LEAST 0x60000ul           /* what is said to begin below is no such thing */

/* As trampoline.asm has it. */
struct trampoline_parameters {
        u32 wants_no_execute;
        u32 unfit_apic_id_plus_1;
        u32 boot_tables;
        u32 upper_target;
        u32 protected_target;
        u16 protected_selector;
        u16 gdt_limit;
        u32 gdt_address;
} __packed __aligned(4);

extern const char trampoline_start[], trampoline_end[], trampoline_parameters[];
extern u64 boot_directory_pointers[];           /* from kernel/main.c */

static unsigned long page;
static struct trampoline_parameters *parameters;

/* Where the extended BIOS data begins; the end of all memory where it is not known. */
static unsigned long extended_data_start(void)
{
        u16 segment;

        if (!firmware_read(BIOS_EXTENDED_DATA_SEGMENT, &segment, sizeof(segment)))
                return ~0ul;
        unsigned long start = (unsigned long)segment << 4;

        return start >= EXTENDED_DATA_LEAST ? start : ~0ul;
}

/* Whether a page may be overwritten. */
static bool is_usable(unsigned long address)
{
        return memmap_contains(&memmap, address, address + PAGE_SIZE, MEMORY_RAM_FIRST_MIB) &&
               !memory_claim_find(address, address + PAGE_SIZE) &&
               address + PAGE_SIZE <= extended_data_start();
}

bool smp_trampoline_install(void)
{
        size_t bytes = (size_t)(trampoline_end - trampoline_start);

        for (page = HIGHEST_PAGE; !is_usable(page); page -= PAGE_SIZE) {
                if (page == LOWEST_PAGE) {
                        printk("smp: no page below 1 MiB to start other CPUs at, not started\n");
                        return false;
                }
        }
        memcpy(__va(page), trampoline_start, bytes);
        parameters = (struct trampoline_parameters *)
                ((char *)__va(page) + (trampoline_parameters - trampoline_start));
        parameters->wants_no_execute = cpu_features.has_no_execute;
        parameters->boot_tables = (u32)__pa(boot_directory_pointers);
        parameters->protected_target += page;
        parameters->gdt_address += page;
        return true;
}

u8 smp_trampoline_page_number(void)
{
        return (u8)(page >> PAGE_SHIFT);
}

bool smp_trampoline_found_unfit(u32 apic_id)
{
        return READ_ONCE(parameters->unfit_apic_id_plus_1) == apic_id + 1;
}
