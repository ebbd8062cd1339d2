/*
 * irqflags.h - whether this CPU takes interrupts. Context: any.
 *
 *      unsigned long flags = local_irq_save();
 *      …                                       no interrupt handler runs here
 *      local_irq_restore(flags);               as it was before, on or off
 */
#pragma once

#include "lib/types.h"

#define EFLAGS_INTERRUPTS (1ul << 9)

/* local_irq_save - turn interrupts off and return how they were. */
static inline unsigned long local_irq_save(void)
{
        unsigned long flags;

        __asm__ volatile("pushfl\n\tpopl %0\n\tcli" : "=r"(flags) : : "memory");
        return flags;
}

/* local_irq_restore - turn interrupts back to what flags says. */
static inline void local_irq_restore(unsigned long flags)
{
        __asm__ volatile("pushl %0\n\tpopfl" : : "rm"(flags) : "memory", "cc");
}

/* local_irq_disable - take no interrupts from here on. */
static inline void local_irq_disable(void)
{
        __asm__ volatile("cli" : : : "memory");
}

/* local_irq_enable - take interrupts from here on. */
static inline void local_irq_enable(void)
{
        __asm__ volatile("sti" : : : "memory");
}

/* irqs_disabled - whether interrupts are off on this CPU. */
static inline bool irqs_disabled(void)
{
        unsigned long flags;

        __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
        return !(flags & EFLAGS_INTERRUPTS);
}
