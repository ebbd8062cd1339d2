/* features.h - what this CPU can do beyond what boot/early_cpu.c insists on. */
#pragma once

#include "lib/types.h"

struct cpu_features {
        char vendor[13];
        char brand[49];
        unsigned int family, model, stepping;
        unsigned int physical_bits;     /* of an address in a page-table entry: 32 to 52 */
        u32 apic_id;                    /* of the CPU that asked: the boot CPU */
        bool has_no_execute;
        bool has_global_pages;
        bool has_apic;
        u32 leaf1_edx, leaf1_ecx;
};

extern struct cpu_features cpu_features;

/*
 * cpu_features_init - ask CPUID, turn on NX and global pages where they exist, and set
 * pte_supported_bits accordingly. Context: boot, before the kernel's own page tables are built.
 */
void cpu_features_init(void);

/* cpu_features_agree - whether this CPU can do all that the boot CPU has turned on. */
bool cpu_features_agree(void);

/*
 * cpu_features_enable - turn on, on a CPU that agrees, what cpu_features_init() turned on on the
 * boot CPU. NX is on already: the kernel's page tables could not be read without.
 */
void cpu_features_enable(void);

/* cpu_flag_names - the names of the set bits of leaf 1, as /proc/cpuinfo spells them. */
const char *cpu_flag_name(unsigned int bit);
