/* trap.c - who handles which vector, and on which stack. */
#include "kernel/cpu/trap.h"

#include "kernel/cpu/fixup.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/irq_stack.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "lib/assert.h"

static_assert(offsetof(struct trap_frame, eip) == 56, "trap_entry.asm relies on it");

static trap_handler_t handlers[IDT_ENTRY_COUNT];

trap_handler_t trap_set_handler(unsigned int vector, trap_handler_t handler)
{
        BUG_ON(vector >= IDT_ENTRY_COUNT, "vector=%u", vector);
        trap_handler_t previous = handlers[vector];
        WRITE_ONCE(handlers[vector], handler);
        return previous;
}

/* Call the handler of a vector. Returns: whether there is one and it dealt with the trap. */
static bool handle(void *context)
{
        struct trap_frame *frame = context;
        trap_handler_t handler = READ_ONCE(handlers[frame->vector]);

        return handler && handler(frame);
}

/*
 * Handle an interrupt, on the stack that is for them. The last thing: if it made a better task
 * ready, and what was interrupted may be preempted, that task runs first.
 */
static bool handle_interrupt(struct trap_frame *frame)
{
        bool is_handled = irq_stack_call(handle, frame);

        if (unlikely(!this_cpu_read(preempt_word)) && (frame->eflags & EFLAGS_INTERRUPTS))
                preempt_schedule_irq();
        return is_handled;
}

void trap_dispatch(struct trap_frame *frame)
{
        if (frame->vector >= TRAP_EXCEPTION_COUNT) {
                if (handle_interrupt(frame))
                        return;
        } else if (handle(frame) || fixup_apply(frame)) {
                return;
        }
        trap_report(frame);
}
