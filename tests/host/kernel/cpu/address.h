/*
 * address.h - stand-in for hosted tests: the kernel's gigabyte lies wherever the build machine had
 * room for it. Everything else is as in the kernel.
 */
#pragma once

#include "lib/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define LARGE_PAGE_SHIFT 21
#define LARGE_PAGE_SIZE (1ul << LARGE_PAGE_SHIFT)

/* Set by tests/host/machine.c, a multiple of 1 GiB. */
extern unsigned long host_page_offset;

#define PAGE_OFFSET host_page_offset

#define __va(physical) ((void *)((unsigned long)(physical) + PAGE_OFFSET))
#define __pa(logical) ((phys_addr_t)((unsigned long)(logical) - PAGE_OFFSET))
