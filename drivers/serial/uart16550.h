/* uart16550.h - COM1: the console that tests and people talk to. */
#pragma once

#include "lib/types.h"

/* uart_init - find the UART at COM1, set it up and register it as the console "serial". */
void uart_init(void);

/*
 * uart_write - send text, with a carriage return before each line end. Waits for the line; without
 * a UART nothing happens. Context: any.
 */
void uart_write(const char *text, size_t length_bytes);

/* uart_interrupt - move what has arrived into the input buffer, wake who waits. Context: any. */
void uart_interrupt(void);

/*
 * uart_enable_interrupts - ask the UART to raise IRQ 4 when a byte arrives, and handle it.
 *
 * Context: boot, once the interrupt controller is set up.
 */
void uart_enable_interrupts(void);

/*
 * uart_read - the next byte that arrived, or -1 when there is none.
 *
 * Context: any; takes what the interrupt handler buffered, and looks at the UART itself, so that
 * it works with interrupts off as well.
 */
int uart_read(void);

/* uart_wait_for_byte - the next byte that arrives. Context: may sleep, as long as it takes. */
u8 uart_wait_for_byte(void);

/* uart_check - UART-1, UART-2. Context: any. */
void uart_check(void);
