/*
 * early.h - what the files of boot/ share.
 *
 * All code of boot/ is linked at its physical address and runs with paging off, one CPU,
 * interrupts off, on any CPU since the 80386; it may call nothing outside boot/. After the jump to
 * kernel_main() it is dead, and its memory goes to the page allocator.
 */
#pragma once

#include "boot/boot_info.h"
#include "kernel/cpu/address.h"
#include "lib/compiler.h"

/* The physical address of an object that is linked in the kernel's gigabyte, as a pointer. */
#define EARLY_POINTER(object) \
        ((__typeof__(&(object)))((unsigned long)&(object) - PAGE_OFFSET))

/* early_refuse - say sentence on the serial line and the screen, leave a failure status, halt. */
void early_refuse(const char *sentence) __noreturn;

/*
 * early_cpu_check - refuse to go on unless the CPU has all that the kernel is compiled for.
 *
 * Uses no instruction that an 80386 lacks before it knows that the CPU has it.
 */
void early_cpu_check(void);

/*
 * early_copy_string - copy the string at physical address source, cut to capacity bytes with its
 * terminator; unprintable characters become '?'.
 *
 * Returns: whether all of it fitted.
 */
bool early_copy_string(char *destination, u32 capacity, const char *source);

/* early_add_range - note a range of memory; see boot_info.h. Counts RAM that has no room. */
void early_add_range(struct boot_info *info, u64 start, u64 length_bytes, u32 kind);

/* early_add_module - note a module; refuses to boot when there are too many to protect. */
void early_add_module(struct boot_info *info, u32 start, u32 end, const char *name);

/*
 * multiboot1_read, multiboot2_read - fill info from the loader's structure at information.
 *
 * Ranges that are not RAM are taken first, so that what may be dropped for want of room is RAM,
 * never the knowledge that something is not.
 */
void multiboot1_read(struct boot_info *info, const void *information);
void multiboot2_read(struct boot_info *info, const void *information);

#define MULTIBOOT1_LOADER_MAGIC 0x2BADB002u
#define MULTIBOOT2_LOADER_MAGIC 0x36D76289u
