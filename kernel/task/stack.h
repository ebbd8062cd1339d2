/*
 * stack.h - kernel stacks with an unmapped page below each.
 *
 * STACK_PAGES is chosen when the kernel is built: with 2, interrupts run on the stack of the task
 * that they interrupt; with 1, on a stack that each CPU has for them.
 *
 * Source: LKD, chapter 12, "Statically Allocating on the Stack", "Single-Page Kernel Stacks".
 */
#pragma once

#include "kernel/cpu/address.h"
#include "kernel/cpu/tss.h"

#define KERNEL_STACK_BYTES (STACK_PAGES * PAGE_SIZE)

/*
 * kernel_stack_alloc - a stack whose every word is KERNEL_STACK_UNUSED.
 *
 * Context: may sleep. Returns: a stack with bottom 0 when pages or address space are short. The
 * caller owns it until kernel_stack_free().
 */
struct kernel_stack kernel_stack_alloc(void);

/* kernel_stack_free - nobody uses stack any more. Context: any. */
void kernel_stack_free(struct kernel_stack stack);

/*
 * kernel_stacks_trim - give back the pages of stacks that nobody uses; some are kept otherwise.
 *
 * Context: may sleep. Returns: the pages that became free.
 */
unsigned long kernel_stacks_trim(void);

/* kernel_stacks_init - from now on, stacks that nobody uses are given back when memory is short. */
void kernel_stacks_init(void);

/*
 * irq_stack_prepare - give a CPU its stack for interrupts, where this build has one.
 *
 * Context: may sleep; before that CPU takes interrupts. Returns: false when memory is short.
 */
bool irq_stack_prepare(unsigned int cpu);

/* kernel_stack_used_bytes - how deep a stack was ever used since it was allocated. Context: any. */
unsigned long kernel_stack_used_bytes(struct kernel_stack stack);

/* What no word of a stack should be that was ever used. */
#define KERNEL_STACK_UNUSED 0x57AC57ACu

/* Kernel stacks in use, and those that wait mapped for the next task. */
struct kernel_stack_counts {
        unsigned int used;
        unsigned int kept;
        unsigned int most;              /* so many there can be */
};

/* kernel_stack_counts - how many there are now. Context: any. */
struct kernel_stack_counts kernel_stack_counts(void);

/* kernel_stacks_check - STACK-1, STACK-2. Context: any. */
void kernel_stacks_check(void);
