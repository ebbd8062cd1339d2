/*
 * paging.h - the translation cache behind the page tables, and the register that names them.
 *
 * Source: Intel SDM volume 3, section 4.10, "Caching Translation Information".
 */
#pragma once

#include "kernel/cpu/pte.h"

/* tlb_flush_page - forget the translation of one page, on this CPU, global or not. */
static inline void tlb_flush_page(unsigned long address)
{
        __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* page_tables_load - use the four-entry table at a physical address below 4 GiB from now on. */
static inline void page_tables_load(phys_addr_t directory_pointers)
{
        __asm__ volatile("movl %0, %%cr3" : : "r"((unsigned long)directory_pointers) : "memory");
}
