/*
 * i8259.h - the pair of interrupt controllers of every PC.
 *
 * Source: Intel 8259A data sheet, "Initialization Command Words", "Operation Command Words".
 */
#pragma once

/*
 * i8259_init - move the sixteen lines to IRQ_VECTOR_FIRST, mask them all, and become the chip
 * behind kernel/cpu/interrupt.h.
 *
 * Context: boot, interrupts off, after cpu_tables_init().
 */
void i8259_init(void);
