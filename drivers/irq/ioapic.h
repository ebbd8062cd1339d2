/*
 * ioapic.h - the interrupt controllers outside the CPUs: each input is sent to a CPU of choice,
 * with a vector of choice.
 *
 * Source: Intel 82093AA data sheet, "I/O APIC".
 */
#pragma once

#include "drivers/firmware/topology.h"

/*
 * ioapic_init - map the I/O APICs of topology, mask all their inputs, and find the input of each
 * line. Those that do not answer, or overlap, are left out with a message.
 *
 * Context: boot, interrupts off. topology stays in use.
 * Returns: false when there is none left, or none has an input for the lines of the ISA bus.
 */
bool ioapic_init(const struct cpu_topology *topology);

/*
 * ioapic_use - become the chip behind kernel/cpu/interrupt.h.
 *
 * Context: as above, after ioapic_init() and local_apic_init(), with all lines of the 8259s masked.
 */
void ioapic_use(void);

/* ioapic_gsi_of - the global system interrupt that a line is; UINT32_MAX: it leads nowhere. */
u32 ioapic_gsi_of(unsigned int irq);

/* ioapic_check - IOAPIC-1, IOAPIC-2. Context: any; called by tests. */
void ioapic_check(void);
