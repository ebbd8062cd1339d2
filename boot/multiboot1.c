/*
 * multiboot1.c - reading the information of a multiboot 1 loader: QEMU -kernel, GRUB, v86.
 *
 * Source: Multiboot Specification version 0.6.96, section 3.3, "Boot information format".
 */
#include "boot/early.h"
#include "lib/bits.h"

#define MULTIBOOT1_HAS_MEMORY_SIZES BIT(0)
#define MULTIBOOT1_HAS_COMMAND_LINE BIT(2)
#define MULTIBOOT1_HAS_MODULES BIT(3)
#define MULTIBOOT1_HAS_MEMORY_MAP BIT(6)
#define MULTIBOOT1_HAS_LOADER_NAME BIT(9)

/* A list that claims to be longer is not read to its end: empty entries would take for ever. */
#define READ_MODULES_MAX (2u * BOOT_MODULES_MAX)

struct multiboot1_information {
        u32 flags;
        u32 lower_kib;                  /* from address 0 */
        u32 upper_kib;                  /* from 1 MiB to the first hole */
        u32 boot_device;
        u32 command_line;
        u32 module_count;
        u32 modules;
        u32 symbols[4];
        u32 memory_map_bytes;
        u32 memory_map;
        u32 drives_bytes;
        u32 drives;
        u32 configuration_table;
        u32 loader_name;
};

struct multiboot1_module {
        u32 start;
        u32 end;
        u32 name;
        u32 reserved;
};

struct multiboot1_range {
        u32 size_bytes;                 /* of what follows, at least 20 */
        u64 start;
        u64 length_bytes;
        u32 kind;
} __packed;

/* Note either the RAM ranges of the map or all the others. */
static void read_memory_map(struct boot_info *info, const struct multiboot1_information *source,
                            bool want_ram)
{
        u32 offset = 0;

        while (source->memory_map_bytes - offset >= sizeof(struct multiboot1_range)) {
                const struct multiboot1_range *range =
                        (const void *)(source->memory_map + offset);
                u32 step = range->size_bytes + sizeof(range->size_bytes);

                if ((range->kind == BOOT_RANGE_RAM) == want_ram)
                        early_add_range(info, range->start, range->length_bytes, range->kind);
                if (step < sizeof(*range) || step > source->memory_map_bytes - offset)
                        break;
                offset += step;
        }
}

/* Without a map there are two numbers: memory from 0 and memory from 1 MiB. */
static void read_memory_sizes(struct boot_info *info, const struct multiboot1_information *source)
{
        early_add_range(info, 0, (u64)source->lower_kib << 10, BOOT_RANGE_RAM);
        early_add_range(info, 0x100000, (u64)source->upper_kib << 10, BOOT_RANGE_RAM);
}

/* Note every module of the list. */
static void read_modules(struct boot_info *info, const struct multiboot1_information *source)
{
        const struct multiboot1_module *modules = (const void *)source->modules;

        for (u32 index = 0; index < min(source->module_count, READ_MODULES_MAX); index++)
                early_add_module(info, modules[index].start, modules[index].end,
                                 (const char *)modules[index].name);
}

void multiboot1_read(struct boot_info *info, const void *information)
{
        const struct multiboot1_information *source = information;

        early_copy_string(info->protocol, BOOT_PROTOCOL_BYTES, "multiboot 1");
        if (source->flags & MULTIBOOT1_HAS_MEMORY_MAP) {
                read_memory_map(info, source, false);
                read_memory_map(info, source, true);
        } else if (source->flags & MULTIBOOT1_HAS_MEMORY_SIZES) {
                read_memory_sizes(info, source);
        }
        if (source->flags & MULTIBOOT1_HAS_COMMAND_LINE)
                info->command_line_is_cut =
                        !early_copy_string(info->command_line, BOOT_COMMAND_LINE_BYTES,
                                           (const char *)source->command_line);
        if (source->flags & MULTIBOOT1_HAS_LOADER_NAME)
                early_copy_string(info->loader_name, BOOT_NAME_BYTES,
                                  (const char *)source->loader_name);
        if (source->flags & MULTIBOOT1_HAS_MODULES)
                read_modules(info, source);
}
