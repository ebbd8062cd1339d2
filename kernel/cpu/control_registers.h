/*
 * control_registers.h - reading the CPU's control registers. Context: any.
 *
 * Source: Intel SDM volume 3A, section 2.5, "Control Registers".
 */
#pragma once

#include "lib/types.h"

/* read_cr0 - protection, paging and caching switches. */
static inline unsigned long read_cr0(void)
{
        unsigned long value;

        __asm__ volatile("movl %%cr0, %0" : "=r"(value));
        return value;
}

/* read_cr2 - the address of the last page fault, until the next one. */
static inline unsigned long read_cr2(void)
{
        unsigned long value;

        __asm__ volatile("movl %%cr2, %0" : "=r"(value));
        return value;
}

/* read_cr3 - the physical address of the page tables in use. */
static inline unsigned long read_cr3(void)
{
        unsigned long value;

        __asm__ volatile("movl %%cr3, %0" : "=r"(value) : : "memory");
        return value;
}

/* read_cr4 - which extensions are on. */
static inline unsigned long read_cr4(void)
{
        unsigned long value;

        __asm__ volatile("movl %%cr4, %0" : "=r"(value));
        return value;
}

/* write_cr4 - change which extensions are on. Changing the bit of global pages empties the TLB. */
static inline void write_cr4(unsigned long value)
{
        __asm__ volatile("movl %0, %%cr4" : : "r"(value) : "memory");
}
