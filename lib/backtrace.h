/*
 * backtrace.h - who called: the chain of return addresses of the running function.
 *
 * Declared at the bottom of the house so that everything can keep or print a chain. Defined
 * above: by kernel/backtrace.c in the kernel, by a stand-in in hosted tests.
 */
#pragma once

/* dump_stack - print the call chain of the caller. Context: any. */
void dump_stack(void);

/*
 * backtrace_capture - put the return addresses of the caller's chain into addresses[], the
 * innermost first: where the caller of backtrace_capture() itself returns to.
 *
 * Returns: how many, at most capacity. Context: any.
 */
unsigned int backtrace_capture(unsigned long *addresses, unsigned int capacity);
