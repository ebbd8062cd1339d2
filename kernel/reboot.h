/* reboot.h - starting the machine anew. */
#pragma once

#include "lib/compiler.h"

/*
 * machine_reboot - reset the machine: by the keyboard controller, else by the chip set, else by
 * force. Context: any.
 */
void machine_reboot(void) __noreturn;

/* cpu_reset_by_fault - reset the CPU by a fault that cannot be delivered at all. Context: any. */
void cpu_reset_by_fault(void) __noreturn;
