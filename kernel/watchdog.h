/* watchdog.h - noticing a CPU that no longer takes ticks. */
#pragma once

/* Seconds without a tick before a CPU is reported, when watchdog= says nothing. */
#define WATCHDOG_SECONDS_DEFAULT 20u

/*
 * watchdog_tick - look whether the CPU that this one watches still takes ticks, and report it once
 * if it has taken none for watchdog= seconds: "BUG: watchdog: CPU n takes no ticks for S s", and
 * what it was doing.
 *
 * Nobody watches the only CPU of a machine.
 *
 * Context: the tick's interrupt handler, on every CPU.
 */
void watchdog_tick(void);
