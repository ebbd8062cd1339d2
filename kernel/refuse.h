/* refuse.h - ending a start that cannot succeed, with one plain sentence. */
#pragma once

#include "lib/compiler.h"

/*
 * refuse_to_run - print "Strata cannot start: …", leave the status for a refused boot, halt.
 *
 * For what is the machine's fault; what is the kernel's own panics. Context: boot.
 */
void refuse_to_run(const char *reason, ...) __printf(1, 2) __noreturn __cold;
