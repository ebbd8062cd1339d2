/* early_cpu.c - is this CPU one that the kernel is compiled for? */
#include "boot/early.h"
#include "lib/bits.h"

#define EFLAGS_ID BIT(21)               /* can be changed only where CPUID exists */

#define CPUID_1_EDX_PSE BIT(3)
#define CPUID_1_EDX_TSC BIT(4)
#define CPUID_1_EDX_MSR BIT(5)
#define CPUID_1_EDX_PAE BIT(6)
#define CPUID_1_EDX_CX8 BIT(8)
#define CPUID_1_EDX_CMOV BIT(15)

/* Try to flip a bit of EFLAGS and say whether it flipped. */
static bool eflags_bit_flips(u32 bit)
{
        u32 before, after;

        __asm__ volatile("pushfl\n\t"
                         "popl %0\n\t"
                         "movl %0, %1\n\t"
                         "xorl %2, %1\n\t"
                         "pushl %1\n\t"
                         "popfl\n\t"
                         "pushfl\n\t"
                         "popl %1\n\t"
                         "pushl %0\n\t"
                         "popfl"
                         : "=&r"(before), "=&r"(after)
                         : "ri"(bit));
        return ((before ^ after) & bit) != 0;
}

/* EDX of a CPUID leaf. */
static u32 cpuid_edx(u32 leaf)
{
        u32 eax = leaf, ebx, ecx = 0, edx;

        __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
        return edx;
}

void early_cpu_check(void)
{
        if (!eflags_bit_flips(EFLAGS_ID))
                early_refuse("Strata cannot start: this CPU has no CPUID instruction; a CPU with "
                             "PAE (Pentium Pro or later) is needed.");

        u32 features = cpuid_edx(1);
        if (!(features & CPUID_1_EDX_PAE))
                early_refuse("Strata cannot start: this CPU has no PAE (physical address "
                             "extension); a Pentium Pro or later is needed.");

        u32 others = CPUID_1_EDX_PSE | CPUID_1_EDX_TSC | CPUID_1_EDX_MSR | CPUID_1_EDX_CX8 |
                     CPUID_1_EDX_CMOV;
        if ((features & others) != others)
                early_refuse("Strata cannot start: this CPU lacks one of PSE, TSC, MSR, CMPXCHG8B "
                             "and CMOV, which every Pentium Pro has.");
}
