/*
 * irq_stack.h - the stack on which a CPU handles interrupts.
 *
 * In kernels built with STACK_PAGES=1 a task's stack has room for the task only: interrupts and
 * softirqs run on a stack that each CPU has for them. With STACK_PAGES=2 they run on the stack of
 * whatever they interrupt, and calls go straight through.
 *
 * Source: LKD, chapter 12, "Single-Page Kernel Stacks".
 */
#pragma once

#include "kernel/cpu/tss.h"

/* Whether interrupts have a stack of their own. */
#define IRQ_STACK_IS_SEPARATE (STACK_PAGES == 1)

/*
 * irq_stack_set - use stack, of one page, on a CPU from now on. Before, calls go straight through.
 * irq_stack_of - what has been set; a stack with bottom 0 when nothing has.
 *
 * Context: before that CPU takes interrupts.
 */
void irq_stack_set(unsigned int cpu, struct kernel_stack stack);
struct kernel_stack irq_stack_of(unsigned int cpu);

/*
 * irq_stack_call - function(argument) on this CPU's interrupt stack, or where we are if that is
 * the interrupt stack already, or there is none.
 *
 * Context: preemption off. Interrupts may be on: one that comes before the switch is done with the
 * interrupt stack before the switch, and one that comes after it finds itself on it.
 */
bool irq_stack_call(bool (*function)(void *argument), void *argument);
