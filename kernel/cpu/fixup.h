/*
 * fixup.h - instructions that may fault, and where to go on when they do.
 *
 * Such an instruction stands in inline assembly with FIXUP(fault, resume) behind it, which notes
 * the pair of addresses in the section exception_table.
 */
#pragma once

#include "kernel/cpu/trap.h"
#include "lib/types.h"

/* Go on at label resume when the instruction at label fault faults. Labels such as 1b, 2f. */
#define FIXUP(fault, resume)                            \
        ".pushsection exception_table, \"a\"\n\t"       \
        ".balign 4\n\t"                                 \
        ".long " #fault ", " #resume "\n\t"             \
        ".popsection\n\t"

/*
 * fixup_apply - if the instruction that faulted has a fixup, let frame go on there. What merely
 * arrives between two instructions, as a non-maskable interrupt does, is no fault of the next one.
 *
 * Returns: whether it has. Context: a trap handler.
 */
bool fixup_apply(struct trap_frame *frame);

/*
 * probe_read, probe_write - access a 32-bit word that may not be there, or not allow it.
 *
 * Returns: whether the access worked; if not, *value or the memory is unchanged.
 * Context: any, once cpu_tables_init() has run.
 */
bool probe_read(unsigned long address, u32 *value);
bool probe_write(unsigned long address, u32 value);
