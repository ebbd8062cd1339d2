/* idt.c - 256 gates to the equally spaced stubs of kernel/cpu/trap_entry.asm. */
#include "kernel/cpu/idt.h"

#include "kernel/cpu/gdt.h"
#include "kernel/cpu/trap.h"
#include "lib/compiler.h"

#define GATE_INTERRUPT 0x8E00u          /* present, privilege level 0, 32 bits */
#define GATE_TASK 0x8500u
#define GATE_USER 0x6000u               /* privilege level 3 */

struct table_register {
        u16 limit;
        u32 base;
} __packed;

extern char trap_stubs[];               /* from trap_entry.asm */

static u64 idt[IDT_ENTRY_COUNT] __aligned(64);

/* Put the fields of a gate together. */
static u64 gate(u32 selector, u32 offset, u32 kind)
{
        u32 low = (selector << 16) | (offset & 0xFFFF);
        u32 high = (offset & 0xFFFF0000) | kind;

        return ((u64)high << 32) | low;
}

void idt_init(void)
{
        for (u32 vector = 0; vector < IDT_ENTRY_COUNT; vector++)
                idt[vector] = gate(GDT_KERNEL_CODE, (u32)trap_stubs + vector * TRAP_STUB_BYTES,
                                   GATE_INTERRUPT);
        idt[TRAP_DOUBLE_FAULT] = gate(GDT_DOUBLE_FAULT_TASK, 0, GATE_TASK);
        idt_allow_user(TRAP_BREAKPOINT);
        idt_allow_user(TRAP_OVERFLOW);
}

void idt_load(void)
{
        struct table_register pointer = { .limit = sizeof(idt) - 1, .base = (u32)idt };

        __asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
}

void idt_allow_user(unsigned int vector)
{
        idt[vector] |= (u64)GATE_USER << 32;
}
