/* percpu.h - the per-CPU variables of the simulated machine. */
#pragma once

/* What one copy takes at most. */
#define HOST_PERCPU_COPY_BYTES (64ul << 10)

/* host_percpu_reset - give every CPU a fresh copy of the template, as in a machine just started. */
void host_percpu_reset(void);

/*
 * host_percpu_place - let the first cpu_count CPUs have their copies in simulated memory, from a
 * page-aligned address on, HOST_PERCPU_COPY_BYTES each; there are no other CPUs yet.
 */
void host_percpu_place(char *start, unsigned int cpu_count);
