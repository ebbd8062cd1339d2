/* smp_stand_in.h - what starting CPUs needs of mm/percpu. */
#pragma once

/* percpu_setup - give every possible CPU its copy of the per-CPU variables. */
void percpu_setup(void);
