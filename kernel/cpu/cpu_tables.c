/* cpu_tables.c - the order in which the CPU's own tables come up. */
#include "kernel/cpu/cpu_tables.h"

#include "kernel/cpu/gdt.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/tss.h"

void cpu_tables_init(void)
{
        unsigned int cpu = smp_processor_id();

        tss_init(cpu);
        gdt_init(cpu);
        gdt_load(cpu);
        idt_init();
        idt_load();
}
