/* nr_cpus.h - how many CPUs there can be, and how many there are. */
#pragma once

/* The number of CPUs the kernel is built for. */
#define NR_CPUS 64

/* CPUs are numbered below this: those that the firmware names. 1 until it has been asked. */
extern unsigned int nr_cpu_ids;

#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)
