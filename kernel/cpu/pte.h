/*
 * pte.h - the entries of PAE page tables: how they are made and where they stand.
 *
 * A table has 512 entries of 8 bytes. A page directory's entry maps a table, or with PTE_LARGE a
 * page of 2 MiB; a table's entry maps a page of 4 KiB. Four page directories make the 4 GiB.
 *
 * Source: Intel SDM volume 3, section 4.4, "PAE Paging".
 */
#pragma once

#include "kernel/cpu/address.h"
#include "lib/compiler.h"
#include "lib/types.h"

typedef u64 pte_t;

#define PTES_PER_TABLE 512u

#define PTE_PRESENT (1ull << 0)
#define PTE_WRITE (1ull << 1)
#define PTE_USER (1ull << 2)
#define PTE_WRITE_THROUGH (1ull << 3)
#define PTE_CACHE_DISABLE (1ull << 4)
#define PTE_ACCESSED (1ull << 5)
#define PTE_DIRTY (1ull << 6)
#define PTE_LARGE (1ull << 7)
#define PTE_GLOBAL (1ull << 8)
#define PTE_NO_EXECUTE (1ull << 63)
#define PTE_ADDRESS_MASK 0x000FFFFFFFFFF000ull

/* What kernel mappings allow. Accessed and dirty are preset: the CPU need not write them. */
#define PTE_KERNEL_READ (PTE_PRESENT | PTE_ACCESSED | PTE_GLOBAL | PTE_NO_EXECUTE)
#define PTE_KERNEL_EXECUTE (PTE_PRESENT | PTE_ACCESSED | PTE_GLOBAL)
#define PTE_KERNEL_WRITE (PTE_KERNEL_READ | PTE_WRITE | PTE_DIRTY)
#define PTE_KERNEL_DEVICE (PTE_KERNEL_WRITE | PTE_CACHE_DISABLE | PTE_WRITE_THROUGH)

/* The bits that this CPU accepts; cpu_features_init() clears NX and GLOBAL where they fault. */
extern pte_t pte_supported_bits;

/* pte_make - an entry for the page at address, with what this CPU supports of bits. */
static inline pte_t pte_make(phys_addr_t address, pte_t bits)
{
        return (address & PTE_ADDRESS_MASK) | (bits & pte_supported_bits);
}

/*
 * pte_write - store an entry in two halves, so that no CPU ever sees a present half-entry.
 *
 * Context: any; the caller flushes the translation cache when the old entry was present.
 */
static inline void pte_write(pte_t *slot, pte_t entry)
{
        volatile u32 *halves = (volatile u32 *)slot;

        halves[0] = 0;
        halves[1] = (u32)(entry >> 32);
        halves[0] = (u32)entry;
}

/* directory_index - the index of address in its page directory. */
static inline unsigned int directory_index(unsigned long address)
{
        return (address >> LARGE_PAGE_SHIFT) % PTES_PER_TABLE;
}

/* table_index - the index of address in its page table. */
static inline unsigned int table_index(unsigned long address)
{
        return (address >> PAGE_SHIFT) % PTES_PER_TABLE;
}
