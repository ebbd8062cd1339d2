/*
 * poweroff.c - the ways that need no ACPI interpreter: they work on emulators.
 *
 * Source: QEMU, hw/acpi/piix4.c and ich9.c: the PM1a control register lies at port 0x604.
 */
#include "kernel/poweroff.h"

#include "drivers/qemu/debug_exit.h"
#include "kernel/cpu/io.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "lib/panic.h"

#define PM1A_CONTROL_PORT 0x604
#define PM1A_SLEEP_S5 0x2000            /* sleep enable, with sleep type 0 */

void machine_power_off(void)
{
        debug_exit(DEBUG_EXIT_SUCCESS);
        out16(PM1A_CONTROL_PORT, PM1A_SLEEP_S5);
        printk("It is now safe to turn off the machine.\n");
        local_irq_disable();
        for (;;)
                cpu_halt();
}
