/* poweroff.h - ending the machine. */
#pragma once

#include "lib/compiler.h"

/*
 * machine_power_off - end the machine with a success status, where an emulator takes one; else turn
 * it off; where that does not work either, say so and stand still. Context: any.
 */
void machine_power_off(void) __noreturn;
