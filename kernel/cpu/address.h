/*
 * address.h - pages, and the fixed offset between physical and kernel logical addresses.
 *
 * The one constant of the address-space map that the machine's own entry needs. Everything else
 * of that map is in mm/layout.h.
 *
 * Source: LDD3, chapter 15, "Address Types".
 */
#pragma once

#include "lib/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

/* A page that one entry of a PAE page directory maps. */
#define LARGE_PAGE_SHIFT 21
#define LARGE_PAGE_SIZE (1ul << LARGE_PAGE_SHIFT)

/* Where the kernel's gigabyte begins: the logical address of physical address 0. */
#define PAGE_OFFSET 0xC0000000ul

/*
 * __va - the logical address of a physical address below the end of the direct map.
 * __pa - the physical address of a logical address.
 *
 * Neither checks: an address of high memory has no logical one, and of what vmalloc, ioremap and
 * kmap return, __pa() makes nonsense. virt_addr_valid() in mm/page.h checks.
 */
#define __va(physical) ((void *)((unsigned long)(physical) + PAGE_OFFSET))
#define __pa(logical) ((phys_addr_t)((unsigned long)(logical) - PAGE_OFFSET))
