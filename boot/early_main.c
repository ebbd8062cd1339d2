/*
 * Early entry
 *
 * Idea        While paging is off every byte below 4 GiB can be read where the loader put it, so
 *             this is the moment to copy all that the loader said. Then one page directory, used
 *             twice, takes the kernel to its own gigabyte.
 *
 * Picture     virtual                      physical
 *             00000000-37ffffff  --+
 *                                  +-->    00000000-37ffffff (896 MiB, 2 MiB pages)
 *             c0000000-f7ffffff  --+
 *
 *             The lower half lets the instruction after "paging on" be fetched; it disappears
 *             when mm/boot/direct_map.c loads the real tables, which map RAM only.
 *
 * Failure     A CPU or a loader that will not do is refused with a sentence; see early_refuse().
 *
 * Reading     docs/01-architecture.md, "From the first instruction to the prompt".
 */
#include "boot/early.h"

#define EARLY_DIRECTORY_ENTRIES 512
#define EARLY_MAPPED_LARGE_PAGES 448            /* 896 MiB */
#define EARLY_ENTRY_PRESENT 0x01ull
#define EARLY_ENTRY_WRITE 0x02ull
#define EARLY_ENTRY_LARGE 0x80ull
#define EARLY_PROBE_PATTERN 0x5354A7A1u

extern char kernel_image_end[];                 /* from linker.ld */

extern u64 boot_directory[EARLY_DIRECTORY_ENTRIES];
extern u64 boot_directory_pointers[4];

void kernel_main(void) __noreturn;

void early_main(u32 magic, u32 information_address);
void early_enter_paging(u64 *directory_pointers, void (*entry)(void)) __noreturn;

/* Refuse unless the end of the kernel's image, its zeroed data, lies in memory that remembers. */
static void check_image_is_in_memory(void)
{
        volatile u32 *last = (volatile u32 *)((unsigned long)kernel_image_end - PAGE_OFFSET) - 1;

        *last = EARLY_PROBE_PATTERN;
        if (*last != EARLY_PROBE_PATTERN)
                early_refuse("Strata cannot start: "
                             "there is not enough memory for the kernel itself.");
        *last = 0;
}

/* Map the first 896 MiB at 0 and at PAGE_OFFSET with one directory of large pages. */
static u64 *build_tables(void)
{
        u64 *directory = *EARLY_POINTER(boot_directory);
        u64 *pointers = *EARLY_POINTER(boot_directory_pointers);

        for (u32 index = 0; index < EARLY_MAPPED_LARGE_PAGES; index++)
                directory[index] = ((u64)index << LARGE_PAGE_SHIFT) | EARLY_ENTRY_PRESENT |
                                   EARLY_ENTRY_WRITE | EARLY_ENTRY_LARGE;
        pointers[0] = (unsigned long)directory | EARLY_ENTRY_PRESENT;
        pointers[PAGE_OFFSET >> 30] = (unsigned long)directory | EARLY_ENTRY_PRESENT;
        return pointers;
}

/* early_main - called by _start with what the loader left in its registers. */
void early_main(u32 magic, u32 information_address)
{
        struct boot_info *info = EARLY_POINTER(boot_info);
        const void *information = (const void *)information_address;

        early_cpu_check();
        u64 entry_timestamp = __builtin_ia32_rdtsc();

        check_image_is_in_memory();
        info->entry_timestamp = entry_timestamp;
        if (magic == MULTIBOOT1_LOADER_MAGIC)
                multiboot1_read(info, information);
        else if (magic == MULTIBOOT2_LOADER_MAGIC)
                multiboot2_read(info, information);
        else
                early_refuse("Strata cannot start: the boot loader's magic number is not that of "
                             "multiboot 1 or 2.");
        early_enter_paging(build_tables(), kernel_main);
}
