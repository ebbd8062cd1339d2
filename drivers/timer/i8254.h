/*
 * i8254.h - the interval timer of every PC: three counters driven by 1.19 MHz.
 *
 * Source: Intel 8254 data sheet, "Mode Definitions"; port 0x61 of the PC/AT.
 */
#pragma once

#include "lib/types.h"

/* How fast its counters count. */
#define I8254_HZ 1193182u

/*
 * i8254_tick_start - let channel 0 interrupt, on line 0, about hz times a second: 19 to 100000.
 * Who wants the interrupts registers for line 0. Context: any, one caller at a time.
 */
void i8254_tick_start(unsigned int hz);

/* i8254_tick_stop - let channel 0 be silent. Context: as above. */
void i8254_tick_stop(void);

/*
 * i8254_wait_begin - let channel 2 count ticks, 1 to 65535, of 1 / I8254_HZ seconds each.
 * i8254_wait_is_over - whether it has come to the end.
 *
 * Context: one user at a time, at boot or in tests; interrupts only make the answer late.
 */
void i8254_wait_begin(unsigned int ticks);
bool i8254_wait_is_over(void);
