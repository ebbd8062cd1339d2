/*
 * local_apic.h - the interrupt controller that each CPU has to itself: it takes interrupts from the
 * I/O APICs and from other CPUs, sends them, and has a timer.
 *
 * All but the first two functions, and the counters, need local_apic_init() to have succeeded.
 *
 * Source: Intel SDM volume 3A, chapter 11, "Advanced Programmable Interrupt Controller".
 */
#pragma once

#include "drivers/firmware/topology.h"

/*
 * local_apic_init - map the registers where topology says, turn the boot CPU's local APIC on, and
 * set it up. takes_8259: the 8259s' interrupts come by its pin LINT0, instead of from I/O APICs.
 *
 * Context: boot CPU, interrupts off, after cpu_tables_init().
 * Returns: false, and says why, when there is no local APIC that answers.
 */
bool local_apic_init(const struct cpu_topology *topology, bool takes_8259);

/* local_apic_is_used - whether local_apic_init() has succeeded. Context: any. */
bool local_apic_is_used(void);

/*
 * local_apic_init_cpu - turn on and set up the local APIC of this CPU. Context: a CPU that comes
 * up, interrupts off. local_apic_init() has done so for the boot CPU.
 */
void local_apic_init_cpu(void);

/* local_apic_id - the id of this CPU. Context: preemption off. */
u32 local_apic_id(void);

/* local_apic_end - the interrupt in service has been handled. Context: its handler. */
void local_apic_end(void);

/* local_apic_in_service - whether a vector is being served by this CPU. Context: preemption off. */
bool local_apic_in_service(unsigned int vector);

/*
 * local_apic_send - interrupt the CPU with an id. It need not be another one.
 * local_apic_send_all_others - interrupt every CPU but this one, those not yet started included:
 *                              they ignore it.
 * local_apic_send_nmi - send a CPU what it cannot mask.
 * local_apic_send_init - put a CPU into the state in which it waits for its start; it takes up to
 *                        10 ms to get there.
 * local_apic_send_startup - let a CPU in that state begin at page_number, of the first MiB, in
 *                           real mode.
 *
 * Context: any, interrupt handlers included. What was written to memory before is seen by the CPU
 * that takes the interrupt. Returns: false when the local APIC did not get it out in time.
 */
bool local_apic_send(u32 apic_id, u8 vector);
bool local_apic_send_all_others(u8 vector);
bool local_apic_send_nmi(u32 apic_id);
bool local_apic_send_init(u32 apic_id);
bool local_apic_send_startup(u32 apic_id, u8 page_number);

/* local_apic_error_count - how many errors the local APICs have reported. Context: any. */
unsigned long local_apic_error_count(void);

/* local_apic_last_error - the error bits of the last of them. Context: any. */
u32 local_apic_last_error(void);
