/* local_apic_timer.h - the timer that each CPU has in its local APIC. */
#pragma once

#include "lib/types.h"

/*
 * local_apic_timer_calibrate - measure how fast the timers of all CPUs count.
 *
 * Context: boot CPU, after local_apic_init().
 * Returns: counts per second; 0, which means that the timers cannot be used, when they do not count
 *          or there is nothing to measure them against.
 */
u64 local_apic_timer_calibrate(void);

/*
 * local_apic_timer_start - let this CPU be interrupted hz times a second, at VECTOR_TIMER, whose
 * handler has been set with trap_set_handler() and calls local_apic_end().
 * local_apic_timer_stop - no more. One that was under way may still come.
 *
 * Context: preemption off; after local_apic_timer_calibrate() has returned more than hz.
 */
void local_apic_timer_start(unsigned int hz);
void local_apic_timer_stop(void);
