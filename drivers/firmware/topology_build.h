/*
 * topology_build.h - what the readers of the firmware's tables put a struct cpu_topology together
 * with. Each function refuses what makes no sense with a line "firmware: …". Context: boot.
 */
#pragma once

#include "drivers/firmware/topology.h"

/* How an interrupt signals, as both the MADT and the MP table encode it. */
#define SIGNAL_POLARITY_MASK 0x3u
#define SIGNAL_ACTIVE_LOW 0x3u
#define SIGNAL_TRIGGER_MASK 0xCu
#define SIGNAL_LEVEL 0xCu
#define SIGNAL_POLARITY_RESERVED 0x2u
#define SIGNAL_TRIGGER_RESERVED 0x8u

/* What a table is being turned into. */
struct topology_builder {
        struct cpu_topology *topology;
        u32 ids_seen[256 / 32];         /* bit n: a CPU with APIC id n was listed */
};

/* topology_begin - forget all that an earlier source said: one CPU, no APIC. */
void topology_begin(struct topology_builder *builder, struct cpu_topology *topology,
                    u32 boot_apic_id);

/* topology_add_cpu - note a CPU that works; the boot CPU has its place already. */
void topology_add_cpu(struct topology_builder *builder, u32 apic_id);

/* topology_add_ioapic - note an I/O APIC. */
void topology_add_ioapic(struct topology_builder *builder, u32 id, phys_addr_t address,
                         u32 gsi_base);

/* topology_add_override - note where an ISA line is found; signal is of the SIGNAL_ encoding. */
void topology_add_override(struct topology_builder *builder, unsigned int irq, u32 gsi,
                           unsigned int signal);

/* topology_add_nmi_pin - note that NMIs come by pin LINTn. */
void topology_add_nmi_pin(struct topology_builder *builder, unsigned int pin);

/*
 * topology_set_local_apic - note where the local APICs' registers are.
 * Returns: false when they cannot be there.
 */
bool topology_set_local_apic(struct topology_builder *builder, phys_addr_t address);
