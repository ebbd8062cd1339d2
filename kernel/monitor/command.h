/*
 * command.h - how a command of the monitor is written.
 *
 *      MONITOR_COMMAND(peek, "ADDRESS [COUNT]", "show memory")
 *      {
 *              if (argument_count < 2)
 *                      return MONITOR_USAGE;
 *              …
 *              return MONITOR_OK;
 *      }
 *
 * The linker gathers the commands; `help` and completion find them by themselves.
 */
#pragma once

#include "lib/compiler.h"

/* What a command answers. */
enum monitor_status {
        MONITOR_OK,
        MONITOR_FAILED,                 /* it has said why */
        MONITOR_USAGE,                  /* the monitor prints how the command is used */
};

/* Runs in the monitor's context: may sleep, no lock held. arguments[0] is the command's name. */
struct monitor_command {
        const char *name;
        const char *arguments;
        const char *help;
        enum monitor_status (*run)(int argument_count, char **arguments);
};

#define MONITOR_COMMAND(command_name, argument_text, help_text)                                 \
        static enum monitor_status command_##command_name(int argument_count, char **arguments); \
        static const struct monitor_command monitor_command_##command_name                      \
                __used __section("monitor_commands") __aligned(sizeof(void *)) =                 \
                { #command_name, argument_text, help_text, command_##command_name };             \
        static enum monitor_status command_##command_name(int argument_count __unused,          \
                                                          char **arguments __unused)

extern const struct monitor_command __start_monitor_commands[], __stop_monitor_commands[];
