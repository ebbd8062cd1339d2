/* smp_stand_in.h - what starting CPUs needs of the scheduler and of mm/percpu. */
#pragma once

#include "kernel/cpu/tss.h"

/* percpu_setup - give every possible CPU its copy of the per-CPU variables. */
void percpu_setup(void);

/* kernel_stack_alloc - a stack; bottom is 0 when there is no memory. */
struct kernel_stack kernel_stack_alloc(void);

/* cpu_idle_loop - what a CPU does when there is nothing to do. */
void cpu_idle_loop(void) __noreturn;
