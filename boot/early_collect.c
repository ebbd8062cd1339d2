/* early_collect.c - filling in struct boot_info, whatever the loader and its protocol. */
#include "boot/early.h"

bool early_copy_string(char *destination, u32 capacity, const char *source)
{
        u32 length = 0;

        while (source && source[length] && length + 1 < capacity) {
                char byte = source[length];

                destination[length++] = byte >= ' ' && byte <= '~' ? byte : '?';
        }
        destination[length] = '\0';
        return !source || !source[length];
}

void early_add_range(struct boot_info *info, u64 start, u64 length_bytes, u32 kind)
{
        if (info->range_count == BOOT_RANGES_MAX) {
                if (kind != BOOT_RANGE_RAM)
                        early_refuse("Strata cannot start: the firmware's memory map has more "
                                     "than 512 reserved ranges.");
                info->ranges_dropped_count++;
                return;
        }
        info->ranges[info->range_count++] =
                (struct boot_range){ .start = start, .length_bytes = length_bytes, .kind = kind };
}

void early_add_module(struct boot_info *info, u32 start, u32 end, const char *name)
{
        if (start >= end)
                return;
        if (info->module_count == BOOT_MODULES_MAX)
                early_refuse("Strata cannot start: the boot loader loaded more than 32 modules.");

        struct boot_module *module = &info->modules[info->module_count++];
        module->start = start;
        module->end = end;
        early_copy_string(module->name, BOOT_NAME_BYTES, name);
}
