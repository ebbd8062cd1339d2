/*
 * boot_info.h - what the boot loader said, in one neutral structure.
 *
 * Filled by the code of boot/ while paging is off, read by kernel_main(). Nobody outside boot/
 * knows which protocol it came by. Nothing in it has been checked for sense beyond its own
 * bounds: the ranges may overlap, wrap and lie.
 */
#pragma once

#include "lib/types.h"

#define BOOT_RANGES_MAX 512
#define BOOT_MODULES_MAX 32
#define BOOT_COMMAND_LINE_BYTES 2048
#define BOOT_NAME_BYTES 64
#define BOOT_PROTOCOL_BYTES 16

/* The kinds of range, numbered as both multiboot protocols and the BIOS (INT 15h, E820) do. */
enum boot_range_kind {
        BOOT_RANGE_RAM = 1,
        BOOT_RANGE_RESERVED = 2,
        BOOT_RANGE_ACPI = 3,
        BOOT_RANGE_ACPI_NVS = 4,
        BOOT_RANGE_BAD = 5,
};

/* length_bytes bytes of physical addresses from start; the sum may wrap. */
struct boot_range {
        u64 start;
        u64 length_bytes;
        u32 kind;
};

/* A file that the loader put into memory: [start, end), with the string it was named by. */
struct boot_module {
        u32 start;
        u32 end;
        char name[BOOT_NAME_BYTES];
};

struct boot_info {
        struct boot_range ranges[BOOT_RANGES_MAX];
        struct boot_module modules[BOOT_MODULES_MAX];
        char command_line[BOOT_COMMAND_LINE_BYTES];
        char loader_name[BOOT_NAME_BYTES];
        char protocol[BOOT_PROTOCOL_BYTES];     /* "multiboot 1" */
        u32 range_count;
        u32 ranges_dropped_count;       /* RAM ranges for which there was no room */
        u32 module_count;
        bool command_line_is_cut;
        u64 entry_timestamp;            /* time-stamp counter as the kernel was entered */
};

/* The one instance, in the kernel's data. */
extern struct boot_info boot_info;
