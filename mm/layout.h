/*
 * layout.h - the map of the kernel's gigabyte: the one place with its constants.
 *
 *      c0000000  PAGE_OFFSET        direct map: every page of low RAM at a fixed offset,
 *                                   up to 896 MiB, and the ISA window below 1 MiB
 *      f8000000  DIRECT_MAP_END     8 MiB that are never mapped: a stray index off the end faults,
 *                                   and from f8400000 on a per-CPU variable without its CPU
 *      f8800000  VMALLOC_START      vmalloc and ioremap areas
 *      fc800000  VMALLOC_END        never mapped
 *      fc900000  STACKS_START       the stacks of tasks and interrupts, a guard page below each
 *      fe800000  PERCPU_START       every CPU's own variables, 16 MiB for all CPUs together
 *      ff800000  PERCPU_END         never mapped
 *      ffa00000  KMAP_START         kmap's table of slots, 2 MiB
 *      ffc00000  KMAP_END           never mapped
 *      ffe00000  FIXMAP_START       fixed windows, one page table
 *      fffff000  FIXMAP_END         the last page is never mapped: small negative "pointers" fault
 *
 * Below PAGE_OFFSET lie user programs; nothing of the kernel, and nothing at all at address 0.
 */
#pragma once

#include "kernel/cpu/address.h"

#define DIRECT_MAP_BYTES (896ul << 20)
#define DIRECT_MAP_END (PAGE_OFFSET + DIRECT_MAP_BYTES)

#define VMALLOC_START (PAGE_OFFSET + 0x38800000ul)
#define VMALLOC_END (PAGE_OFFSET + 0x3C800000ul)

#define STACKS_START (PAGE_OFFSET + 0x3C900000ul)
#define STACKS_END (PAGE_OFFSET + 0x3E800000ul)

#define PERCPU_START (PAGE_OFFSET + 0x3E800000ul)
#define PERCPU_END (PAGE_OFFSET + 0x3F800000ul)

#define KMAP_START (PAGE_OFFSET + 0x3FA00000ul)
#define KMAP_END (PAGE_OFFSET + 0x3FC00000ul)

#define FIXMAP_START (PAGE_OFFSET + 0x3FE00000ul)
#define FIXMAP_END (PAGE_OFFSET + 0x3FFFF000ul)

/* The first MiB of physical addresses: firmware tables, video memory, ROMs. Never allocated. */
#define ISA_WINDOW_BYTES 0x100000ul
#define ISA_VIDEO_START 0xA0000ul
#define ISA_VIDEO_END 0xC0000ul

/* Where zones end. */
#define ZONE_DMA_END_ADDRESS ((phys_addr_t)16 << 20)
#define ZONE_DMA_END_PFN ((pfn_t)(ZONE_DMA_END_ADDRESS >> PAGE_SHIFT))
#define DIRECT_MAP_END_PFN ((pfn_t)(DIRECT_MAP_BYTES >> PAGE_SHIFT))
#define FOUR_GIB_PFN ((pfn_t)1 << (32 - PAGE_SHIFT))
