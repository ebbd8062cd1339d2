/* address_describe.c - the address-space map and the kernel's image, as a table of names. */
#include "kernel/address_describe.h"

#include "kernel/cpu/percpu.h"
#include "kernel/cpu/irq_stack.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/tss.h"
#include "kernel/image.h"
#include "lib/compiler.h"
#include "mm/layout.h"

#define PLACE(address) ((const char *)(address))

/* What lies from an address on, up to the start of the next. */
struct region {
        const char *start;
        const char *name;
};

/* The whole address space, upwards; the kernel's image lies in the direct map. */
static const struct region regions[] = {
        { PLACE(0), "NULL page" },
        { PLACE(PAGE_SIZE), "user address" },
        { PLACE(PAGE_OFFSET), "direct map" },
        { kernel_text_start, "kernel text" },
        { kernel_text_end, "direct map" },
        { kernel_rodata_start, "kernel read-only data" },
        { kernel_rodata_end, "direct map" },
        { kernel_data_start, "kernel data" },
        { kernel_image_end, "direct map" },
        { PLACE(DIRECT_MAP_END), "gap above the direct map" },
        { PLACE(PERCPU_TEMPLATE_START), "per-CPU variable of no CPU" },
        { PLACE(PERCPU_TEMPLATE_START + PERCPU_UNIT_BYTES_MOST), "gap above the direct map" },
        { PLACE(VMALLOC_START), "vmalloc area" },
        { PLACE(VMALLOC_END), "gap above the vmalloc area" },
        { PLACE(STACKS_START), "stack window" },
        { PLACE(PERCPU_START), "per-CPU areas" },
        { PLACE(PERCPU_END), "gap above the per-CPU areas" },
        { PLACE(KMAP_START), "kmap window" },
        { PLACE(KMAP_END), "gap above the kmap windows" },
        { PLACE(FIXMAP_START), "fixmap window" },
        { PLACE(FIXMAP_END), "last page, an error number as a pointer" },
};

/* Whether an address lies in the stack, or in the page below it, where an overflow shows. */
static bool is_near_stack(unsigned long address, struct kernel_stack stack)
{
        return address >= stack.bottom - PAGE_SIZE && address < stack.top;
}

const char *address_describe(unsigned long address)
{
        struct kernel_stack stack = kernel_stack_of(smp_processor_id());
        struct kernel_stack irq_stack = irq_stack_of(smp_processor_id());
        const char *place = (const char *)address;

        if (irq_stack.bottom && is_near_stack(address, irq_stack))
                return "interrupt stack";
        if (is_near_stack(address, stack))
                return address < stack.bottom ? "below the kernel stack" : "kernel stack";
        unsigned int index = ARRAY_SIZE(regions) - 1;
        while (place < regions[index].start)
                index--;
        return regions[index].name;
}
