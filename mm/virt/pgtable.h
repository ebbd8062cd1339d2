/*
 * pgtable.h - mapping single pages into the kernel's gigabyte, outside the direct map.
 *
 * All address spaces share the kernel's one page directory, so a mapping is there for every CPU
 * and every task at once. Who owns an address alone maps and unmaps it: two owners of one address
 * would be a bug that nobody here could see.
 *
 * Reading: Intel SDM volume 3, section 4.4, "PAE Paging".
 */
#pragma once

#include "kernel/cpu/pte.h"
#include "mm/page.h"

/*
 * pgtable_populate - make the page tables of the addresses [start, end) now, so that mapping there
 * needs no memory later.
 *
 * Context: may sleep. Returns: 0; -ENOMEM, and those that were made stay.
 */
int pgtable_populate(unsigned long start, unsigned long end);

/*
 * pgtable_map_page - let address, a multiple of the page size at which nothing is mapped, lead to
 * page, with the given PTE_KERNEL_ bits. A CPU sees the whole entry or none. No flush is needed:
 * what was not present is in no CPU's translation cache.
 *
 * Context: may sleep; where pgtable_populate() has been, any. An address that is mapped already,
 * or in the direct map, panics. Returns: 0; -ENOMEM when there is no memory for a table.
 */
int pgtable_map_page(unsigned long address, struct page *page, pte_t bits);

/*
 * pgtable_unmap_page - map nothing at address. Flushes nothing: until the caller has flushed every
 * CPU, some may still reach the page, which must not be freed before.
 *
 * Context: any. Returns: the page that was mapped; NULL when there was none.
 */
struct page *pgtable_unmap_page(unsigned long address);

/* pgtable_lookup - the page that is mapped at address; NULL when there is none. Context: any. */
struct page *pgtable_lookup(unsigned long address);

/* pgtable_table_count - how many tables have been made here; they are never freed. Context: any. */
unsigned long pgtable_table_count(void);
