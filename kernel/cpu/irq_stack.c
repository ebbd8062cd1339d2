/* irq_stack.c - a call that changes stacks; the chain of frame pointers leads through it. */
#include "kernel/cpu/irq_stack.h"

#include "kernel/cpu/address.h"
#include "kernel/cpu/percpu.h"

static DEFINE_PER_CPU(struct kernel_stack, irq_stack);

void irq_stack_set(unsigned int cpu, struct kernel_stack stack)
{
        per_cpu(irq_stack, cpu) = stack;
}

struct kernel_stack irq_stack_of(unsigned int cpu)
{
        return per_cpu(irq_stack, cpu);
}

/* The call itself, on a stack that begins below top. */
static bool call_on_stack(unsigned long top, bool (*function)(void *argument), void *argument)
{
        unsigned long old_stack;
        bool result;

        __asm__ volatile("movl %%esp, %1\n\t"
                         "movl %3, %%esp\n\t"
                         "call *%4\n\t"
                         "movl %1, %%esp"
                         : "=a"(result), "=&b"(old_stack)
                         : "a"(argument), "S"(top), "D"(function)
                         : "ecx", "edx", "memory", "cc");
        return result;
}

bool irq_stack_call(bool (*function)(void *argument), void *argument)
{
        unsigned long bottom = this_cpu_read(irq_stack.bottom);
        unsigned long here = (unsigned long)__builtin_frame_address(0);

        if (!IRQ_STACK_IS_SEPARATE || !bottom || (here & PAGE_MASK) == bottom)
                return function(argument);
        return call_on_stack(bottom + PAGE_SIZE, function, argument);
}
