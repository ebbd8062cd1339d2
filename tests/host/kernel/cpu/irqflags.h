/* irqflags.h - stand-in for hosted tests: a flag for each CPU says whether it takes interrupts. */
#pragma once

#include "kernel/cpu/smp.h"

#define EFLAGS_INTERRUPTS (1ul << 9)

/* Whether a CPU takes interrupts: EFLAGS_INTERRUPTS or 0. */
extern unsigned long host_interrupt_flags[NR_CPUS];

/* local_irq_save - turn interrupts off and return how they were. */
static inline unsigned long local_irq_save(void)
{
        unsigned long flags = host_interrupt_flags[host_cpu];

        host_interrupt_flags[host_cpu] = 0;
        return flags;
}

/* local_irq_restore - turn interrupts back to what flags says. */
static inline void local_irq_restore(unsigned long flags)
{
        host_interrupt_flags[host_cpu] = flags & EFLAGS_INTERRUPTS;
}

/* local_irq_disable - take no interrupts from here on. */
static inline void local_irq_disable(void)
{
        host_interrupt_flags[host_cpu] = 0;
}

/* local_irq_enable - take interrupts from here on. */
static inline void local_irq_enable(void)
{
        host_interrupt_flags[host_cpu] = EFLAGS_INTERRUPTS;
}

/* irqs_disabled - whether interrupts are off on this CPU. */
static inline bool irqs_disabled(void)
{
        return !(host_interrupt_flags[host_cpu] & EFLAGS_INTERRUPTS);
}
