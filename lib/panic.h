/*
 * panic.h - how anything says that it cannot go on, or that a caller broke a rule.
 *
 * Declared here, at the bottom of the house, so that everything may call it. Defined above: by
 * kernel/panic.c in the kernel, by tests/host/panic.c in hosted tests.
 */
#pragma once

#include "lib/compiler.h"

/*
 * panic - stop the machine: print the message, the call chain and the state of memory.
 *
 * Context: any. Never returns. The message needs no newline at its end.
 */
void panic(const char *format, ...) __printf(1, 2) __noreturn __cold;

/*
 * bug_report - a caller's bug, from which the kernel can go on: one line
 * `BUG: <class>: <details>`, followed by the call chain. In lib/bug_report.c, for both builds.
 *
 * Context: any. bug_class is one of the classes of docs/05-debugging.md, such as "double-free".
 */
void bug_report(const char *bug_class, const char *format, ...) __printf(2, 3) __cold;

/* bug_report_count - how many bugs were reported that no test expected. Context: any. */
unsigned int bug_report_count(void);

/*
 * bug_last_report - the text "<class>: <details>" of the last bug report, expected or not; "" when
 * there was none. Changes with the next report. Context: any.
 */
const char *bug_last_report(void);

/*
 * printk - write a line, or a part of one, to every console.
 *
 * Context: any. Returns: the number of characters printed.
 */
int printk(const char *format, ...) __printf(1, 2);
