/* backtrace.h - call chains from any place. lib/backtrace.h has those of the caller. */
#pragma once

#include "lib/backtrace.h"

/* Where a chain begins: what ran, and with which registers. */
struct backtrace_origin {
        unsigned long instruction;
        unsigned long stack_pointer;    /* both 0: the chain begins with the frame */
        unsigned long frame_pointer;
};

/*
 * backtrace_print - print the chain from origin on, one function a line; calls that repeat
 * themselves share a line.
 *
 * Every frame is checked before it is read; a chain that leads nowhere ends there.
 *
 * Context: any, once cpu_tables_init() has run.
 */
void backtrace_print(struct backtrace_origin origin);
