/*
 * trap.h - exceptions and interrupts: what the CPU saved, and who handles which vector.
 *
 * Source: Intel SDM volume 3A, sections 6.3 and 6.12.
 */
#pragma once

#include "kernel/cpu/address.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define TRAP_STUB_BYTES 16

/* The CPU's own vectors, below TRAP_EXCEPTION_COUNT. */
enum trap_vector {
        TRAP_DIVIDE = 0,
        TRAP_DEBUG = 1,
        TRAP_NMI = 2,
        TRAP_BREAKPOINT = 3,
        TRAP_OVERFLOW = 4,
        TRAP_BOUND = 5,
        TRAP_INVALID_OPCODE = 6,
        TRAP_NO_DEVICE = 7,
        TRAP_DOUBLE_FAULT = 8,
        TRAP_INVALID_TSS = 10,
        TRAP_NO_SEGMENT = 11,
        TRAP_STACK = 12,
        TRAP_PROTECTION = 13,
        TRAP_PAGE_FAULT = 14,
        TRAP_X87 = 16,
        TRAP_ALIGNMENT = 17,
        TRAP_MACHINE_CHECK = 18,
        TRAP_SIMD = 19,
        TRAP_CONTROL = 21,
        TRAP_EXCEPTION_COUNT = 32,
};

/* Error code of a page fault. */
#define PAGE_FAULT_PRESENT 0x01u        /* the entry was present, and forbade it */
#define PAGE_FAULT_WRITE 0x02u
#define PAGE_FAULT_USER 0x04u
#define PAGE_FAULT_RESERVED 0x08u       /* an entry has bits set that must not be */
#define PAGE_FAULT_EXECUTE 0x10u        /* reported only where NX or SMEP is on */

/*
 * What trap_entry.asm and the CPU leave on the stack. The high halves of segment registers are
 * undefined. user_esp and user_ss exist only when cs says that a user program was interrupted.
 */
struct trap_frame {
        u32 gs, fs, es, ds;
        u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax;
        u32 vector;
        u32 error_code;
        u32 eip, cs, eflags;
        u32 user_esp, user_ss;
};

/* trap_from_user - whether a user program was interrupted, not the kernel. */
static inline bool trap_from_user(const struct trap_frame *frame)
{
        return (frame->cs & 3) != 0;
}

/* trap_stack_pointer - esp as it was at the moment of the trap. */
static inline unsigned long trap_stack_pointer(const struct trap_frame *frame)
{
        return trap_from_user(frame) ? frame->user_esp : (unsigned long)&frame->user_esp;
}

/*
 * A handler of a vector. Runs with interrupts off, on the stack that was interrupted; what it
 * changes in frame takes effect when the trap returns.
 *
 * Returns: whether it dealt with the trap. If not, the fixups of fixup.h are looked through, and
 * then the trap is reported as fatal.
 */
typedef bool (*trap_handler_t)(struct trap_frame *frame);

/*
 * trap_set_handler - let handler deal with a vector from now on; NULL: nobody.
 *
 * Returns: the handler until now, NULL if there was none. Context: any.
 */
trap_handler_t trap_set_handler(unsigned int vector, trap_handler_t handler);

/* trap_dispatch - called by trap_entry.asm for every vector. */
void trap_dispatch(struct trap_frame *frame);

/* trap_return - where trap_dispatch() returns to; the next entry of a call chain is exact. */
extern const char trap_return[];

/*
 * trap_report - report a trap that nobody handled, and panic; an unexpected interrupt is only
 * reported. Defined in the top ring, by kernel/trap_report.c.
 */
void trap_report(const struct trap_frame *frame);
