/*
 * tss.h - task segments: where the CPU finds the kernel's stack, and the task that runs when
 * nothing else can.
 *
 * Source: Intel SDM volume 3A, section 7.2.1, "Task-State Segment (TSS)".
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/* As the CPU wants it. Of the segment registers only the low half counts. */
struct tss {
        u32 back_link;
        u32 esp0;                       /* the stack for traps from user programs */
        u32 ss0;
        u32 esp1, ss1, esp2, ss2;
        u32 cr3;
        u32 eip;
        u32 eflags;
        u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
        u32 es, cs, ss, ds, fs, gs;
        u32 ldt;
        u16 trap_on_switch;
        u16 io_map_offset;
};

/* The stack that a CPU's kernel code runs on: addresses [bottom, top). */
struct kernel_stack {
        unsigned long bottom;
        unsigned long top;
};

/* boot_stack, boot_double_fault_stack - the first CPU's stacks, which the image has room for. */
struct kernel_stack boot_stack(void);
struct kernel_stack boot_double_fault_stack(void);

/*
 * tss_init - fill the two task segments of a CPU: an almost empty one, and that of the double
 * fault, with a stack of its own and the page tables in use now. The pages below both stacks are
 * not mapped, as soon as the kernel's own page tables are in use.
 *
 * Context: boot; the CPU may not be running yet, but must have its per-CPU variables.
 */
void tss_init(unsigned int cpu, struct kernel_stack stack, struct kernel_stack double_fault_stack);

/* tss_of_cpu, tss_of_double_fault - the two segments of a CPU. */
struct tss *tss_of_cpu(unsigned int cpu);
struct tss *tss_of_double_fault(unsigned int cpu);

/*
 * kernel_stack_set - tell the CPU on which stack its current task runs: traps from user programs
 * enter there, and a double fault compares the stack pointer with it.
 *
 * Context: on that CPU, interrupts off, at every task switch.
 */
void kernel_stack_set(unsigned int cpu, struct kernel_stack stack);

/* kernel_stack_of - what kernel_stack_set() was told last; at first what tss_init() was. */
struct kernel_stack kernel_stack_of(unsigned int cpu);

/* double_fault_stack_of - the stack, a page at least, of the double-fault task of a CPU. */
struct kernel_stack double_fault_stack_of(unsigned int cpu);

/*
 * double_fault_set_page_tables - the physical address of the page tables, below 4 GiB, that a
 * double fault on any CPU switches to.
 *
 * To be called whenever the kernel's own tables move, before the old ones go away.
 */
void double_fault_set_page_tables(unsigned long physical_address);

/*
 * double_fault_report - say what the interrupted registers tell, and panic. Defined in the top
 * ring, by kernel/double_fault.c.
 *
 * Context: the double-fault task, on its own stack; whatever was interrupted never goes on.
 */
void double_fault_report(const struct tss *interrupted) __noreturn;
