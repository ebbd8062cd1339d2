/*
 * page_window.c - low pages are reached through the direct map, high ones through this CPU's own
 * fixmap slot. With interrupts off nobody else on this CPU can want the slot.
 */
#include "mm/map/page_window.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/page_ops.h"
#include "kernel/cpu/smp.h"
#include "mm/map/fixmap.h"

/* This CPU's slot. Interrupts are off. */
static enum fixmap_slot own_slot(void)
{
        return FIXMAP_PAGE_WINDOW_FIRST + smp_processor_id();
}

void *page_window_open(struct page *page, unsigned long *flags)
{
        *flags = local_irq_save();
        if (!PageHighMem(page))
                return __va(page_to_phys(page));
        fixmap_set(own_slot(), page_to_phys(page), PTE_KERNEL_WRITE);
        return (void *)fixmap_address(own_slot());
}

void page_window_close(struct page *page, unsigned long flags)
{
        if (PageHighMem(page))
                fixmap_clear(own_slot());
        local_irq_restore(flags);
}

void clear_highpage(struct page *page)
{
        unsigned long flags;

        clear_page(page_window_open(page, &flags));
        page_window_close(page, flags);
}
