/*
 * interrupt_setup.c - the 8259s first, because every PC has them: masked, so that they are silent
 * when the APICs take over. What cannot be used leaves the machine with what came before it.
 */
#include "kernel/interrupt_setup.h"

#include "drivers/firmware/topology.h"
#include "drivers/irq/i8259.h"
#include "drivers/irq/ioapic.h"
#include "drivers/irq/local_apic.h"
#include "drivers/irq/local_apic_timer.h"
#include "drivers/timer/calibrate.h"
#include "kernel/cpu/delay.h"
#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/io.h"
#include "kernel/cpu/timestamp.h"
#include "lib/panic.h"

/* The interrupt mode configuration register, on machines that have one. */
#define IMCR_SELECT 0x22
#define IMCR_DATA 0x23
#define IMCR_NUMBER 0x70
#define IMCR_APICS 0x01

struct interrupt_hardware interrupt_hardware;

/* Connect the CPU to the local APIC, where the firmware had connected it to the 8259s. */
static void leave_pic_mode(void)
{
        out8(IMCR_SELECT, IMCR_NUMBER);
        out8(IMCR_DATA, in8(IMCR_DATA) | IMCR_APICS);
}

/* Measure how fast the CPU's counter counts, for delays. */
static void measure_timestamp(void)
{
        u64 hz = calibrate_rate(timestamp_read);

        delay_set_rate(hz);
        if (!hz)
                printk("timer: the time-stamp counter could not be measured, delays are long\n");
}

/* Measure the local APICs' timers. */
static void measure_local_timer(void)
{
        u64 hz = local_apic_timer_calibrate();

        interrupt_hardware.has_local_timer = hz != 0;
        if (hz)
                printk("timer: the local APIC's counts at %llu kHz\n",
                       (unsigned long long)(hz / 1000));
        else
                printk("timer: the local APIC's could not be measured; line 0 ticks\n");
}

/* Go on with the boot CPU alone. */
static void drop_other_cpus(const char *reason)
{
        if (cpu_topology.cpu_count == 1)
                return;
        printk("interrupt: %u CPUs not used: %s\n", cpu_topology.cpu_count - 1, reason);
        cpu_topology.dropped_count += cpu_topology.cpu_count - 1;
        cpu_topology.cpu_count = 1;
}

/* Bring up the APICs, as far as they go. */
static void start_apics(void)
{
        bool has_ioapic = ioapic_init(&cpu_topology);

        if (!local_apic_init(&cpu_topology, !has_ioapic)) {
                drop_other_cpus("there is no local APIC");
                return;
        }
        if (cpu_topology.has_imcr)
                leave_pic_mode();
        interrupt_hardware.has_local_apic = true;
        if (has_ioapic)
                ioapic_use();
        interrupt_hardware.has_ioapic = has_ioapic;
        measure_local_timer();
        if (!interrupt_hardware.has_local_timer)
                drop_other_cpus("they would have no timer");
}

void interrupt_hardware_init(void)
{
        i8259_init();
        measure_timestamp();
        if (cpu_topology.local_apic)
                start_apics();
        printk("interrupt: lines by %s, ticks by %s, time-stamp counter %llu kHz\n",
               irq_chip_name(),
               interrupt_hardware.has_local_timer ? "the local APIC" : "the i8254",
               (unsigned long long)(delay_rate() / 1000));
}
