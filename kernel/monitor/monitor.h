/*
 * monitor.h - the command line on the serial port.
 *
 *      strata> alloc 3 GFP_HIGHUSER; buddyinfo
 *
 * Commands are divided by `;`, words by blanks. What stands between double quotes is one word, or
 * a part of one. The commands themselves are in commands_*.c beside this file, or wherever
 * MONITOR_COMMAND() is used.
 */
#pragma once

#include "kernel/monitor/command.h"
#include "lib/types.h"

#define MONITOR_PROMPT "strata> "

/* The longest command, with its terminating zero, and the most words it may have. */
#define MONITOR_COMMAND_BYTES 256u
#define MONITOR_WORDS_MAX 16u

/*
 * monitor_run - read commands from the serial line and run them, for ever.
 *
 * Context: may sleep; interrupts on, uart_enable_interrupts() done.
 */
void monitor_run(void) __noreturn;

/*
 * monitor_run_commands - run the commands of text as if they were typed: each is printed, with the
 * prompt, before it runs. One that fails does not keep those behind it from running.
 *
 * Returns: whether all succeeded. Context: as monitor_run().
 */
bool monitor_run_commands(const char *text);

/* monitor_execute - run the commands of text without printing them. Otherwise the same. */
bool monitor_execute(const char *text);

/* monitor_command_find - the command of this name, or NULL. Context: any. */
const struct monitor_command *monitor_command_find(const char *name);
