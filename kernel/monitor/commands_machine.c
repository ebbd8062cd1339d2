/* commands_machine.c - testing the machine and ending it, well or badly. */
#include "kernel/monitor/arguments.h"
#include "kernel/monitor/crash.h"
#include "kernel/monitor/monitor.h"
#include "kernel/options.h"
#include "kernel/poweroff.h"
#include "kernel/reboot.h"
#include "kernel/self_test.h"
#include "lib/panic.h"
#include "lib/string.h"

MONITOR_COMMAND(test, "[NAMES|all] [seed=N]", "run self tests, or list them")
{
        const char *names = NULL;
        u64 seed = options.seed;

        for (int index = 1; index < argument_count; index++) {
                const char *number = argument_suffix(arguments[index], "seed=");

                if (number && !argument_number(number, UINT64_MAX, &seed))
                        return MONITOR_FAILED;
                if (!number && names)
                        return MONITOR_USAGE;
                if (!number)
                        names = arguments[index];
        }
        if (!names) {
                self_tests_list();
                return MONITOR_OK;
        }
        if (!names[strspn(names, ",")])
                return MONITOR_USAGE;
        return self_tests_run(names, seed) ? MONITOR_OK : MONITOR_FAILED;
}

MONITOR_COMMAND(panic, "[TEXT]", "stop the machine")
{
        if (argument_count > 2)
                return MONITOR_USAGE;
        panic("%s", argument_count == 2 ? arguments[1] : "asked for in the monitor");
}

MONITOR_COMMAND(crash, "[KIND]", "misbehave; without KIND, list the kinds")
{
        if (argument_count > 2)
                return MONITOR_USAGE;
        if (crash_run(argument_count == 2 ? arguments[1] : "") || argument_count == 1)
                return MONITOR_OK;
        printk("%s: no such kind\n", arguments[1]);
        return MONITOR_FAILED;
}

MONITOR_COMMAND(poweroff, "", "end the machine")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        machine_power_off();
}

MONITOR_COMMAND(reboot, "", "start the machine anew")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        machine_reboot();
}
