/*
 * 8259A pair
 *
 * Idea        Two chips of eight lines; the second, the slave, raises line 2 of the first. Each has
 *             a mask register, and an in-service register with a bit for every interrupt that was
 *             delivered and not yet ended.
 *
 * Picture     lines 0 1 [2] 3 4 5 6 7   master, ports 20 21 ---> CPU
 *                        |
 *                        +-- 8 … 15     slave, ports a0 a1
 *
 * Locking     mask_lock around mask and the mask registers, which anybody may change. Commands come
 *             from the boot CPU alone, the only one that is interrupted, with interrupts off.
 *
 * Failure     A request that goes away too early makes a chip deliver its lowest line, 7, though
 *             nothing is in service: that interrupt is spurious and must not be ended. When the
 *             slave did it, its line 2 of the master is really in service, and is ended.
 *
 * Reading     8259A data sheet, "Edge and level triggered modes", on default interrupt level 7.
 */
#include "drivers/irq/i8259.h"

#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/io.h"
#include "kernel/sync/spinlock.h"
#include "lib/bits.h"

#define MASTER_COMMAND 0x20
#define MASTER_DATA 0x21
#define SLAVE_COMMAND 0xA0
#define SLAVE_DATA 0xA1

#define COMMAND_INIT 0x11                       /* edge triggered, cascaded, four words */
#define COMMAND_END 0x20
#define COMMAND_READ_IN_SERVICE 0x0B
#define MODE_8086 0x01

#define LINES_PER_CHIP 8u
#define CASCADE_LINE 2u
#define SPURIOUS_LINE 7u

static u16 mask = 0xFFFF;                       /* a set bit: the line is off */
static struct spinlock mask_lock = SPINLOCK_INIT("i8259", LOCK_RANK_IRQ_LINES);

/* Write a byte and give an old chip the time to take it. */
static void out8_slowly(u16 port, u8 value)
{
        out8(port, value);
        io_delay();
}

/* Bring the mask registers in line with mask; the cascade is open while the slave has lines. */
static void write_mask(void) REQUIRES(mask_lock)
{
        bool slave_in_use = (mask >> LINES_PER_CHIP) != 0xFF;
        u8 master = (u8)(mask | BIT(CASCADE_LINE));

        if (slave_in_use)
                master &= (u8)~BIT(CASCADE_LINE);
        out8(MASTER_DATA, master);
        out8(SLAVE_DATA, (u8)(mask >> LINES_PER_CHIP));
}

/* Whether there is such a line: all sixteen but that of the cascade. */
static bool i8259_has_line(unsigned int irq)
{
        return irq < 2 * LINES_PER_CHIP && irq != CASCADE_LINE;
}

/* Let a line be silent. */
static void i8259_mask(unsigned int irq)
{
        unsigned long flags = spin_lock_irqsave(&mask_lock);

        mask |= (u16)BIT(irq);
        write_mask();
        spin_unlock_irqrestore(&mask_lock, flags);
}

/* Let a line interrupt. */
static void i8259_unmask(unsigned int irq)
{
        unsigned long flags = spin_lock_irqsave(&mask_lock);

        mask &= (u16)~BIT(irq);
        write_mask();
        spin_unlock_irqrestore(&mask_lock, flags);
}

/* Take a line out of service: on its chip and, for the slave's, on the master too. */
static void i8259_end(unsigned int irq)
{
        if (irq >= LINES_PER_CHIP)
                out8(SLAVE_COMMAND, COMMAND_END);
        out8(MASTER_COMMAND, COMMAND_END);
}

/* Whether a chip has its lowest line in service. */
static bool lowest_is_in_service(u16 command_port)
{
        out8(command_port, COMMAND_READ_IN_SERVICE);
        return (in8(command_port) & BIT(SPURIOUS_LINE)) != 0;
}

/* Whether an interrupt is none, and if the slave made it up, end the line of the cascade. */
static bool i8259_is_spurious(unsigned int irq)
{
        if (irq == SPURIOUS_LINE)
                return !lowest_is_in_service(MASTER_COMMAND);
        if (irq != LINES_PER_CHIP + SPURIOUS_LINE || lowest_is_in_service(SLAVE_COMMAND))
                return false;
        out8(MASTER_COMMAND, COMMAND_END);
        return true;
}

static const struct irq_chip i8259_chip = {
        .name = "8259A",
        .has_line = i8259_has_line,
        .mask = i8259_mask,
        .unmask = i8259_unmask,
        .end = i8259_end,
        .is_spurious = i8259_is_spurious,
};

/* The four words that a chip is set up with. */
static void init_chip(u16 command_port, u16 data_port, u8 first_vector, u8 cascade)
{
        out8_slowly(command_port, COMMAND_INIT);
        out8_slowly(data_port, first_vector);
        out8_slowly(data_port, cascade);
        out8_slowly(data_port, MODE_8086);
}

void i8259_init(void)
{
        init_chip(MASTER_COMMAND, MASTER_DATA, IRQ_VECTOR_FIRST, BIT(CASCADE_LINE));
        init_chip(SLAVE_COMMAND, SLAVE_DATA, IRQ_VECTOR_FIRST + LINES_PER_CHIP, CASCADE_LINE);

        unsigned long flags = spin_lock_irqsave(&mask_lock);

        write_mask();
        spin_unlock_irqrestore(&mask_lock, flags);
        interrupts_init(&i8259_chip);
}
