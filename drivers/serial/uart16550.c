/*
 * 16550 UART
 *
 * Idea        Output waits for the line, a bounded time, byte by byte: a panic must get out with
 *             interrupts off. Input is buffered by the interrupt handler in a ring with one
 *             writer and one reader.
 *
 * Picture     ring[]   . . a b c . . .        tail counts bytes read, head bytes written;
 *                          |     |            both only grow, and wrap with the unsigned type
 *                        tail   head
 *
 * Invariants  UART-1  head - tail is at most RING_BYTES.
 *             UART-2  the UART may interrupt, once that was asked for, exactly while the ring has
 *                     room.
 *
 * Locking     input_lock, rank DEVICE, interrupts off, for the ring and the UART's input. Output
 *             has the lock of whoever prints (kernel/printk.c), and none in a panic.
 *
 * Failure     A missing UART is found by its scratch register, and output is then dropped. While
 *             the ring is full, bytes wait in the UART: an emulator holds back the sender then, a
 *             real line loses what comes too fast.
 *
 * Reading     PC16550D data sheet.
 */
#include "drivers/serial/uart16550.h"

#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/io.h"
#include "kernel/cpu/smp.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "lib/assert.h"
#include "lib/console.h"

#define COM1_IRQ 4
#define COM1_PORT 0x3F8
#define UART_DATA (COM1_PORT + 0)
#define UART_INTERRUPT_ENABLE (COM1_PORT + 1)
#define UART_FIFO_CONTROL (COM1_PORT + 2)
#define UART_LINE_CONTROL (COM1_PORT + 3)
#define UART_MODEM_CONTROL (COM1_PORT + 4)
#define UART_LINE_STATUS (COM1_PORT + 5)
#define UART_SCRATCH (COM1_PORT + 7)

#define UART_INTERRUPT_ON_RECEIVE 0x01
#define UART_FIFO_ENABLE_AND_CLEAR 0x07
#define UART_LINE_8N1 0x03
#define UART_LINE_DIVISOR 0x80
#define UART_MODEM_READY_AND_INTERRUPT 0x0B     /* DTR, RTS, and OUT2, which gates the interrupt */
#define UART_RECEIVE_READY 0x01
#define UART_TRANSMIT_EMPTY 0x20
#define UART_WAIT_LIMIT 100000

#define RING_BYTES 256u

static bool uart_present;
static struct spinlock input_lock = SPINLOCK_INIT("serial input", LOCK_RANK_DEVICE);
static u8 ring[RING_BYTES];                     /* under input_lock, as all that follows */
static unsigned int ring_head;
static unsigned int ring_tail;
static bool interrupts_are_wanted;
static bool interrupts_are_on;
static DECLARE_WAIT_QUEUE_HEAD(readers);        /* those who wait for a byte */

/* Send one byte, waiting a bounded time for the line. */
static void uart_put(u8 byte)
{
        for (unsigned int tries = 0; tries < UART_WAIT_LIMIT; tries++) {
                if (in8(UART_LINE_STATUS) & UART_TRANSMIT_EMPTY)
                        break;
                cpu_relax();
        }
        out8(UART_DATA, byte);
}

void uart_write(const char *text, size_t length_bytes)
{
        if (!uart_present)
                return;
        for (size_t index = 0; index < length_bytes; index++) {
                if (text[index] == '\n')
                        uart_put('\r');
                uart_put((u8)text[index]);
        }
}

static struct console uart_console = { .name = "serial", .write = uart_write };

/* Whether the scratch register keeps what is written to it, both ways. */
static bool uart_probe(void)
{
        out8(UART_SCRATCH, 0x5A);
        if (in8(UART_SCRATCH) != 0x5A)
                return false;
        out8(UART_SCRATCH, 0xA5);
        return in8(UART_SCRATCH) == 0xA5;
}

/* Whether another byte can be taken. */
static bool ring_has_room(void) REQUIRES(&input_lock)
{
        return ring_head - ring_tail < RING_BYTES;
}

/* Let the UART interrupt as UART-2 says. */
static void gate_interrupts(void) REQUIRES(&input_lock)
{
        bool on = interrupts_are_wanted && ring_has_room();

        if (on != interrupts_are_on)
                out8(UART_INTERRUPT_ENABLE, on ? UART_INTERRUPT_ON_RECEIVE : 0);
        interrupts_are_on = on;
}

/* The handler of the interrupt line. */
static void handle_irq(unsigned int irq __unused, void *context __unused)
{
        uart_interrupt();
}

void uart_enable_interrupts(void)
{
        if (!uart_present || !irq_register(COM1_IRQ, handle_irq, NULL))
                return;

        unsigned long flags = spin_lock_irqsave(&input_lock);
        interrupts_are_wanted = true;
        gate_interrupts();
        spin_unlock_irqrestore(&input_lock, flags);
}

/* Move what the UART has to the ring, as far as there is room. */
static void take_bytes_locked(void) REQUIRES(&input_lock)
{
        while (uart_present && ring_has_room() && (in8(UART_LINE_STATUS) & UART_RECEIVE_READY))
                ring[ring_head++ % RING_BYTES] = in8(UART_DATA);
        gate_interrupts();
}

void uart_interrupt(void)
{
        unsigned long flags = spin_lock_irqsave(&input_lock);

        take_bytes_locked();
        spin_unlock_irqrestore(&input_lock, flags);
        wake_up(&readers);
}

void uart_check(void)
{
        unsigned long flags = spin_lock_irqsave(&input_lock);

        CHECK_INVARIANT(UART-1, ring_head - ring_tail <= RING_BYTES, "head %u tail %u", ring_head,
                        ring_tail);
        CHECK_INVARIANT(UART-2, interrupts_are_on == (interrupts_are_wanted && ring_has_room()),
                        "on %d, head %u tail %u", interrupts_are_on, ring_head, ring_tail);
        spin_unlock_irqrestore(&input_lock, flags);
}

int uart_read(void)
{
        unsigned long flags = spin_lock_irqsave(&input_lock);
        int byte = -1;

        take_bytes_locked();
        if (ring_head != ring_tail)
                byte = ring[ring_tail++ % RING_BYTES];
        gate_interrupts();
        spin_unlock_irqrestore(&input_lock, flags);
        return byte;
}

u8 uart_wait_for_byte(void)
{
        int byte = -1;

        wait_event(readers, (byte = uart_read()) >= 0);
        return (u8)byte;
}

/*
 * Turn the queues on, which empties them. What had arrived is kept; the read of nothing at the end
 * tells an emulator, which does not notice that the queue was emptied, that there is room again.
 */
static void enable_fifo(void)
{
        uart_interrupt();
        out8(UART_FIFO_CONTROL, UART_FIFO_ENABLE_AND_CLEAR);
        if (!(in8(UART_LINE_STATUS) & UART_RECEIVE_READY))
                in8(UART_DATA);
}

void uart_init(void)
{
        uart_present = uart_probe();
        if (!uart_present)
                return;

        out8(UART_INTERRUPT_ENABLE, 0);
        out8(UART_LINE_CONTROL, UART_LINE_DIVISOR);
        out8(UART_DATA, 1);                     /* 115200 baud */
        out8(UART_INTERRUPT_ENABLE, 0);         /* high byte of the divisor */
        out8(UART_LINE_CONTROL, UART_LINE_8N1);
        out8(UART_MODEM_CONTROL, UART_MODEM_READY_AND_INTERRUPT);
        enable_fifo();
        console_register(&uart_console);
}
