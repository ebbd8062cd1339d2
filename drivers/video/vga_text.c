/*
 * vga_text.c - a scrolling text screen without a cursor of its own to move.
 *
 * The cells are reached by their logical address: the direct map keeps the video memory below
 * 1 MiB, uncached. Locking: printk() calls one console at a time, interrupts off.
 */
#include "drivers/video/vga_text.h"

#include "kernel/cpu/address.h"
#include "kernel/cpu/io.h"
#include "lib/console.h"

#define VGA_PHYSICAL_ADDRESS 0xB8000
#define VGA_COLUMNS 80u
#define VGA_ROWS 25u
#define VGA_ATTRIBUTE 0x0700u           /* light grey on black */

#define VGA_CRTC_INDEX 0x3D4
#define VGA_CRTC_DATA 0x3D5
#define VGA_CURSOR_START 0x0A
#define VGA_CURSOR_OFF 0x20

static unsigned int row, column;

/* The cell of a row and column. */
static volatile u16 *cell_at(unsigned int cell_row, unsigned int cell_column)
{
        return (volatile u16 *)__va(VGA_PHYSICAL_ADDRESS) + cell_row * VGA_COLUMNS + cell_column;
}

/* Blank one row. */
static void clear_row(unsigned int cell_row)
{
        for (unsigned int index = 0; index < VGA_COLUMNS; index++)
                *cell_at(cell_row, index) = VGA_ATTRIBUTE | ' ';
}

/* Go to the next row, moving all of them up when there is none. */
static void next_row(void)
{
        column = 0;
        if (++row < VGA_ROWS)
                return;

        row = VGA_ROWS - 1;
        volatile u32 *cells = (volatile u32 *)cell_at(0, 0);
        volatile u32 *below = (volatile u32 *)cell_at(1, 0);
        for (unsigned int index = 0; index < row * VGA_COLUMNS / 2; index++)
                cells[index] = below[index];
        clear_row(row);
}

/* Show one character. */
static void put(char byte)
{
        if (byte == '\n') {
                next_row();
        } else if (byte == '\r') {
                column = 0;
        } else if (byte == '\b') {
                column -= column > 0;
        } else if (byte >= ' ') {
                if (column == VGA_COLUMNS)
                        next_row();
                *cell_at(row, column++) = (u16)(VGA_ATTRIBUTE | (u8)byte);
        }
}

/* Show text. */
static void vga_text_write(const char *text, size_t length_bytes)
{
        for (size_t index = 0; index < length_bytes; index++)
                put(text[index]);
}

static struct console vga_console = { .name = "vga", .write = vga_text_write };

void vga_text_init(void)
{
        for (unsigned int index = 0; index < VGA_ROWS; index++)
                clear_row(index);
        out8(VGA_CRTC_INDEX, VGA_CURSOR_START);
        out8(VGA_CRTC_DATA, VGA_CURSOR_OFF);
        console_register(&vga_console);
}
