/* msr.h - the CPU's model-specific registers. Context: any; a register that is not there faults. */
#pragma once

#include "lib/types.h"

#define MSR_APIC_BASE 0x1Bu

/* msr_read - the value of a register. */
static inline u64 msr_read(u32 number)
{
        u32 low, high;

        __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
        return (u64)high << 32 | low;
}

/* msr_write - set a register. */
static inline void msr_write(u32 number, u64 value)
{
        __asm__ volatile("wrmsr"
                         : : "c"(number), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}
