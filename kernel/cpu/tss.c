/*
 * Task segments
 *
 * Idea        The kernel switches tasks in software, so each CPU has one task segment, for the
 *             stack on which traps from user programs arrive. A second one exists because of the
 *             double fault: when a fault cannot be delivered, most often since the stack has run
 *             into an unmapped page, only a task gate brings a fresh stack along. The CPU
 *             stores the interrupted registers in the first segment and loads all from the second.
 *
 * Picture     page fault, no stack to push on
 *                  |
 *             IDT[8] task gate --> GDT_DOUBLE_FAULT_TASK --> esp, eip, cr3, segments
 *                                                            |
 *             tss_of_cpu(): eip, esp, ebp … of the victim    double_fault_main()
 *
 * Invariants  TSS-1  cr3 of every double-fault segment is the page tables of the kernel itself.
 *                    (Guarded by the tests of the suite traps.)
 *
 * Failure     A fault inside the double-fault task is handled as any other; one that needs its
 *             task gate again, while it is busy, resets the machine.
 *
 * Reading     Intel SDM volume 3A, sections 7.3 and 6.15, "Interrupt 8".
 */
#include "kernel/cpu/tss.h"

#include "kernel/cpu/address.h"
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/smp.h"
#include "lib/assert.h"

#define TSS_BYTES 104
#define TSS_ALIGN 128                   /* so that none crosses a page */
#define EFLAGS_ALWAYS_SET 0x2

static_assert(sizeof(struct tss) == TSS_BYTES, "the CPU knows its layout");

extern char boot_stack_bottom[];
extern char boot_stack_top[];

/* Everything about tasks that one CPU has. */
struct cpu_tasks {
        struct tss task __aligned(TSS_ALIGN);
        struct tss double_fault __aligned(TSS_ALIGN);
        struct kernel_stack stack;
        struct kernel_stack double_fault_stack;
};

static DEFINE_PER_CPU(struct cpu_tasks, cpu_tasks);

/* The first CPU's stack, and below it a page that memory_setup.c leaves unmapped. */
static struct {
        u8 guard[PAGE_SIZE];
        u8 stack[PAGE_SIZE];
} boot_double_fault_pages __aligned(PAGE_SIZE);

/* Where the double-fault task begins. Its caller's place on the stack holds the error code, 0. */
static void __noreturn double_fault_main(void)
{
        double_fault_report(tss_of_cpu(smp_processor_id()));
}

/* Fill the segment of the double-fault task. */
static void init_double_fault(unsigned int cpu, struct tss *tss)
{
        *tss = (struct tss){
                .cr3 = read_cr3(),
                .eip = (u32)double_fault_main,
                .eflags = EFLAGS_ALWAYS_SET,
                .esp = double_fault_stack_of(cpu).top,
                .esp0 = double_fault_stack_of(cpu).top,
                .ss0 = GDT_KERNEL_DATA,
                .cs = GDT_KERNEL_CODE,
                .ss = GDT_KERNEL_DATA,
                .ds = GDT_KERNEL_DATA,
                .es = GDT_KERNEL_DATA,
                .fs = GDT_PER_CPU,
                .gs = GDT_KERNEL_DATA,
                .io_map_offset = sizeof(*tss),
        };
}

void tss_init(unsigned int cpu, struct kernel_stack stack, struct kernel_stack double_fault_stack)
{
        per_cpu(cpu_tasks, cpu).task = (struct tss){
                .ss0 = GDT_KERNEL_DATA,
                .io_map_offset = sizeof(struct tss),
        };
        per_cpu(cpu_tasks, cpu).double_fault_stack = double_fault_stack;
        kernel_stack_set(cpu, stack);
        init_double_fault(cpu, &per_cpu(cpu_tasks, cpu).double_fault);
}

struct tss *tss_of_cpu(unsigned int cpu)
{
        return &per_cpu(cpu_tasks, cpu).task;
}

struct tss *tss_of_double_fault(unsigned int cpu)
{
        return &per_cpu(cpu_tasks, cpu).double_fault;
}

void kernel_stack_set(unsigned int cpu, struct kernel_stack stack)
{
        per_cpu(cpu_tasks, cpu).stack = stack;
        per_cpu(cpu_tasks, cpu).task.esp0 = stack.top;
}

struct kernel_stack kernel_stack_of(unsigned int cpu)
{
        return per_cpu(cpu_tasks, cpu).stack;
}

struct kernel_stack double_fault_stack_of(unsigned int cpu)
{
        return per_cpu(cpu_tasks, cpu).double_fault_stack;
}

struct kernel_stack boot_stack(void)
{
        return (struct kernel_stack){
                .bottom = (unsigned long)boot_stack_bottom,
                .top = (unsigned long)boot_stack_top,
        };
}

struct kernel_stack boot_double_fault_stack(void)
{
        return (struct kernel_stack){
                .bottom = (unsigned long)boot_double_fault_pages.stack,
                .top = (unsigned long)(boot_double_fault_pages.stack + PAGE_SIZE),
        };
}

void double_fault_set_page_tables(unsigned long physical_address)
{
        unsigned int cpu;

        for_each_possible_cpu(cpu)
                per_cpu(cpu_tasks, cpu).double_fault.cr3 = physical_address;
}
