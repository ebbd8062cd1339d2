/* nr_cpus.h - stand-in for hosted tests: four CPUs. */
#pragma once

#define NR_CPUS 4

extern unsigned int nr_cpu_ids;

#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)
