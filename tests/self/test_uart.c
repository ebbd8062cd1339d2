/* test_uart.c - the serial port's input, with the port sending to itself. */
#include "drivers/serial/uart16550.h"
#include "kernel/cpu/io.h"
#include "kernel/cpu/irqflags.h"
#include "lib/test.h"

#define UART_DATA 0x3F8
#define UART_MODEM_CONTROL 0x3FC
#define UART_LOOPBACK 0x10

#define RING_BYTES 256u
#define FIFO_BYTES 16u

/* Let the port receive what it sends, and nothing leave it. Returns what ends that. */
static u8 begin_loopback(void)
{
        u8 control = in8(UART_MODEM_CONTROL);

        while (uart_read() >= 0)
                continue;
        out8(UART_MODEM_CONTROL, control | UART_LOOPBACK);
        return control;
}

/* Whether a byte that is sent comes back. */
static bool loops_back(u8 byte)
{
        out8(UART_DATA, byte);
        return uart_read() == byte;
}

/* Send count bytes, 0 1 2 …, and read them again. Returns how many came back in order. */
static unsigned int send_and_read(unsigned int count)
{
        unsigned int in_order = 0;

        for (unsigned int index = 0; index < count; index++) {
                out8(UART_DATA, (u8)index);
                uart_interrupt();
                uart_check();
        }
        while (in_order < count && uart_read() == (u8)in_order) {
                in_order++;
                uart_check();
        }
        return in_order;
}

/* Guards UART-1 and UART-2: what does not fit the ring waits in the port, and nothing is lost. */
TEST(uart, full_ring_loses_nothing)
{
        unsigned long flags = local_irq_save();
        u8 control = begin_loopback();
        bool works = loops_back(0x5A);
        unsigned int in_order = works ? send_and_read(RING_BYTES + FIFO_BYTES) : 0;
        int more = uart_read();

        out8(UART_MODEM_CONTROL, control);
        local_irq_restore(flags);
        if (!works)
                SKIP("this serial port does not send to itself");
        EXPECT_EQ(in_order, RING_BYTES + FIFO_BYTES);
        EXPECT_EQ(more, -1);
}
