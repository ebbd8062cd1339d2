/*
 * cpu_stack.h - a stack of pointers that every CPU has its own of, with push and pop that neither
 * an interrupt nor a move to another CPU can split.
 *
 * Picture      NULL | p | p | p |   |   |
 *                     bottom      top     limit
 *
 * The slot below bottom holds NULL for ever, so that a pop needs no comparison: it reads the slot
 * below top, and NULL says that the stack is empty.
 *
 * A stack is a per-CPU variable, or part of one. this_cpu_stack_pop() and this_cpu_stack_push()
 * take a per-CPU pointer, such as the variable's name gives, and reach this CPU's copy through
 * %fs. All others take a pointer to the copy of one CPU.
 *
 * Interrupts are off for the few instructions between PUSHF and POPF, so that no handler comes
 * between and the task stays on its CPU. These keep the flag on the stack: fewer instructions and
 * one register less than local_irq_save() and a comparison. What is seldom the case leaves that
 * stretch by a way of its own, since POPF forgets how the comparison ended.
 */
#pragma once

#include "kernel/cpu/percpu.h"

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

/*
 * this_cpu_stack_pop - take the newest pointer off this CPU's stack. Context: any.
 *
 * Returns: NULL when there is none.
 */
static __always_inline void *this_cpu_stack_pop(struct cpu_stack *stack)
{
        void *pointer = NULL;

        __asm__ goto("pushfl\n\t"
                     "cli\n\t"
                     "movl %%fs:%1, %0\n\t"
                     "movl -4(%0), %0\n\t"
                     "testl %0, %0\n\t"
                     "jz 1f\n\t"
                     "subl $4, %%fs:%1\n\t"
                     "popfl\n\t"
                     ".subsection 1\n"
                     "1:\tpopfl\n\t"
                     "jmp %l[empty]\n\t"
                     ".previous"
                     : "=&r"(pointer)
                     : "m"(stack->top)
                     : "memory", "cc"
                     : empty);
        if (!pointer)
                __builtin_unreachable();
        return pointer;
empty:
        return NULL;
}

/*
 * this_cpu_stack_push - add a pointer, which is not NULL, to this CPU's stack. Context: any.
 *
 * Returns: false when there is no room, and nothing was done.
 */
static __always_inline bool this_cpu_stack_push(struct cpu_stack *stack, void *pointer)
{
        __asm__ goto("pushfl\n\t"
                     "cli\n\t"
                     "movl %%fs:%0, %%edx\n\t"
                     "cmpl %%fs:%1, %%edx\n\t"
                     "je 1f\n\t"
                     "movl %2, (%%edx)\n\t"
                     "addl $4, %%fs:%0\n\t"
                     "popfl\n\t"
                     ".subsection 1\n"
                     "1:\tpopfl\n\t"
                     "jmp %l[full]\n\t"
                     ".previous"
                     :
                     : "m"(stack->top), "m"(stack->limit), "r"(pointer)
                     : "edx", "memory", "cc"
                     : full);
        return true;
full:
        return false;
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
