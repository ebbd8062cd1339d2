/* gdt.c - a descriptor table for each CPU: task segments and the base of %fs are its own. */
#include "kernel/cpu/gdt.h"

#include "kernel/cpu/smp.h"
#include "kernel/cpu/tss.h"
#include "lib/compiler.h"

/* Access bytes: present, privilege level, kind. */
#define ACCESS_KERNEL_CODE 0x9Au
#define ACCESS_KERNEL_DATA 0x92u
#define ACCESS_USER_CODE 0xFAu
#define ACCESS_USER_DATA 0xF2u
#define ACCESS_TASK 0x89u

#define FLAGS_FLAT 0xCu                 /* 32 bits, limit in pages */
#define FLAGS_BYTES 0x0u
#define FLAT_LIMIT 0xFFFFFu

struct table_register {
        u16 limit;
        u32 base;
} __packed;

static DEFINE_PER_CPU(u64[GDT_ENTRY_COUNT], gdt) __aligned(64);

/* Put the scattered fields of a descriptor together. */
static u64 descriptor(u32 base, u32 limit, u32 access, u32 flags)
{
        u32 low = (base << 16) | (limit & 0xFFFF);
        u32 high = (base & 0xFF000000) | (flags << 20) | (limit & 0xF0000) | (access << 8) |
                   ((base >> 16) & 0xFF);

        return ((u64)high << 32) | low;
}

/* The table entry that a selector names. */
static u64 *entry_of(unsigned int cpu, u32 selector)
{
        return &per_cpu(gdt, cpu)[selector / 8];
}

void gdt_init(unsigned int cpu)
{
        u32 task_limit = sizeof(struct tss) - 1;

        *entry_of(cpu, GDT_KERNEL_CODE) = descriptor(0, FLAT_LIMIT, ACCESS_KERNEL_CODE, FLAGS_FLAT);
        *entry_of(cpu, GDT_KERNEL_DATA) = descriptor(0, FLAT_LIMIT, ACCESS_KERNEL_DATA, FLAGS_FLAT);
        *entry_of(cpu, GDT_USER_CODE) = descriptor(0, FLAT_LIMIT, ACCESS_USER_CODE, FLAGS_FLAT);
        *entry_of(cpu, GDT_USER_DATA) = descriptor(0, FLAT_LIMIT, ACCESS_USER_DATA, FLAGS_FLAT);
        *entry_of(cpu, GDT_TASK) =
                descriptor((u32)tss_of_cpu(cpu), task_limit, ACCESS_TASK, FLAGS_BYTES);
        *entry_of(cpu, GDT_DOUBLE_FAULT_TASK) =
                descriptor((u32)tss_of_double_fault(cpu), task_limit, ACCESS_TASK, FLAGS_BYTES);
        gdt_set_percpu_base(cpu);
}

void gdt_set_percpu_base(unsigned int cpu)
{
        *entry_of(cpu, GDT_PER_CPU) =
                descriptor(per_cpu_offset[cpu], FLAT_LIMIT, ACCESS_KERNEL_DATA, FLAGS_FLAT);
}

void gdt_load(unsigned int cpu)
{
        struct table_register pointer = { .limit = sizeof(gdt) - 1, .base = (u32)entry_of(cpu, 0) };

        __asm__ volatile("lgdt %0\n\t"
                         "ljmp %1, $1f\n"
                         "1:\n\t"
                         "movl %2, %%ds\n\t"
                         "movl %2, %%es\n\t"
                         "movl %4, %%fs\n\t"
                         "movl %2, %%gs\n\t"
                         "movl %2, %%ss\n\t"
                         "ltr %w3"
                         :
                         : "m"(pointer), "i"(GDT_KERNEL_CODE), "r"(GDT_KERNEL_DATA), "r"(GDT_TASK),
                           "r"(GDT_PER_CPU)
                         : "memory");
}
