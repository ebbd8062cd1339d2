/*
 * interrupt.h - interrupt lines: who handles which, whatever chip delivers them.
 *
 * Vectors 0x20 to 0x2f of the CPU are the sixteen lines of a PC.
 */
#pragma once

#include "lib/types.h"

#define IRQ_VECTOR_FIRST 0x20u
#define IRQ_COUNT 16u

/* What an interrupt controller does. All are called with interrupts off. */
struct irq_chip {
        const char *name;
        void (*mask)(unsigned int irq);
        void (*unmask)(unsigned int irq);
        void (*end)(unsigned int irq);          /* the interrupt has been handled */
        bool (*is_spurious)(unsigned int irq);  /* none was raised; puts the chip in order */
};

/* Called with interrupts off, in interrupt context; may not sleep. */
typedef void (*irq_handler_t)(unsigned int irq, void *context);

/*
 * interrupts_init - let the lines of chip be dispatched. All of them are masked at first.
 *
 * Context: boot, interrupts off, after cpu_tables_init().
 */
void interrupts_init(const struct irq_chip *chip);

/*
 * irq_register - let handler be called, with context, for each interrupt of a line, and unmask it.
 *
 * Returns: false when the line has a handler already. Context: any but interrupt handlers.
 */
bool irq_register(unsigned int irq, irq_handler_t handler, void *context);

/* irq_unregister - mask a line and forget its handler. Context: any but interrupt handlers. */
void irq_unregister(unsigned int irq);

/* irq_count - how many interrupts of a line have been handled. Context: any. */
unsigned long irq_count(unsigned int irq);

/* irq_spurious_count - how many interrupts, of any line, turned out to be none. Context: any. */
unsigned long irq_spurious_count(void);
