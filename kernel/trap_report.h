/* trap_report.h - what the CPU knew at a trap, printed. Shared by the reporters of traps. */
#pragma once

#include "kernel/cpu/trap.h"

/* A trap, with what the frame leaves out. */
struct trap_state {
        const struct trap_frame *frame;
        unsigned long stack_pointer;
        u32 stack_segment;
        unsigned long fault_address;    /* cr2, read before anything else could fault */
};

/* trap_print_registers - print all registers of a trap, the flags in words. Context: any. */
void trap_print_registers(const struct trap_state *state);
