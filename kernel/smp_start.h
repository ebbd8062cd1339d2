/*
 * smp_start.h - letting all CPUs of the machine run the kernel.
 */
#pragma once

#include "kernel/cpu/nr_cpus.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* How far a CPU has come. */
enum cpu_start_state {
        CPU_NOT_STARTED,                /* it was not its turn yet, or memory did not suffice */
        CPU_STARTING,                   /* has been sent its first instruction's address */
        CPU_ARRIVED,                    /* runs the kernel's code, in time */
        CPU_JOINING,                    /* is about to be online, and not to be stopped */
        CPU_ONLINE,
        CPU_ABANDONED,                  /* did not come in time, or not online */
        CPU_LATE,                       /* came after it was abandoned, and halts for good */
        CPU_UNFIT,                      /* lacks what the boot CPU has, and halts for good */
};

/*
 * smp_count_possible - set nr_cpu_ids: the CPUs that cpu_topology lists, at most maxcpus=.
 * Context: boot, one CPU, after topology_find().
 */
void smp_count_possible(void);

/*
 * smp_start_all - start every CPU that cpu_topology lists, up to maxcpus=, one after the other.
 * Those that do not come in time, or lack a feature of the boot CPU, are left out with a message.
 *
 * Context: boot, task context, interrupts on or off. All possible CPUs have their per-CPU areas.
 */
void smp_start_all(void);

/* cpu_start_state - how far a CPU below nr_cpu_ids has come; cpu_start_state_name - in words. */
enum cpu_start_state cpu_start_state(unsigned int cpu);
const char *cpu_start_state_name(enum cpu_start_state state);

/*
 * smp_start_main - where a CPU comes out of kernel/cpu/trampoline.asm: paging on, the kernel's
 * tables in use, interrupts off, on its own stack.
 */
void smp_start_main(unsigned int cpu) __noreturn;
