/* cpu_tables.c - the order in which the CPU's own tables come up. */
#include "kernel/cpu/cpu_tables.h"

#include "kernel/cpu/gdt.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/tss.h"

void cpu_tables_init(void)
{
        percpu_init_boot_cpu();
        tss_init(0, boot_stack(), boot_double_fault_stack());
        gdt_init(0);
        gdt_load(0);
        idt_init();
        idt_load();
}
