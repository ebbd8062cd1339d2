/* panic.h - what the reporters of traps need beyond panic(). */
#pragma once

#include "kernel/backtrace.h"
#include "lib/panic.h"
#include "lib/panic_hook.h"
#include "lib/types.h"

/* panic_from - panic(), with a call chain that begins at origin. Context: any. */
void panic_from(struct backtrace_origin origin, const char *format, ...)
        __printf(2, 3) __noreturn __cold;

/* panic_in_progress - whether the machine is already on its way down. Context: any. */
bool panic_in_progress(void);
