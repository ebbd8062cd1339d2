/* commands_general.c - the monitor about itself and about the machine. */
#include "boot/boot_info.h"
#include "drivers/serial/uart16550.h"
#include "kernel/monitor/monitor.h"
#include "kernel/printk.h"
#include "lib/assert.h"
#include "lib/string.h"

#define CLEAR_SCREEN "\033[H\033[2J"

/* The command whose name comes next behind a name, in the order of the alphabet; or NULL. */
static const struct monitor_command *command_after(const char *name)
{
        const struct monitor_command *next = NULL;

        for (const struct monitor_command *command = __start_monitor_commands;
             command < __stop_monitor_commands; command++)
                if (strcmp(command->name, name) > 0 &&
                    (!next || strcmp(command->name, next->name) < 0))
                        next = command;
        return next;
}

/* Print one line for each command. */
static void list_commands(void)
{
        const struct monitor_command *command = command_after("");

        for (; command; command = command_after(command->name))
                printk("  %-10s%-27s %s\n", command->name, command->arguments, command->help);
}

MONITOR_COMMAND(help, "[COMMAND]", "say how commands are used")
{
        if (argument_count > 2)
                return MONITOR_USAGE;
        if (argument_count == 1) {
                list_commands();
                return MONITOR_OK;
        }
        const struct monitor_command *command = monitor_command_find(arguments[1]);
        if (!command) {
                printk("%s: no such command\n", arguments[1]);
                return MONITOR_FAILED;
        }
        printk("usage: %s%s%s\n%s\n", command->name, *command->arguments ? " " : "",
               command->arguments, command->help);
        return MONITOR_OK;
}

MONITOR_COMMAND(version, "", "say which kernel this is")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        printk("Strata, %s build, compiler %s, booted by %s\n",
               DEBUG_BUILD ? "debug" : "release", __VERSION__, boot_info.protocol);
        return MONITOR_OK;
}

MONITOR_COMMAND(echo, "[WORD...]", "print words")
{
        for (int index = 1; index < argument_count; index++)
                printk(index == 1 ? "%s" : " %s", arguments[index]);
        printk("\n");
        return MONITOR_OK;
}

MONITOR_COMMAND(clear, "", "clear the terminal's screen")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        uart_write(CLEAR_SCREEN, strlen(CLEAR_SCREEN));
        return MONITOR_OK;
}

MONITOR_COMMAND(dmesg, "", "show again what was printed")
{
        unsigned int position = 0;
        char piece[128];
        size_t length_bytes;

        if (argument_count != 1)
                return MONITOR_USAGE;
        while ((length_bytes = log_read(&position, piece, sizeof(piece))))
                console_write(piece, length_bytes);
        return MONITOR_OK;
}
