/* commands_interrupts.c - the interrupt lines: how often, by which chip, handled by whom. */
#include "drivers/firmware/topology.h"
#include "drivers/irq/ioapic.h"
#include "drivers/irq/local_apic.h"
#include "kernel/cpu/interrupt.h"
#include "kernel/interrupt_setup.h"
#include "kernel/monitor/monitor.h"
#include "kernel/symbols.h"
#include "lib/panic.h"

/* Print a line that has or had a handler, or interrupted without one. */
static void print_line(unsigned int irq)
{
        struct irq_description line = irq_describe(irq);
        unsigned long offset;
        const char *name = symbol_name((unsigned long)line.handler, &offset);

        if (!line.exists || (!line.handler && !line.count))
                return;
        printk("%4u: %10lu  %s", irq, line.count, irq_chip_name());
        if (interrupt_hardware.has_ioapic)
                printk(" input %u", ioapic_gsi_of(irq));
        printk("  %s\n", name ? name : "-");
}

MONITOR_COMMAND(interrupts, "", "show interrupt lines: count, chip, handler")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        for (unsigned int irq = 0; irq < IRQ_COUNT; irq++)
                print_line(irq);
        printk("spurious: %lu\n", irq_spurious_count());
        printk("errors: %lu, last %#x\n", local_apic_error_count(), local_apic_last_error());
        return MONITOR_OK;
}

MONITOR_COMMAND(topology, "", "show the CPUs and I/O APICs that the firmware lists")
{
        const struct cpu_topology *topology = &cpu_topology;

        if (argument_count != 1)
                return MONITOR_USAGE;
        printk("source: %s\n", topology->source);
        for (unsigned int cpu = 0; cpu < topology->cpu_count; cpu++)
                printk("cpu %u: APIC id %u\n", cpu, topology->apic_ids[cpu]);
        printk("more CPUs, not used: %u\n", topology->dropped_count);
        for (unsigned int index = 0; index < topology->ioapic_count; index++)
                printk("I/O APIC %u: at %#llx, inputs from %u\n", topology->ioapics[index].id,
                       (unsigned long long)topology->ioapics[index].address,
                       topology->ioapics[index].gsi_base);
        for (unsigned int index = 0; index < topology->override_count; index++)
                printk("line %u: input %u, %s, active %s\n", topology->overrides[index].irq,
                       topology->overrides[index].gsi,
                       topology->overrides[index].is_level ? "level" : "edge",
                       topology->overrides[index].is_active_low ? "low" : "high");
        return MONITOR_OK;
}
