/* io.h - the ports of the CPU's I/O space. Context: any. */
#pragma once

#include "lib/types.h"

/* out8 - write a byte to a port. */
static inline void out8(u16 port, u8 value)
{
        __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* in8 - read a byte from a port. */
static inline u8 in8(u16 port)
{
        u8 value;

        __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
        return value;
}

/* out16 - write a 16-bit word to a port. */
static inline void out16(u16 port, u16 value)
{
        __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* io_delay - wait about a microsecond, for chips that need it between two accesses. */
static inline void io_delay(void)
{
        out8(0x80, 0);
}
