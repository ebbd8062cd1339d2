/* fixup.c - the table of instructions that may fault, and two functions made of such. */
#include "kernel/cpu/fixup.h"

struct fixup {
        u32 fault;
        u32 resume;
};

extern const struct fixup __start_exception_table[];    /* from linker.ld */
extern const struct fixup __stop_exception_table[];

bool fixup_apply(struct trap_frame *frame)
{
        bool is_fault = frame->vector == TRAP_PAGE_FAULT || frame->vector == TRAP_PROTECTION;

        if (trap_from_user(frame) || !is_fault)
                return false;

        for (const struct fixup *fixup = __start_exception_table; fixup < __stop_exception_table;
             fixup++) {
                if (fixup->fault != frame->eip)
                        continue;
                frame->eip = fixup->resume;
                return true;
        }
        return false;
}

bool probe_read(unsigned long address, u32 *value)
{
        u32 word = 0;
        u32 failed = 1;

        __asm__ volatile("1: movl (%2), %0\n\t"
                         "xorl %1, %1\n"
                         "2:\n\t"
                         FIXUP(1b, 2b)
                         : "+&r"(word), "+&r"(failed)
                         : "r"(address)
                         : "memory", "cc");
        if (failed)
                return false;
        *value = word;
        return true;
}

bool probe_write(unsigned long address, u32 value)
{
        u32 failed = 1;

        __asm__ volatile("1: movl %2, (%1)\n\t"
                         "xorl %0, %0\n"
                         "2:\n\t"
                         FIXUP(1b, 2b)
                         : "+&r"(failed)
                         : "r"(address), "r"(value)
                         : "memory", "cc");
        return !failed;
}
