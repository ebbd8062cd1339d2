/*
 * double_fault.c - the report of the double-fault task.
 *
 * The interrupted registers are in the task segment that the CPU left; cr2 is that of the fault
 * that could not be delivered.
 */
#include "kernel/cpu/address.h"
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/irq_stack.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/tss.h"
#include "kernel/page_walk.h"
#include "kernel/panic.h"
#include "kernel/sync/schedule.h"
#include "kernel/trap_report.h"
#include "lib/symbol.h"

/* So near above its bottom a stack has no room for a trap; so far below it one frame may reach. */
#define STACK_NEARLY_FULL_BYTES 256ul
#define STACK_OVERRUN_BYTES (16 * PAGE_SIZE)

/* A stack that the interrupted code may have overflown, and whose it is. */
struct candidate {
        const char *kind;
        struct kernel_stack stack;
};

/* Whether a stack pointer is just below the bottom of stack, or so near above that nothing fits. */
static bool has_overflown(unsigned long stack_pointer, struct kernel_stack stack)
{
        return stack.bottom && stack_pointer >= stack.bottom - STACK_OVERRUN_BYTES &&
               stack_pointer < stack.bottom + STACK_NEARLY_FULL_BYTES;
}

/* Whether a stack pointer is where a stack has room. */
static bool has_room(unsigned long stack_pointer, struct kernel_stack stack)
{
        return stack.bottom && stack_pointer >= stack.bottom + STACK_NEARLY_FULL_BYTES &&
               stack_pointer <= stack.top;
}

/*
 * The stack that has overflown, of those that have no room at the stack pointer; NULL when none.
 * Stacks lie close to each other, so that it may be below several: the nearest one is it.
 */
static const struct candidate *overflown(unsigned long stack_pointer,
                                         const struct candidate candidates[], unsigned int count)
{
        const struct candidate *nearest = NULL;

        for (unsigned int index = 0; index < count; index++)
                if (has_overflown(stack_pointer, candidates[index].stack) &&
                    (!nearest || candidates[index].stack.bottom < nearest->stack.bottom))
                        nearest = &candidates[index];
        return nearest;
}

/*
 * What the place of the stack pointer tells, as the end of a message. An overflow also gets the
 * line that every bug has.
 */
static const char *stack_verdict(unsigned long stack_pointer, const struct candidate candidates[],
                                 unsigned int count)
{
        const struct candidate *victim;

        for (unsigned int index = 0; index < count; index++)
                if (has_room(stack_pointer, candidates[index].stack))
                        return "";
        victim = overflown(stack_pointer, candidates, count);
        if (!victim)
                return ", the stack pointer is outside the kernel stack";
        printk("BUG: stack-overflow: %s stack of %lu bytes, task %s, CPU %u, %lu bytes deep\n",
               victim->kind, victim->stack.top - victim->stack.bottom, task_name(current),
               smp_processor_id(), victim->stack.top - stack_pointer);
        return ", kernel stack overflow";
}

/* The registers of the task segment in the form that a trap has. */
static struct trap_frame frame_of(const struct tss *tss)
{
        return (struct trap_frame){
                .vector = TRAP_DOUBLE_FAULT,
                .gs = tss->gs, .fs = tss->fs, .es = tss->es, .ds = tss->ds,
                .edi = tss->edi, .esi = tss->esi, .ebp = tss->ebp,
                .ebx = tss->ebx, .edx = tss->edx, .ecx = tss->ecx, .eax = tss->eax,
                .eip = tss->eip, .cs = tss->cs, .eflags = tss->eflags,
        };
}

void double_fault_report(const struct tss *interrupted)
{
        const struct candidate candidates[] = {
                { "interrupt", irq_stack_of(smp_processor_id()) },
                { "task", kernel_stack_of(smp_processor_id()) },
        };
        struct trap_frame frame = frame_of(interrupted);
        struct trap_state state = {
                .frame = &frame,
                .stack_pointer = interrupted->esp,
                .stack_segment = interrupted->ss,
                .fault_address = read_cr2(),
        };
        struct backtrace_origin origin = {
                .instruction = interrupted->eip,
                .stack_pointer = interrupted->esp,
                .frame_pointer = interrupted->ebp,
        };
        char instruction[SYMBOL_TEXT_BYTES];

        symbol_format(instruction, sizeof(instruction), interrupted->eip);
        if (!panic_in_progress()) {
                printk("exception 8, double fault; task %s, kernel stack %08lx-%08lx\n",
                       task_name(current), candidates[1].stack.bottom, candidates[1].stack.top);
                trap_print_registers(&state);
                page_walk_print(read_cr3(), state.fault_address);
        }
        panic_from(origin, "double fault%s, esp 0x%08x, in %s",
                   stack_verdict(interrupted->esp, candidates, ARRAY_SIZE(candidates)),
                   interrupted->esp, instruction);
}
