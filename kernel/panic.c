/* panic.c - the end of the machine's work, said in full. */
#include "lib/panic.h"

#include "drivers/qemu/debug_exit.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"

void panic(const char *format, ...)
{
        local_irq_disable();
        printk("panic: %s\n", format);
        debug_exit(DEBUG_EXIT_PANIC);
        for (;;)
                cpu_halt();
}

void bug_report(const char *bug_class, const char *format, ...)
{
        printk("BUG: %s: %s\n", bug_class, format);
}
