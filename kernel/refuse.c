/* refuse.c - no call chain and no registers: whoever reads this wants to know what to change. */
#include "kernel/refuse.h"

#include "drivers/qemu/debug_exit.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "lib/format.h"
#include "lib/panic.h"

#define REASON_BYTES 160

void refuse_to_run(const char *reason, ...)
{
        char text[REASON_BYTES];
        va_list arguments;

        va_start(arguments, reason);
        vsnprintf(text, sizeof(text), reason, arguments);
        va_end(arguments);
        printk("Strata cannot start: %s.\n", text);
        debug_exit(DEBUG_EXIT_REFUSED);
        for (;;) {
                local_irq_disable();
                cpu_halt();
        }
}
