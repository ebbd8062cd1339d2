/* crash_cpus.h - misbehaving on other CPUs than the monitor's; for kernel/monitor/crash.c. */
#pragma once

/* crash_hang_other - another CPU loops with interrupts off; waits until the watchdog says so. */
void crash_hang_other(void);

/* crash_panic_other - another CPU panics. */
void crash_panic_other(void);

/* crash_panic_all - all CPUs panic at once. */
void crash_panic_all(void);

/*
 * crash_deadlock - let this CPU and another one hold a lock each and wait for that of the other,
 * for good. Returns when there is no other CPU. Context: may sleep.
 */
void crash_deadlock(void);
