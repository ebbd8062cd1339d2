/*
 * multiboot2.c - reading the information of a multiboot 2 loader: GRUB's `multiboot2` command.
 *
 * Source: Multiboot2 Specification version 2.0, section 3.6, "Boot information".
 */
#include "boot/early.h"
#include "lib/bits.h"

enum multiboot2_tag_kind {
        MULTIBOOT2_END = 0,
        MULTIBOOT2_COMMAND_LINE = 1,
        MULTIBOOT2_LOADER_NAME = 2,
        MULTIBOOT2_MODULE = 3,
        MULTIBOOT2_MEMORY_MAP = 6,
};

struct multiboot2_tag {
        u32 kind;
        u32 size_bytes;                 /* with this head, without the padding to 8 */
};

struct multiboot2_module {
        struct multiboot2_tag tag;
        u32 start;
        u32 end;
        char name[];
};

struct multiboot2_range {
        u64 start;
        u64 length_bytes;
        u32 kind;
        u32 reserved;
};

struct multiboot2_memory_map {
        struct multiboot2_tag tag;
        u32 entry_bytes;
        u32 entry_version;
        char entries[];
};

/* Note either the RAM ranges of the map or all the others. */
static void read_memory_map(struct boot_info *info, const struct multiboot2_memory_map *map,
                            bool want_ram)
{
        if (map->entry_bytes < sizeof(struct multiboot2_range))
                return;
        for (u32 offset = sizeof(*map); offset + map->entry_bytes <= map->tag.size_bytes;
             offset += map->entry_bytes) {
                const struct multiboot2_range *range = (const void *)((const char *)map + offset);

                if ((range->kind == BOOT_RANGE_RAM) == want_ram)
                        early_add_range(info, range->start, range->length_bytes, range->kind);
        }
}

/* Take what one tag says. */
static void read_tag(struct boot_info *info, const struct multiboot2_tag *tag)
{
        const struct multiboot2_module *module = (const void *)tag;

        switch (tag->kind) {
        case MULTIBOOT2_COMMAND_LINE:
                info->command_line_is_cut =
                        !early_copy_string(info->command_line, BOOT_COMMAND_LINE_BYTES,
                                           (const char *)(tag + 1));
                break;
        case MULTIBOOT2_LOADER_NAME:
                early_copy_string(info->loader_name, BOOT_NAME_BYTES, (const char *)(tag + 1));
                break;
        case MULTIBOOT2_MODULE:
                early_add_module(info, module->start, module->end, module->name);
                break;
        case MULTIBOOT2_MEMORY_MAP:
                read_memory_map(info, (const void *)tag, false);
                read_memory_map(info, (const void *)tag, true);
                break;
        }
}

void multiboot2_read(struct boot_info *info, const void *information)
{
        u32 total_bytes = *(const u32 *)information;
        u32 offset = 8;                 /* total size, and a reserved word */

        early_copy_string(info->protocol, BOOT_PROTOCOL_BYTES, "multiboot 2");
        while (total_bytes > offset && total_bytes - offset >= sizeof(struct multiboot2_tag)) {
                const struct multiboot2_tag *tag =
                        (const void *)((const char *)information + offset);
                u32 step = ROUND_UP(tag->size_bytes, 8u);

                if (tag->kind == MULTIBOOT2_END || step < sizeof(*tag) ||
                    step > total_bytes - offset)
                        break;
                read_tag(info, tag);
                offset += step;
        }
}
