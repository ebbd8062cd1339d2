/* smp.h - which CPU this is, of how many. */
#pragma once

#include "kernel/cpu/percpu.h"

DECLARE_PER_CPU(unsigned int, cpu_number);

/* smp_processor_id - the number of this CPU. Stable only while preemption is off. */
static inline unsigned int smp_processor_id(void)
{
        return this_cpu_read(cpu_number);
}

/* cpu_relax - tell the CPU that this is a spin loop. Every such loop has one. */
static inline void cpu_relax(void)
{
        __asm__ volatile("pause" : : : "memory");
}

/* cpu_halt - wait for an interrupt, which must be enabled. */
static inline void cpu_halt(void)
{
        __asm__ volatile("hlt" : : : "memory");
}

/* cpu_wait_for_interrupt - enable interrupts and halt, with no gap in which one could be missed. */
static inline void cpu_wait_for_interrupt(void)
{
        __asm__ volatile("sti\n\thlt" : : : "memory");
}
