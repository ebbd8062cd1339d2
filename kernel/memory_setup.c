/*
 * memory_setup.c - the steps between boot_info and the page allocator, each of which distrusts
 * what it is given.
 */
#include "kernel/memory_setup.h"

#include "boot/boot_info.h"
#include "drivers/firmware/topology.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/tss.h"
#include "kernel/image.h"
#include "kernel/options.h"
#include "kernel/refuse.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/panic.h"
#include "lib/panic_hook.h"
#include "lib/string.h"
#include "mm/boot/bootmem.h"
#include "mm/boot/direct_map.h"
#include "mm/phys/handover.h"
#include "mm/phys/zone_report.h"
#include "mm/claims.h"
#include "mm/layout.h"
#include "mm/memmap.h"

/* What must be left of low memory, beyond the kernel's image and modules, to start at all. */
#define LOW_MEMORY_LEAST_BYTES (1ull << 20)

/* The debug build's table of page owners may cost this share of low RAM. */
#define OWNERS_SHARE 16u

extern char boot_stack_guard[];                 /* from boot_stack.asm */

/* What `iomem` calls the modules. */
static char module_names[BOOT_MODULES_MAX][sizeof("Module ") + BOOT_NAME_BYTES];

/* The kind of memory that a loader's number means; what is unknown is reserved. */
static enum memory_kind kind_of(u32 boot_kind)
{
        switch (boot_kind) {
        case BOOT_RANGE_RAM:
                return MEMORY_RAM;
        case BOOT_RANGE_ACPI:
                return MEMORY_ACPI;
        case BOOT_RANGE_ACPI_NVS:
                return MEMORY_ACPI_NVS;
        case BOOT_RANGE_BAD:
                return MEMORY_BAD;
        default:
                return MEMORY_RESERVED;
        }
}

/* Paint every range of the loader's list onto the map. */
static void take_boot_ranges(void)
{
        for (u32 index = 0; index < boot_info.range_count; index++) {
                const struct boot_range *range = &boot_info.ranges[index];

                if (!memmap_add(&memmap, range->start, range->length_bytes, kind_of(range->kind)))
                        refuse_to_run("the firmware's memory map is too fragmented");
        }
        if (boot_info.ranges_dropped_count)
                printk("memory: %u ranges of RAM were too many to note and are not used\n",
                       boot_info.ranges_dropped_count);
}

/* Make unusable RAM from start up, and say so. */
static void exclude_above(u64 start, enum memory_kind kind)
{
        u64 bytes = memmap_convert(&memmap, start, UINT64_MAX, MEMORY_RAM, kind);

        if (bytes)
                printk("memory: %llu KiB of RAM above %#llx not used: %s\n",
                       (unsigned long long)(bytes >> 10), (unsigned long long)start,
                       memory_kind_name(kind));
}

/* The end of all that must stay: the kernel's image, and the modules in low memory. */
static u64 needed_end(void)
{
        u64 end = KERNEL_IMAGE_END_PHYSICAL;

        for (u32 index = 0; index < boot_info.module_count; index++)
                if (boot_info.modules[index].start < DIRECT_MAP_BYTES)
                        end = max(end, (u64)boot_info.modules[index].end);
        return end;
}

/* The bytes of low RAM that the kernel's image and the modules take. */
static u64 taken_bytes(void)
{
        u64 bytes = KERNEL_IMAGE_END_PHYSICAL - ISA_WINDOW_BYTES;

        for (u32 index = 0; index < boot_info.module_count; index++)
                if (boot_info.modules[index].end <= DIRECT_MAP_BYTES)
                        bytes += boot_info.modules[index].end - boot_info.modules[index].start;
        return bytes;
}

/* Obey mem=, unless the kernel could not live with it. */
static void apply_memory_limit(void)
{
        u64 least = needed_end() + LOW_MEMORY_LEAST_BYTES;

        if (options.memory_limit < least)
                printk("warning: mem=%llu ignored: the kernel needs %llu bytes\n",
                       (unsigned long long)options.memory_limit, (unsigned long long)least);
        else
                exclude_above(options.memory_limit, MEMORY_RAM_CUT);
}

/* Claim the parts of the kernel's image and the loaded modules. */
static void claim_image_and_modules(void)
{
        memory_claim_keep(__pa(kernel_text_start), __pa(kernel_text_end), "Kernel code");
        memory_claim_keep(__pa(kernel_rodata_start), __pa(kernel_rodata_end), "Kernel rodata");
        memory_claim_keep(__pa(kernel_data_start), __pa(kernel_bss_start), "Kernel data");
        memory_claim_keep(__pa(kernel_bss_start), __pa(kernel_image_end), "Kernel bss");
        for (u32 index = 0; index < boot_info.module_count; index++) {
                const struct boot_module *module = &boot_info.modules[index];

                char *name = module_names[index];

                snprintf(name, sizeof(module_names[index]), "Module %s", module->name);
                memory_claim_add(module->start, module->end, name);
        }
}

/* Refuse to go on when the map has no RAM, or too little to live on. */
static void check_there_is_enough(void)
{
        u64 low_bytes = 0;

        for (unsigned int index = 0; index < memmap.count; index++) {
                const struct memory_range *range = &memmap.ranges[index];

                if (range->kind == MEMORY_RAM && range->start < DIRECT_MAP_BYTES)
                        low_bytes += min(range->end, (u64)DIRECT_MAP_BYTES) - range->start;
        }
        if (!low_bytes)
                refuse_to_run("the firmware's memory map lists no usable memory");
        if (!memmap_contains(&memmap, KERNEL_IMAGE_START_PHYSICAL, KERNEL_IMAGE_END_PHYSICAL,
                             MEMORY_RAM))
                refuse_to_run("the firmware's memory map does not list the kernel's own memory");
        if (low_bytes < taken_bytes() + LOW_MEMORY_LEAST_BYTES)
                refuse_to_run("there is not enough memory: %llu KiB above 1 MiB, %llu are needed",
                              (unsigned long long)(low_bytes >> 10),
                              (unsigned long long)(taken_bytes() + LOW_MEMORY_LEAST_BYTES) >> 10);
}

/* What a panic says about memory. */
static struct panic_hook panic_hook = { .name = "memory", .run = zone_report_counters };

phys_addr_t memory_setup(void)
{
        const unsigned long guards[] = {
                (unsigned long)boot_stack_guard,
                double_fault_stack_of(0).bottom - PAGE_SIZE,
        };
        const struct kernel_image image = {
                .text_start = (unsigned long)kernel_text_start,
                .text_end = (unsigned long)kernel_text_end,
                .rodata_start = (unsigned long)kernel_rodata_start,
                .rodata_end = (unsigned long)kernel_rodata_end,
                .guards = guards,
                .guard_count = ARRAY_SIZE(guards),
        };

        take_boot_ranges();
        memmap_convert(&memmap, 0, ISA_WINDOW_BYTES, MEMORY_RAM, MEMORY_RAM_FIRST_MIB);
        check_there_is_enough();
        exclude_above(1ull << cpu_features.physical_bits, MEMORY_RAM_UNREACHABLE);
        apply_memory_limit();
        claim_image_and_modules();

        bootmem_init(&memmap);
        phys_addr_t page_tables = direct_map_build(&memmap, &image);
        topology_ignores_acpi = options.acpi && !strcmp(options.acpi, "off");
        topology_find(&cpu_topology, cpu_features.apic_id, cpu_features.has_apic);
        handover(&memmap, (unsigned long)(bootmem_free_page_count() / OWNERS_SHARE) << PAGE_SHIFT);
        if (handover_report.unreachable_bytes)
                printk("memory: %llu KiB of RAM not used: no room for their descriptors\n",
                       (unsigned long long)(handover_report.unreachable_bytes >> 10));
        panic_register_hook(&panic_hook);
        return page_tables;
}
