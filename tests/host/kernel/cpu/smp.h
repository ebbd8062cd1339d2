/*
 * smp.h - stand-in for hosted tests: four CPUs, of which a test says which one runs. They never
 * run at the same time.
 */
#pragma once

#include "kernel/cpu/percpu.h"

/* smp_processor_id - the number of this CPU. */
static inline unsigned int smp_processor_id(void)
{
        return host_cpu;
}

/* cpu_relax - a spin loop: since no other CPU runs, it would never end, and panics. */
void cpu_relax(void);
