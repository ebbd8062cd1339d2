/* smp_trampoline.h - the page below 1 MiB at which other CPUs begin. */
#pragma once

#include "lib/types.h"

/*
 * smp_trampoline_install - choose a page and copy kernel/cpu/trampoline.asm there.
 *
 * The page stays the trampoline's for good: a late CPU may still come. Context: boot, one CPU,
 * after the direct map has been built. Returns: false, and says so, when there is no page.
 */
bool smp_trampoline_install(void);

/* smp_trampoline_page_number - the page's address / 4 KiB, as a startup interrupt wants it. */
u8 smp_trampoline_page_number(void);

/*
 * smp_trampoline_found_unfit - whether the CPU with this APIC id stopped in the trampoline, because
 * it lacks PAE, or NX where the boot CPU has it. Context: any.
 */
bool smp_trampoline_found_unfit(u32 apic_id);
