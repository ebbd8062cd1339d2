/*
 * topology.h - which CPUs the machine has, and how its interrupt lines are wired, in one neutral
 * structure, whatever the firmware's tables look like.
 *
 * Global system interrupts (GSIs) number the inputs of all I/O APICs in one row: input n of an
 * I/O APIC is GSI gsi_base + n.
 */
#pragma once

#include "kernel/cpu/smp.h"
#include "lib/types.h"

#define TOPOLOGY_ISA_LINES 16u
#define TOPOLOGY_IOAPICS_MAX 8u

/* The source of a topology without any table. */
#define TOPOLOGY_NO_SOURCE "none"

struct topology_ioapic {
        u32 id;
        phys_addr_t address;            /* of its registers; a multiple of 64 */
        u32 gsi_base;
};

/* Where an ISA line is found, when that is not the GSI of its own number, or not an ISA signal. */
struct topology_override {
        u8 irq;                         /* below TOPOLOGY_ISA_LINES; no two are alike */
        u32 gsi;
        bool is_level;                  /* else triggered by the edge */
        bool is_active_low;
};

struct cpu_topology {
        unsigned int cpu_count;         /* 1 to NR_CPUS */
        u32 apic_ids[NR_CPUS];          /* [0] is the boot CPU's; below 255, no two are alike */
        unsigned int dropped_count;     /* CPUs that work, but for which there was no room */

        phys_addr_t local_apic;         /* the registers, of every CPU; 0: there is none to use */
        unsigned int ioapic_count;
        struct topology_ioapic ioapics[TOPOLOGY_IOAPICS_MAX];
        unsigned int override_count;
        struct topology_override overrides[TOPOLOGY_ISA_LINES];
        u32 nmi_pins;                   /* bit n: pin LINTn of local APICs carries NMI */

        bool has_8259;                  /* there is a pair of 8259s, which has to be masked */
        bool has_imcr;                  /* ports 0x22 and 0x23 switch from the 8259s to the APICs */
        const char *source;             /* "ACPI", "MP table", … or TOPOLOGY_NO_SOURCE */
};

/* This machine's. Filled at boot, then only read. */
extern struct cpu_topology cpu_topology;

/*
 * topology_find - ask the firmware's tables: ACPI, else the MP table, else one CPU is all there is.
 *
 * boot_apic_id is the APIC id of the CPU that runs; has_apic, whether CPUID lists an APIC: without
 * one no table is looked at. What is wrong in a table is reported by a line "firmware: …", and
 * either it is left out or the next source is tried.
 *
 * Context: boot, one CPU, after direct_map_build(). Allocates nothing.
 * Source:  ACPI specification 6.4, sections 5.2.5 to 5.2.12; Intel MultiProcessor Specification
 *          1.4, chapters 4 and 5.
 */
void topology_find(struct cpu_topology *topology, u32 boot_apic_id, bool has_apic);

/* Whether topology_find() passes ACPI by; acpi=off sets it. */
extern bool topology_ignores_acpi;

/* topology_override_of - the override of an ISA line, or NULL. Context: any. */
const struct topology_override *topology_override_of(const struct cpu_topology *topology,
                                                     unsigned int irq);
