/*
 * cpu_stack.h - a stack of pointers that only one CPU uses, with push and pop that no interrupt
 * on that CPU can split.
 *
 * Picture      NULL | p | p | p |   |   |
 *                     bottom      top     limit
 *
 * The slot below bottom holds NULL for ever, so that a pop needs no comparison: it reads the slot
 * below top, and NULL says that the stack is empty.
 *
 * Interrupts are off for the few instructions between PUSHF and POPF, which keep the flag on the
 * stack: fewer instructions and one register less than local_irq_save() and a comparison.
 */
#pragma once

#include "lib/types.h"

struct cpu_stack {
        void **top;                     /* the first empty slot */
        void **limit;                   /* where top may not go beyond */
        void **bottom;                  /* the first slot; bottom[-1] is NULL */
};

/*
 * cpu_stack_init - make stack empty, with room for slot_count - 1 pointers in slots[]; the first
 * slot is the stack's own.
 */
static inline void cpu_stack_init(struct cpu_stack *stack, void **slots, unsigned long slot_count)
{
        slots[0] = NULL;
        stack->top = slots + 1;
        stack->bottom = slots + 1;
        stack->limit = slots + slot_count;
}

/* cpu_stack_pop - take the newest pointer. Returns NULL when there is none. Context: any. */
static inline void *cpu_stack_pop(struct cpu_stack *stack)
{
        void *pointer;

        __asm__ volatile("pushfl\n\t"
                         "cli\n\t"
                         "movl (%1), %0\n\t"
                         "movl -4(%0), %0\n\t"
                         "testl %0, %0\n\t"
                         "jz 1f\n\t"
                         "subl $4, (%1)\n"
                         "1:\tpopfl"
                         : "=&r"(pointer)
                         : "r"(stack)
                         : "memory", "cc");
        return pointer;
}

/*
 * cpu_stack_push - add a pointer, which is not NULL. Context: any.
 *
 * Returns: false when there is no room, and nothing was done.
 */
static inline bool cpu_stack_push(struct cpu_stack *stack, void *pointer)
{
        void **top;

        __asm__ volatile("pushfl\n\t"
                         "cli\n\t"
                         "movl (%1), %0\n\t"
                         "cmpl 4(%1), %0\n\t"
                         "je 1f\n\t"
                         "movl %2, (%0)\n\t"
                         "addl $4, (%1)\n"
                         "1:\tpopfl"
                         : "=&r"(top)
                         : "r"(stack), "r"(pointer)
                         : "memory", "cc");
        return top != stack->limit;
}

/* cpu_stack_count, cpu_stack_capacity - how many pointers there are, and can be. */
static inline unsigned int cpu_stack_count(const struct cpu_stack *stack)
{
        return (unsigned int)(stack->top - stack->bottom);
}

static inline unsigned int cpu_stack_capacity(const struct cpu_stack *stack)
{
        return (unsigned int)(stack->limit - stack->bottom);
}
