/* clock_setup.h - which devices of this machine make the ticks. */
#pragma once

/*
 * clock_setup - let the timer of the boot CPU interrupt, as often as tick= says; its local APIC's
 * where that can be used, else the i8254 on line 0.
 *
 * Context: boot, after interrupt_hardware_init(), interrupts off.
 */
void clock_setup(void);

/*
 * clock_setup_cpu - let the timer of this CPU interrupt. Only machines whose local APICs have
 * usable timers start more than one CPU.
 *
 * Context: a CPU that comes up, after local_apic_init_cpu(), interrupts off.
 */
void clock_setup_cpu(void);
