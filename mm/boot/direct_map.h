/* direct_map.h - the kernel's own page tables, and the direct map in them. */
#pragma once

#include "kernel/cpu/pte.h"
#include "mm/memmap.h"

/* Where the protected parts of the kernel's image lie: page-aligned logical addresses. */
struct kernel_image {
        unsigned long text_start;       /* to text_end: executed, never written */
        unsigned long text_end;
        unsigned long rodata_start;     /* to rodata_end: read only */
        unsigned long rodata_end;
        const unsigned long *guards;    /* pages that are not to be mapped: below stacks */
        unsigned int guard_count;
};

/* The page directory of the kernel's gigabyte: one for all, from direct_map_build() on. */
extern pte_t *kernel_page_directory;

/*
 * direct_map_build - build tables that map the low RAM of map, the ISA window and the fixmap, and
 * nothing else; load them, and so end the mapping at address 0.
 *
 * RAM is mapped by pages of 2 MiB where a whole one is RAM and needs one protection, else by pages
 * of 4 KiB. Everything can be written and not executed (where the CPU has NX) apart from image's
 * text and rodata. Guard pages are not mapped.
 *
 * Context: boot, after bootmem_init(). Takes its tables from bootmem, for good.
 * Returns: the physical address of the top table, for other CPUs and the double-fault task.
 */
phys_addr_t direct_map_build(const struct memmap *map, const struct kernel_image *image);
