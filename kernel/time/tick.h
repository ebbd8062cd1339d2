/*
 * tick.h - what happens at every timer interrupt of every CPU.
 *
 * The machine's part, which device interrupts and how it is told to, is in kernel/clock_setup.c.
 */
#pragma once

#include "kernel/cpu/percpu.h"

/* Timer interrupts a second on each CPU, when tick= says nothing, and what it may say. */
#define TICK_HZ_DEFAULT 100u
#define TICK_HZ_LEAST 20u
#define TICK_HZ_MOST 10000u

/* The timer interrupts that each CPU has taken. */
DECLARE_PER_CPU(unsigned long, tick_count);

/*
 * tick_init - timer interrupts will come hz times a second to each CPU, TICK_HZ_LEAST to
 * TICK_HZ_MOST. Context: boot, before the first.
 */
void tick_init(unsigned int hz);

/* tick_hz - what tick_init() was told. Context: any. */
unsigned int tick_hz(void);

/*
 * tick_handle - the timer of this CPU has interrupted.
 *
 * The first CPU lets jiffies go on, HZ times a second whatever tick_hz() is. Every CPU counts,
 * looks for due timers and asks the scheduler.
 *
 * Context: interrupt handler, between irq_enter() and irq_exit(), interrupts off.
 */
void tick_handle(void);

/* scheduler_tick - look whether the task that runs here has had its share; in kernel/task. */
void scheduler_tick(void);
