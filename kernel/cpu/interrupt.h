/*
 * interrupt.h - interrupt lines: who handles which, whatever chip delivers them.
 *
 * Lines 0 to 15 are those of the ISA bus, with any chip. Where there are I/O APICs, the lines above
 * are their further inputs, numbered as global system interrupts: PCI devices have those. Line n
 * has vector IRQ_VECTOR_FIRST + n.
 */
#pragma once

#include "kernel/cpu/vectors.h"
#include "lib/types.h"

#define IRQ_COUNT 64u
#define IRQ_ISA_COUNT 16u

/*
 * What an interrupt controller does. end and is_spurious are called with interrupts off, on the CPU
 * that was interrupted; the others by anybody, so that the chip has to have a lock for them.
 */
struct irq_chip {
        const char *name;
        bool (*has_line)(unsigned int irq);
        void (*mask)(unsigned int irq);
        void (*unmask)(unsigned int irq);
        void (*end)(unsigned int irq);          /* the interrupt has been handled */
        bool (*is_spurious)(unsigned int irq);  /* none was raised; puts the chip in order */
        bool (*set_cpu)(unsigned int irq, unsigned int cpu);    /* NULL: only the boot CPU */
};

/* Called with interrupts off, in interrupt context; may not sleep. */
typedef void (*irq_handler_t)(unsigned int irq, void *context);

/* What is known of a line. */
struct irq_description {
        bool exists;
        irq_handler_t handler;                  /* NULL: none */
        unsigned long count;                    /* of interrupts that were handled */
};

/*
 * interrupts_init - let the lines of chip be dispatched. All of them are masked at first. A second
 * call exchanges the chip, as long as no line has a handler.
 *
 * Context: boot, interrupts off, after cpu_tables_init().
 */
void interrupts_init(const struct irq_chip *chip);

/*
 * irq_register - let handler be called, with context, for each interrupt of a line, and unmask it.
 *
 * Returns: false when the line has a handler already, or leads nowhere. Context: any but interrupt
 *          handlers.
 */
bool irq_register(unsigned int irq, irq_handler_t handler, void *context);

/*
 * irq_unregister - mask a line and forget its handler, which runs nowhere any more afterwards.
 *
 * Context: any but interrupt handlers, with no lock held that the handler may want.
 */
void irq_unregister(unsigned int irq);

/*
 * irq_set_affinity - let a line interrupt another CPU, from the next interrupt on; at first all
 * interrupt CPU 0. For a moment the handler may run on both CPUs at once.
 *
 * Returns: false when the chip cannot, or no such CPU is online. Context: any.
 */
bool irq_set_affinity(unsigned int irq, unsigned int cpu);

/* irq_count - how many interrupts of a line have been handled. Context: any. */
unsigned long irq_count(unsigned int irq);

/* irq_spurious_count - how many interrupts, of any line, turned out to be none. Context: any. */
unsigned long irq_spurious_count(void);

/* irq_note_spurious - count an interrupt that was none. Context: any. */
void irq_note_spurious(void);

/* irq_describe - what is known of a line. Context: any. */
struct irq_description irq_describe(unsigned int irq);

/* irq_chip_name - the name of the chip in use. Context: any. */
const char *irq_chip_name(void);
