/*
 * early_console.c - one sentence on COM1 and on the VGA text screen, before anything else works.
 *
 * The serial line is taken as the firmware left it, except for its speed and form; if there is no
 * UART the bytes go nowhere. Waiting for it is bounded.
 */
#include "boot/early.h"

#define COM1_PORT 0x3F8
#define UART_DATA (COM1_PORT + 0)
#define UART_LINE_CONTROL (COM1_PORT + 3)
#define UART_LINE_STATUS (COM1_PORT + 5)
#define UART_TRANSMIT_EMPTY 0x20
#define UART_WAIT_LIMIT 100000

#define VGA_TEXT_ADDRESS 0xB8000
#define VGA_COLUMNS 80
#define VGA_CELLS (VGA_COLUMNS * 25)
#define VGA_BLANK 0x0720u
#define VGA_WHITE_ON_RED 0x4F00u

#define DEBUG_EXIT_PORT 0xF4
#define DEBUG_EXIT_REFUSED 0x13

static inline void out8(u16 port, u8 value)
{
        __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 in8(u16 port)
{
        u8 value;

        __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
        return value;
}

/* Send one byte, waiting a bounded time for the line. */
static void serial_put(char byte)
{
        for (u32 tries = 0; tries < UART_WAIT_LIMIT; tries++) {
                if (in8(UART_LINE_STATUS) & UART_TRANSMIT_EMPTY)
                        break;
                __asm__ volatile("pause");
        }
        out8(UART_DATA, (u8)byte);
}

/* Set 115200 baud, 8 bits, no parity, and send the text and a line end. */
static void serial_write_line(const char *text)
{
        out8(UART_LINE_CONTROL, 0x80);          /* the next two ports are the divisor */
        out8(COM1_PORT + 0, 1);
        out8(COM1_PORT + 1, 0);
        out8(UART_LINE_CONTROL, 0x03);
        while (*text)
                serial_put(*text++);
        serial_put('\r');
        serial_put('\n');
}

/* Clear the screen and write the text at its top. */
static void screen_write_line(const char *text)
{
        volatile u16 *cells = (volatile u16 *)VGA_TEXT_ADDRESS;

        for (u32 index = 0; index < VGA_CELLS; index++)
                cells[index] = VGA_BLANK;
        for (u32 index = 0; index < VGA_CELLS && text[index]; index++)
                cells[index] = (u16)(VGA_WHITE_ON_RED | (u8)text[index]);
}

void early_refuse(const char *sentence)
{
        serial_write_line(sentence);
        screen_write_line(sentence);
        out8(DEBUG_EXIT_PORT, DEBUG_EXIT_REFUSED);
        for (;;)
                __asm__ volatile("cli; hlt");
}
