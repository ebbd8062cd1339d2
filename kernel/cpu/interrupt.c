/*
 * Interrupts
 *
 * Idea        One handler for each line. The dispatcher asks the chip whether the interrupt is
 *             real, counts itself into interrupt context, calls the handler, and tells the chip.
 *             Interrupts stay off all along, so that handlers nest only in a trap's report.
 *
 * Picture     FREE --(one claims it)--> OPEN --(unregister)--> CLOSING --(runs nowhere)--> FREE
 *                                       handler set            handler NULL
 *
 * Data        lines[], by line number: its state, the handler, how often it was called, and on how
 *             many CPUs it is being called now.
 *
 * Invariants  IRQ-1  a line has a handler only while it is OPEN.
 *             IRQ-2  while running_count is 0 and the handler NULL, nobody calls the old handler.
 *             (Guarded by irq_register() and irq_unregister().)
 *
 * Locking     None of its own, because locks lie above this ring. Who changes state from FREE or
 *             OPEN with one atomic exchange owns the line until the next state is set. A dispatcher
 *             counts itself in before it reads the handler, so whoever takes the handler away and
 *             then sees the count at 0 knows that it is not called. The chip locks its registers.
 *
 * Failure     A line that interrupts without ever having had a handler is masked and reported: it
 *             could do so for ever. An interrupt that was under way while its line was closed is
 *             counted as spurious.
 *
 * Reading     LDD3, chapter 10, "Interrupt Handling".
 */
#include "kernel/cpu/interrupt.h"

#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/trap.h"
#include "lib/assert.h"

enum line_state {
        LINE_FREE,
        LINE_OPEN,
        LINE_CLOSING,
};

struct irq_line {
        u32 state;                      /* enum line_state */
        irq_handler_t handler;
        void *context;
        unsigned long count;
        unsigned int running_count;     /* CPUs between noting the interrupt and its end */
        bool was_open;                  /* it once had a handler */
};


static const struct irq_chip *irq_chip;
static struct irq_line lines[IRQ_COUNT];
static unsigned long spurious_count;

/* Change the state of a line, if it is in state from. Returns: whether it was. */
static bool change_state(struct irq_line *line, u32 from, u32 to)
{
        return __atomic_compare_exchange_n(&line->state, &from, to, false, __ATOMIC_ACQ_REL,
                                           __ATOMIC_RELAXED);
}

/* Silence a line that has no handler. */
static void handle_orphan(unsigned int irq)
{
        if (READ_ONCE(lines[irq].was_open)) {
                irq_note_spurious();
                return;
        }
        irq_chip->mask(irq);
        printk("interrupt: line %u has no handler and is masked\n", irq);
}

/* Call the handler of a line. */
static void handle_line(unsigned int irq)
{
        struct irq_line *line = &lines[irq];
        irq_handler_t handler;

        __atomic_fetch_add(&line->running_count, 1, __ATOMIC_SEQ_CST);
        handler = __atomic_load_n(&line->handler, __ATOMIC_SEQ_CST);
        if (handler) {
                __atomic_fetch_add(&line->count, 1, __ATOMIC_RELAXED);
                handler(irq, line->context);
        } else {
                handle_orphan(irq);
        }
        __atomic_fetch_sub(&line->running_count, 1, __ATOMIC_RELEASE);
}

/* The trap handler of all lines. */
static bool interrupt_handle(struct trap_frame *frame)
{
        unsigned int irq = frame->vector - IRQ_VECTOR_FIRST;

        if (irq_chip->is_spurious(irq)) {
                irq_note_spurious();
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
                BUG_ON(lines[irq].state != LINE_FREE, "irq=%u", irq);
                if (!chip->has_line(irq))
                        continue;
                chip->mask(irq);
                trap_set_handler(IRQ_VECTOR_FIRST + irq, interrupt_handle);
        }
}

bool irq_register(unsigned int irq, irq_handler_t handler, void *context)
{
        BUG_ON(irq >= IRQ_COUNT || !irq_chip || !handler, "irq=%u", irq);
        struct irq_line *line = &lines[irq];

        if (!irq_chip->has_line(irq) || !change_state(line, LINE_FREE, LINE_OPEN))
                return false;
        line->context = context;
        line->was_open = true;
        __atomic_store_n(&line->handler, handler, __ATOMIC_RELEASE);
        irq_chip->unmask(irq);
        return true;
}

void irq_unregister(unsigned int irq)
{
        BUG_ON(irq >= IRQ_COUNT, "irq=%u", irq);
        struct irq_line *line = &lines[irq];

        if (!change_state(line, LINE_OPEN, LINE_CLOSING))
                return;
        irq_chip->mask(irq);
        __atomic_store_n(&line->handler, NULL, __ATOMIC_SEQ_CST);
        while (__atomic_load_n(&line->running_count, __ATOMIC_SEQ_CST))
                smp_relax();
        change_state(line, LINE_CLOSING, LINE_FREE);
}

bool irq_set_affinity(unsigned int irq, unsigned int cpu)
{
        BUG_ON(irq >= IRQ_COUNT, "irq=%u", irq);
        return irq_chip->set_cpu && irq_chip->has_line(irq) && cpu_online(cpu) &&
               irq_chip->set_cpu(irq, cpu);
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

void irq_note_spurious(void)
{
        __atomic_fetch_add(&spurious_count, 1, __ATOMIC_RELAXED);
}

struct irq_description irq_describe(unsigned int irq)
{
        BUG_ON(irq >= IRQ_COUNT, "irq=%u", irq);
        return (struct irq_description){
                .exists = irq_chip->has_line(irq),
                .handler = READ_ONCE(lines[irq].handler),
                .count = READ_ONCE(lines[irq].count),
        };
}

const char *irq_chip_name(void)
{
        return irq_chip->name;
}
