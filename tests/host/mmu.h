/*
 * mmu.h - the hosted machine's memory management unit: it walks the page tables that the code
 * under test has made in physical memory, and lets the build machine's own MMU do the rest.
 */
#pragma once

#include "kernel/cpu/pte.h"

/* What the tables say about one address. */
struct translation {
        bool is_present;
        bool is_writable;
        bool is_executable;
        bool is_user;
        bool is_cached;
        bool is_large;                  /* by an entry for 2 MiB */
        phys_addr_t address;            /* of the byte */
};

/*
 * mmu_start - load the mapping that the boot code leaves: all low memory, writable, at its fixed
 * offset. physical_bits is how many bits of a physical address the CPU has.
 */
void mmu_start(unsigned int physical_bits);

/*
 * mmu_translate - walk the loaded tables for an address, as they are in memory now. Panics where
 * the CPU would find a reserved bit set. For tables only, not for the boot mapping.
 */
struct translation mmu_translate(unsigned long address);

/* mmu_translate_piece - the same for each page of the 2 MiB that address lies in, at once. */
void mmu_translate_piece(unsigned long address, struct translation translations[PTES_PER_TABLE]);

/* mmu_tables - the physical address that was last loaded; 0 for the boot mapping. */
phys_addr_t mmu_tables(void);

/* mmu_faults - whether a read, or a write of what is there, faults. It is really done. */
bool mmu_faults(unsigned long address, bool write);
