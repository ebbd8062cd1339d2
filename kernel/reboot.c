/*
 * reboot.c - the ways to reset a PC that need no tables of the firmware.
 *
 * Source: Intel 82371AB (PIIX4) data sheet, "Reset Control Register", for port CF9.
 */
#include "kernel/reboot.h"

#include "kernel/cpu/io.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"

#define KEYBOARD_STATUS 0x64
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_INPUT_FULL 0x02
#define KEYBOARD_PULSE_RESET 0xFE
#define RESET_CONTROL_PORT 0xCF9
#define RESET_CONTROL_HARD 0x02
#define RESET_CONTROL_NOW 0x04
#define KEYBOARD_WAIT_LIMIT 10000u
#define RESET_WAIT_LIMIT 1000000u

void cpu_reset_by_fault(void)
{
        struct {
                u16 limit;
                u32 base;
        } __packed no_table = { 0, 0 };

        __asm__ volatile("lidt %0\n\tint3" : : "m"(no_table) : "memory");
        for (;;)
                cpu_halt();
}

/* Give what was just asked for the time to happen. */
static void wait_for_reset(void)
{
        for (unsigned int wait = 0; wait < RESET_WAIT_LIMIT; wait++)
                cpu_relax();
}

void machine_reboot(void)
{
        local_irq_disable();
        for (unsigned int tries = 0; tries < KEYBOARD_WAIT_LIMIT; tries++)
                if (!(in8(KEYBOARD_STATUS) & KEYBOARD_INPUT_FULL))
                        break;
        out8(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
        wait_for_reset();
        out8(RESET_CONTROL_PORT, RESET_CONTROL_HARD);
        out8(RESET_CONTROL_PORT, RESET_CONTROL_HARD | RESET_CONTROL_NOW);
        wait_for_reset();
        cpu_reset_by_fault();
}
