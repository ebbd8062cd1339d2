/* percpu.h - the per-CPU variables of the simulated machine. */
#pragma once

/* host_percpu_reset - give every CPU a fresh copy of the template, as in a machine just started. */
void host_percpu_reset(void);
