/* commands_general.c - the monitor about itself and about the machine. */
#include "boot/boot_info.h"
#include "drivers/serial/uart16550.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/smp.h"
#include "kernel/monitor/monitor.h"
#include "kernel/printk.h"
#include "lib/assert.h"
#include "lib/string.h"

#define CLEAR_SCREEN "\033[H\033[2J"
#define VIRTUAL_BITS 32u
#define FLAG_COUNT 32u

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

/* Print the names of the CPU's features. */
static void print_flags(void)
{
        printk("flags\t\t:");
        for (unsigned int bit = 0; bit < FLAG_COUNT; bit++)
                if ((cpu_features.leaf1_edx >> bit & 1) && cpu_flag_name(bit))
                        printk(" %s", cpu_flag_name(bit));
        printk("%s\n", cpu_features.has_no_execute ? " nx" : "");
}

MONITOR_COMMAND(cpuinfo, "", "each CPU, as /proc/cpuinfo")
{
        const char *brand = cpu_features.brand + strspn(cpu_features.brand, " ");

        if (argument_count != 1)
                return MONITOR_USAGE;
        for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
                printk("processor\t: %u\n", cpu);
                printk("vendor_id\t: %s\n", cpu_features.vendor);
                printk("cpu family\t: %u\n", cpu_features.family);
                printk("model\t\t: %u\n", cpu_features.model);
                printk("model name\t: %s\n", *brand ? brand : "unknown");
                printk("stepping\t: %u\n", cpu_features.stepping);
                print_flags();
                printk("address sizes\t: %u bits physical, %u bits virtual\n\n",
                       cpu_features.physical_bits, VIRTUAL_BITS);
        }
        return MONITOR_OK;
}
