/* cpu_tables.h - all the tables that the CPU reads by itself, in one call. */
#pragma once

/*
 * cpu_tables_init - fill and load the GDT, the IDT and the task segments of the first CPU.
 *
 * From then on an exception is reported, and the GDT that boot/ left behind is not used any more.
 *
 * Context: the first thing in kernel_main(), interrupts off.
 */
void cpu_tables_init(void);
