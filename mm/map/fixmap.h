/*
 * fixmap.h - virtual addresses fixed at compile time, mapped to whatever is needed there: windows
 * that never allocate.
 */
#pragma once

#include "kernel/cpu/paging.h"
#include "kernel/cpu/smp.h"
#include "mm/layout.h"

/* The windows, one page each. */
enum fixmap_slot {
        FIXMAP_PAGE_WINDOW_FIRST,       /* one for each CPU; see mm/map/page_window.h */
        FIXMAP_PAGE_WINDOW_LAST = FIXMAP_PAGE_WINDOW_FIRST + NR_CPUS - 1,
        FIXMAP_FIRMWARE,                /* at boot; see drivers/firmware/firmware_memory.h */
        FIXMAP_LOCAL_APIC,              /* for good; each CPU sees its own there */
        FIXMAP_IOAPIC_FIRST,            /* for good */
        FIXMAP_IOAPIC_LAST = FIXMAP_IOAPIC_FIRST + 7,
        FIXMAP_TEST_FIRST,              /* one for each CPU; see tests/self/test_smp_tlb.c */
        FIXMAP_TEST_LAST = FIXMAP_TEST_FIRST + NR_CPUS - 1,
        FIXMAP_SLOT_COUNT,
};

/* fixmap_address - where the window of slot lies. */
static inline unsigned long fixmap_address(enum fixmap_slot slot)
{
        return FIXMAP_START + ((unsigned long)slot << PAGE_SHIFT);
}

/*
 * fixmap_init - use table, a zeroed page table that the page directory has at FIXMAP_START.
 * Context: boot. The table stays the kernel's for good.
 */
void fixmap_init(pte_t *table);

/*
 * fixmap_set - map the page at address into slot, with the given PTE_KERNEL_ bits.
 * fixmap_clear - unmap slot.
 *
 * Context: any; a slot has one user at a time, which is the caller's business. Only this CPU's
 * translation cache is flushed: a slot that several CPUs look through needs more.
 */
void fixmap_set(enum fixmap_slot slot, phys_addr_t address, pte_t bits);
void fixmap_clear(enum fixmap_slot slot);
