/* interrupt_setup.h - which of the machine's interrupt controllers and timers are used. */
#pragma once

#include "lib/types.h"

/* What was found good. Set at boot, then only read. */
struct interrupt_hardware {
        bool has_local_apic;            /* CPUs can interrupt each other */
        bool has_local_timer;           /* each CPU can have a tick, else line 0 has the only one */
        bool has_ioapic;                /* lines come from I/O APICs, else from the 8259s */
};

extern struct interrupt_hardware interrupt_hardware;

/*
 * interrupt_hardware_init - bring up the interrupt controllers that cpu_topology lists, measure the
 * clocks, and let lines be registered. Where other CPUs could not be interrupted or would have no
 * tick, they are taken out of cpu_topology.
 *
 * Context: boot CPU, interrupts off, after topology_find(). Takes 10 ms.
 */
void interrupt_hardware_init(void);
