/*
 * features.c - CPUID, read with care: leaves beyond the highest one return garbage.
 *
 * Source: Intel SDM volume 2, CPUID; volume 3, section 4.1.4, "Enumeration of Paging Features".
 */
#include "kernel/cpu/features.h"

#include "kernel/cpu/paging.h"
#include "lib/bits.h"
#include "lib/string.h"

#define LEAF1_EDX_APIC BIT(9)
#define LEAF1_EDX_GLOBAL_PAGES BIT(13)
#define LEAF1_EDX_PSE36 BIT(17)
/* Time-stamp counter, PAE, compare-and-exchange of 8 bytes, APIC, global pages, CMOV. */
#define LEAF1_EDX_RELIED_ON (BIT(4) | BIT(6) | BIT(8) | BIT(9) | BIT(13) | BIT(15))
#define EXTENDED1_EDX_NO_EXECUTE BIT(20)

#define MSR_EXTENDED_FEATURES 0xC0000080u
#define EXTENDED_FEATURES_NO_EXECUTE (1u << 11)
#define CR4_GLOBAL_PAGES (1ul << 7)

#define PHYSICAL_BITS_LEAST 32u
#define PHYSICAL_BITS_MOST 52u

struct cpuid_result {
        u32 eax, ebx, ecx, edx;
};

struct cpu_features cpu_features;
pte_t pte_supported_bits = ~(PTE_NO_EXECUTE | PTE_GLOBAL);

/* The bits of CPUID leaf 1, EDX, lowest first. */
static const char *const flag_names[32] = {
        "fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL, "sep",
        "mtrr", "pge", "mca", "cmov", "pat", "pse36", "pn", "clflush", NULL, "dts", "acpi", "mmx",
        "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
};

/* Ask CPUID for one leaf. */
static struct cpuid_result cpuid(u32 leaf)
{
        struct cpuid_result result;

        __asm__ volatile("cpuid"
                         : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                         : "a"(leaf), "c"(0));
        return result;
}

/* Set a bit of the extended-feature MSR. */
static void enable_no_execute(void)
{
        u32 low, high;

        __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_EXTENDED_FEATURES));
        low |= EXTENDED_FEATURES_NO_EXECUTE;
        __asm__ volatile("wrmsr" : : "a"(low), "d"(high), "c"(MSR_EXTENDED_FEATURES));
}

/* Set the CR4 bit that lets entries be global. */
static void enable_global_pages(void)
{
        unsigned long cr4;

        __asm__ volatile("movl %%cr4, %0" : "=r"(cr4));
        __asm__ volatile("movl %0, %%cr4" : : "r"(cr4 | CR4_GLOBAL_PAGES));
}

/* The width of physical addresses; the leaf that tells may be absent, or out of all reason. */
static unsigned int read_physical_bits(u32 leaf1_edx, u32 highest_extended)
{
        unsigned int bits = leaf1_edx & LEAF1_EDX_PSE36 ? 36 : PHYSICAL_BITS_LEAST;

        if (highest_extended >= 0x80000008u) {
                unsigned int claimed = cpuid(0x80000008u).eax & 0xFF;

                if (claimed >= PHYSICAL_BITS_LEAST && claimed <= PHYSICAL_BITS_MOST)
                        bits = claimed;
        }
        return bits;
}

/* Vendor, family, model and the feature bits of leaf 1. */
static void read_basic_leaves(void)
{
        struct cpuid_result name = cpuid(0);
        struct cpuid_result version = cpuid(1);
        unsigned int family = (version.eax >> 8) & 0xF;

        memcpy(cpu_features.vendor + 0, &name.ebx, 4);
        memcpy(cpu_features.vendor + 4, &name.edx, 4);
        memcpy(cpu_features.vendor + 8, &name.ecx, 4);
        cpu_features.family = family == 0xF ? family + ((version.eax >> 20) & 0xFF) : family;
        cpu_features.model = (version.eax >> 4) & 0xF;
        if (family == 0x6 || family == 0xF)
                cpu_features.model |= (version.eax >> 12) & 0xF0;
        cpu_features.stepping = version.eax & 0xF;
        cpu_features.apic_id = version.ebx >> 24;
        cpu_features.leaf1_edx = version.edx;
        cpu_features.leaf1_ecx = version.ecx;
}

/* The marketing name, 48 characters over three leaves. */
static void read_brand(u32 highest_extended)
{
        if (highest_extended < 0x80000004u)
                return;
        for (u32 part = 0; part < 3; part++) {
                struct cpuid_result text = cpuid(0x80000002u + part);

                memcpy(cpu_features.brand + part * sizeof(text), &text, sizeof(text));
        }
}

void cpu_features_init(void)
{
        u32 highest_extended = cpuid(0x80000000u).eax;

        if (highest_extended < 0x80000000u || highest_extended > 0x8000FFFFu)
                highest_extended = 0;
        read_basic_leaves();
        read_brand(highest_extended);
        cpu_features.physical_bits = read_physical_bits(cpu_features.leaf1_edx,
                                                        highest_extended);
        cpu_features.has_apic = cpu_features.leaf1_edx & LEAF1_EDX_APIC;
        cpu_features.has_global_pages = cpu_features.leaf1_edx & LEAF1_EDX_GLOBAL_PAGES;
        cpu_features.has_no_execute = highest_extended >= 0x80000001u &&
                                      (cpuid(0x80000001u).edx & EXTENDED1_EDX_NO_EXECUTE);
        if (cpu_features.has_no_execute) {
                enable_no_execute();
                pte_supported_bits |= PTE_NO_EXECUTE;
        }
        if (cpu_features.has_global_pages) {
                enable_global_pages();
                pte_supported_bits |= PTE_GLOBAL;
        }
}

bool cpu_features_agree(void)
{
        struct cpuid_result version = cpuid(1);
        u32 needed = cpu_features.leaf1_edx & LEAF1_EDX_RELIED_ON;
        u32 highest_extended = cpuid(0x80000000u).eax;

        return (version.edx & needed) == needed &&
               read_physical_bits(version.edx, highest_extended) >= cpu_features.physical_bits;
}

void cpu_features_enable(void)
{
        if (cpu_features.has_global_pages)
                enable_global_pages();
}

const char *cpu_flag_name(unsigned int bit)
{
        return bit < ARRAY_SIZE(flag_names) ? flag_names[bit] : NULL;
}
