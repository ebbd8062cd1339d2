/*
 * paging.h - stand-in for hosted tests: the two instructions are done by the emulated MMU of
 * tests/host/mmu.c, which walks the real tables. What is not flushed stays as it was.
 */
#pragma once

#include "kernel/cpu/pte.h"

/* tlb_flush_page - forget the translation of one page, and look it up in the tables anew. */
void tlb_flush_page(unsigned long address);

/* page_tables_load - use the four-entry table at a physical address from now on. */
void page_tables_load(phys_addr_t directory_pointers);
