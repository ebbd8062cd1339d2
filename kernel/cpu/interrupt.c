/*
 * Interrupts
 *
 * Idea        One handler for each line. The dispatcher asks the chip whether the interrupt is
 *             real, counts itself into interrupt context, calls the handler, and tells the chip.
 *             Interrupts stay off all along, so that handlers nest only in a trap's report.
 *
 * Data        lines[], by line number: the handler, and how often it was called.
 *
 * Locking     Interrupts off around every change of lines[].
 *
 * Failure     A line that interrupts without a handler is masked and reported: it could do
 *             so for ever.
 *
 * Reading     LDD3, chapter 10, "Interrupt Handling".
 */
#include "kernel/cpu/interrupt.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/trap.h"
#include "lib/assert.h"

struct irq_line {
        irq_handler_t handler;
        void *context;
        unsigned long count;
};


static const struct irq_chip *irq_chip;
static struct irq_line lines[IRQ_COUNT];
static unsigned long spurious_count;

/* Call the handler of a line, or silence the line. */
static void handle_line(unsigned int irq)
{
        struct irq_line *line = &lines[irq];

        line->count++;
        if (line->handler) {
                line->handler(irq, line->context);
                return;
        }
        irq_chip->mask(irq);
        printk("interrupt: line %u has no handler and is masked\n", irq);
}

/* The trap handler of all lines. */
static bool interrupt_handle(struct trap_frame *frame)
{
        unsigned int irq = frame->vector - IRQ_VECTOR_FIRST;

        if (irq_chip->is_spurious(irq)) {
                spurious_count++;
                return true;
        }
        irq_enter();
        handle_line(irq);
        irq_chip->end(irq);
        irq_exit();
        return true;
}

void interrupts_init(const struct irq_chip *chip)
{
        irq_chip = chip;
        for (unsigned int irq = 0; irq < IRQ_COUNT; irq++) {
                chip->mask(irq);
                trap_set_handler(IRQ_VECTOR_FIRST + irq, interrupt_handle);
        }
}

bool irq_register(unsigned int irq, irq_handler_t handler, void *context)
{
        BUG_ON(irq >= IRQ_COUNT || !irq_chip, "irq=%u", irq);
        unsigned long flags = local_irq_save();
        bool free = !lines[irq].handler;

        if (free) {
                lines[irq].handler = handler;
                lines[irq].context = context;
                irq_chip->unmask(irq);
        }
        local_irq_restore(flags);
        return free;
}

void irq_unregister(unsigned int irq)
{
        BUG_ON(irq >= IRQ_COUNT, "irq=%u", irq);
        unsigned long flags = local_irq_save();

        irq_chip->mask(irq);
        lines[irq].handler = NULL;
        local_irq_restore(flags);
}

unsigned long irq_count(unsigned int irq)
{
        BUG_ON(irq >= IRQ_COUNT, "irq=%u", irq);
        return READ_ONCE(lines[irq].count);
}

unsigned long irq_spurious_count(void)
{
        return READ_ONCE(spurious_count);
}
