/* commands_time.c - how long the machine runs, and which timers wait. */
#include "kernel/cpu/cpumask.h"
#include "kernel/monitor/command.h"
#include "kernel/time/tick.h"
#include "kernel/time/timer.h"
#include "lib/panic.h"
#include "lib/symbol.h"

/* Of each CPU, so many timers are shown. */
#define TIMERS_SHOWN 24u

MONITOR_COMMAND(uptime, "", "how long the kernel runs, and each CPU's ticks")
{
        unsigned long passed = jiffies - INITIAL_JIFFIES;
        unsigned long seconds = passed / HZ;
        unsigned int cpu;

        if (argument_count != 1)
                return MONITOR_USAGE;
        printk("%lu:%02lu:%02lu.%02lu, %lu jiffies of 1/%u s, now %#lx\n", seconds / 3600,
               seconds / 60 % 60, seconds % 60, passed % HZ * 100 / HZ, passed, HZ, jiffies);
        printk("%u ticks a second; so far", tick_hz());
        for_each_online_cpu(cpu)
                printk(" %lu", READ_ONCE(per_cpu(tick_count, cpu)));
        printk("\n");
        return MONITOR_OK;
}

/* Print the timers of a CPU. */
static void print_timers(unsigned int cpu)
{
        static struct timer_report reports[TIMERS_SHOWN];
        unsigned int count = timers_report(cpu, reports, TIMERS_SHOWN);
        char name[SYMBOL_TEXT_BYTES];

        printk("CPU %u: %u\n", cpu, count);
        for (unsigned int index = 0; index < count && index < TIMERS_SHOWN; index++) {
                const struct timer_report *report = &reports[index];

                symbol_format(name, sizeof(name), (unsigned long)report->function);
                printk("  %p in %ld ticks: %s(%#lx)\n", (const void *)report->timer,
                       (long)(report->expires - jiffies), name, report->data);
        }
        if (count > TIMERS_SHOWN)
                printk("  and %u more\n", count - TIMERS_SHOWN);
}

MONITOR_COMMAND(timers, "", "timers that wait, on each CPU")
{
        unsigned int cpu;

        if (argument_count != 1)
                return MONITOR_USAGE;
        for_each_online_cpu(cpu)
                print_timers(cpu);
        return MONITOR_OK;
}
