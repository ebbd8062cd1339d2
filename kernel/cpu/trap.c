/* trap.c - who handles which vector. */
#include "kernel/cpu/trap.h"

#include "kernel/cpu/fixup.h"
#include "kernel/cpu/idt.h"
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

void trap_dispatch(struct trap_frame *frame)
{
        trap_handler_t handler = READ_ONCE(handlers[frame->vector]);

        if (handler && handler(frame))
                return;
        if (frame->vector < TRAP_EXCEPTION_COUNT && fixup_apply(frame))
                return;
        trap_report(frame);
}
