/*
 * nmi.h - letting another CPU stand still and looking at what it was doing, by the interrupt that
 * it cannot mask.
 *
 *      if (nmi_freeze(cpu)) {
 *              nmi_print(cpu);
 *              nmi_release(cpu);
 *      }
 *
 * Context: any, NMI handlers excepted. Takes no lock.
 */
#pragma once

#include "lib/types.h"

/* nmi_init - handle the non-maskable interrupts that CPUs send each other. Context: boot. */
void nmi_init(void);

/*
 * nmi_freeze - let another online CPU stand still in its NMI handler until nmi_release(), and wait
 * until it does, at most a second.
 *
 * Returns: false when it does not answer, or somebody else has frozen it.
 */
bool nmi_freeze(unsigned int cpu);

/* nmi_release - the end of nmi_freeze(), by the CPU that called it. */
void nmi_release(unsigned int cpu);

/*
 * nmi_stop_others - let all other online CPUs stand still for good; waits for them at most a
 * second. Context: panic.
 */
void nmi_stop_others(void);

/*
 * nmi_print - print what a CPU was doing when it was frozen or stopped: its task, the instruction,
 * the call chain; or that it does not answer.
 */
void nmi_print(unsigned int cpu);
