/* commands_locks.c - what the debug build has learnt about locks. */
#include "kernel/monitor/monitor.h"
#include "kernel/sync/lock_class.h"
#include "lib/assert.h"
#include "lib/panic.h"
#include "lib/string.h"

/* Print one class. */
static void print_class(unsigned int number, const struct lock_class *class)
{
        printk("%-32s %4u %10u %10u %5u  %s%s%s%s\n", class->name, class->rank,
               READ_ONCE(class->acquired_count), READ_ONCE(class->contended_count),
               lock_class_successor_count(number),
               class->usage & LOCK_USED_IN_IRQ ? "irq " : "",
               class->usage & LOCK_USED_IRQS_ON ? "irqs-on " : "",
               class->usage & LOCK_USED_IN_SOFTIRQ ? "softirq " : "",
               class->usage & LOCK_USED_SOFTIRQS_ON ? "softirqs-on" : "");
}

/* Print the classes that were taken while one of a class was held. */
static void print_successors(unsigned int number)
{
        const struct lock_class *class;

        for (unsigned int next = 1; (class = lock_class(next)); next++)
                if (lock_class_follows(number, next))
                        printk("    -> %s\n", class->name);
}

MONITOR_COMMAND(locks, "[order]", "what locks there are, and in what order they were taken")
{
        bool with_order = argument_count == 2 && !strcmp(arguments[1], "order");
        const struct lock_class *class;

        if (argument_count > 2 || (argument_count == 2 && !with_order))
                return MONITOR_USAGE;
        if (!DEBUG_BUILD) {
                printk("only the debug build watches locks\n");
                return MONITOR_OK;
        }
        printk("%-32s %4s %10s %10s %5s  %s\n", "name", "rank", "acquired", "contended", "inner",
               "taken in or with");
        for (unsigned int number = 1; (class = lock_class(number)); number++) {
                print_class(number, class);
                if (with_order)
                        print_successors(number);
        }
        return MONITOR_OK;
}
