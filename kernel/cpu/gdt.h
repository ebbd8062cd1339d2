/*
 * gdt.h - the segments: flat, alike on every CPU, one table for each.
 *
 * Source: Intel SDM volume 3A, section 3.4.5, "Segment Descriptors".
 */
#pragma once

#include "lib/types.h"

/* Selectors. The two of user programs carry privilege level 3; 6 to 8 are for their threads. */
#define GDT_KERNEL_CODE 0x08
#define GDT_KERNEL_DATA 0x10
#define GDT_USER_CODE (0x18 | 3)
#define GDT_USER_DATA (0x20 | 3)
#define GDT_TASK 0x28
#define GDT_THREAD_FIRST (0x30 | 3)
#define GDT_DOUBLE_FAULT_TASK 0x48
#define GDT_PER_CPU 0x50
#define GDT_ENTRY_COUNT 16u

/*
 * gdt_init - fill the table of a CPU.
 *
 * Context: boot; the CPU may not be running yet. tss_init() must have been called for it.
 */
void gdt_init(unsigned int cpu);

/*
 * gdt_load - use the table of a CPU: reload every segment register and the task register.
 *
 * Context: on that CPU, once, interrupts off.
 */
void gdt_load(unsigned int cpu);

/*
 * gdt_set_percpu_base - let %fs of a CPU lead to its per-CPU variables where per_cpu_offset[] now
 * says they are. Context: on that CPU, or before it runs.
 */
void gdt_set_percpu_base(unsigned int cpu);

/* percpu_segment_reload - let this CPU see what gdt_set_percpu_base() changed. */
static inline void percpu_segment_reload(void)
{
        __asm__ volatile("movl %0, %%fs" : : "r"(GDT_PER_CPU) : "memory");
}
