/*
 * delay.h - waiting a short time by spinning.
 *
 * Context: any; interrupts and preemption stay as they are, and may make the wait longer. All wait
 * at least as long as asked. The time-stamp counters of all CPUs are taken to run at one rate, and
 * to show the same.
 */
#pragma once

#include "lib/types.h"

/* ndelay, udelay, mdelay - spin for nanoseconds, microseconds, milliseconds. */
void ndelay(unsigned long nanoseconds);
void udelay(unsigned long microseconds);
void mdelay(unsigned long milliseconds);

/*
 * delay_set_rate - take the time-stamp counter to count hz times a second. Until this is called,
 * and after hz 0, it is taken to be as fast as no CPU's is, so that delays are too long.
 *
 * Context: boot, one CPU.
 */
void delay_set_rate(u64 hz);

/* delay_rate - the rate that was set, or 0. Context: any. */
u64 delay_rate(void);
