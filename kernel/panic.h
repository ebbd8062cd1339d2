/* panic.h - what the reporters of traps need beyond panic(). */
#pragma once

#include "kernel/backtrace.h"
#include "lib/panic.h"
#include "lib/panic_hook.h"
#include "lib/types.h"

/* panic_from - panic(), with a call chain that begins at origin. Context: any. */
void panic_from(struct backtrace_origin origin, const char *format, ...)
        __printf(2, 3) __noreturn __cold;

/*
 * panic_in_progress - whether the machine is already on its way down; panic_is_here - whether it is
 * this CPU that takes it down. Context: any.
 */
bool panic_in_progress(void);
bool panic_is_here(void);

/*
 * panic_wait_for_end - what a CPU does when another one panics: nothing any more. Context: any.
 */
void panic_wait_for_end(void) __noreturn;
