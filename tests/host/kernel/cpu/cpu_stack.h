/* cpu_stack.h - stand-in for hosted tests: the same stack in plain C; no interrupt can come. */
#pragma once

#include "kernel/cpu/percpu.h"

struct cpu_stack {
        void **top;                     /* the first empty slot */
        void **limit;                   /* where top may not go beyond */
        void **bottom;                  /* the first slot; bottom[-1] is NULL */
};

/* cpu_stack_init - make stack empty, with room for slot_count - 1 pointers in slots[]. */
static inline void cpu_stack_init(struct cpu_stack *stack, void **slots, unsigned long slot_count)
{
        slots[0] = NULL;
        stack->top = slots + 1;
        stack->bottom = slots + 1;
        stack->limit = slots + slot_count;
}

/* this_cpu_stack_pop - take the newest pointer off this CPU's stack. Returns NULL without any. */
static inline void *this_cpu_stack_pop(struct cpu_stack *stack)
{
        struct cpu_stack *own = this_cpu_ptr(stack);
        void *pointer = own->top[-1];

        if (pointer)
                own->top--;
        return pointer;
}

/* this_cpu_stack_push - add a pointer to this CPU's stack. Returns: false without room. */
static inline bool this_cpu_stack_push(struct cpu_stack *stack, void *pointer)
{
        struct cpu_stack *own = this_cpu_ptr(stack);

        if (own->top == own->limit)
                return false;
        *own->top++ = pointer;
        return true;
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
