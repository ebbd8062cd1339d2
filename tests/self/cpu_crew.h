/* cpu_crew.h - for tests: let all CPUs do something at the same time. */
#pragma once

#include "lib/types.h"

/*
 * crew_run - let a thread on each online CPU run work(cpu, argument). All begin together, when the
 * last of them is there; returns when the last has ended.
 *
 * Context: may sleep. Returns: the sum of what work returned; (unsigned long)-1 when there is no
 * memory for the threads.
 */
unsigned long crew_run(unsigned long (*work)(unsigned int cpu, void *argument), void *argument);
