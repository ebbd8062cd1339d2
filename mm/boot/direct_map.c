/*
 * Direct map
 *
 * Idea        Every page of low RAM is mapped at its physical address plus PAGE_OFFSET, once and
 *             for ever, so that a logical address costs no page-table work. What is not RAM is not
 *             mapped: a wrong pointer faults instead of reading a device.
 *
 * Picture     c0000000                                            f8000000
 *             |ISA |kernel image   |RAM RAM RAM … RAM |   hole    |
 *              4K   4K: rx, r, rw   2M  2M  2M …  2M 4K
 *
 *             A 2 MiB piece gets one large entry if it is RAM throughout and holds no part of the
 *             image's text or rodata; else a table of 4 KiB entries, each decided by itself.
 *
 * Data        Four directory pointers, one page directory for the kernel's gigabyte, a table for
 *             each 2 MiB piece that needs one, the fixmap's table.
 *
 * Invariants  DIRECT-1  what is not RAM or ISA window is not present.
 *             DIRECT-2  nothing is both writable and executable, where NX exists.
 *             DIRECT-3  nothing is mapped below PAGE_OFFSET, and no guard page.
 *             (Guarded by tests that walk the finished tables, hosted and in the kernel.)
 *
 * Locking     None: one CPU, at boot.
 *
 * Cost        448 pieces; a table only at edges: typically four pages in all.
 *
 * Failure     Bootmem panics when there is no memory for a table.
 *
 * Reading     docs/01-architecture.md, "The kernel's gigabyte"; Intel SDM volume 3, section 4.4.
 */
#include "mm/boot/direct_map.h"

#include "kernel/cpu/paging.h"
#include "mm/boot/bootmem.h"
#include "mm/layout.h"
#include "mm/map/fixmap.h"

#define DIRECTORY_POINTER_COUNT 4u
#define ISA_WINDOW_FIRST_USED PAGE_SIZE         /* page 0 stays unmapped here as well */

pte_t *kernel_page_directory;

/* Whether a guard page lies in the logical addresses [start, end). */
static bool has_guard(const struct kernel_image *image, unsigned long start, unsigned long end)
{
        for (unsigned int index = 0; index < image->guard_count; index++)
                if (image->guards[index] >= start && image->guards[index] < end)
                        return true;
        return false;
}

/* What the page at a physical address needs; 0 when it is not to be mapped. */
static pte_t bits_of_page(const struct memmap *map, const struct kernel_image *image,
                          phys_addr_t address)
{
        unsigned long logical = (unsigned long)__va(address);

        if (address >= ISA_VIDEO_START && address < ISA_VIDEO_END)
                return PTE_KERNEL_DEVICE;
        if (address < ISA_WINDOW_BYTES)
                return address < ISA_WINDOW_FIRST_USED ? 0 : PTE_KERNEL_WRITE;
        if (!memmap_contains(map, address, address + PAGE_SIZE, MEMORY_RAM))
                return 0;
        if (has_guard(image, logical, logical + PAGE_SIZE))
                return 0;
        if (logical >= image->text_start && logical < image->text_end)
                return PTE_KERNEL_EXECUTE;
        if (logical >= image->rodata_start && logical < image->rodata_end)
                return PTE_KERNEL_READ;
        return PTE_KERNEL_WRITE;
}

/* Whether [start, end) of logical addresses meets the piece of 2 MiB at piece. */
static bool meets_piece(unsigned long start, unsigned long end, unsigned long piece)
{
        return start < piece + LARGE_PAGE_SIZE && piece < end;
}

/* Whether one large page can map the piece at a physical address. */
static bool piece_is_uniform(const struct memmap *map, const struct kernel_image *image,
                             phys_addr_t address)
{
        unsigned long logical = (unsigned long)__va(address);

        return memmap_contains(map, address, address + LARGE_PAGE_SIZE, MEMORY_RAM) &&
               !meets_piece(image->text_start, image->text_end, logical) &&
               !meets_piece(image->rodata_start, image->rodata_end, logical) &&
               !has_guard(image, logical, logical + LARGE_PAGE_SIZE);
}

/* Fill a table with the 4 KiB entries of one piece. */
static pte_t *build_table(const struct memmap *map, const struct kernel_image *image,
                          phys_addr_t piece)
{
        pte_t *table = alloc_bootmem_pages(PAGE_SIZE);

        for (unsigned int index = 0; index < PTES_PER_TABLE; index++) {
                phys_addr_t address = piece + ((phys_addr_t)index << PAGE_SHIFT);
                pte_t bits = bits_of_page(map, image, address);

                if (bits)
                        table[index] = pte_make(address, bits);
        }
        return table;
}

/* The directory entry of a page table. */
static pte_t table_entry(const pte_t *table)
{
        return pte_make(__pa(table), PTE_PRESENT | PTE_WRITE | PTE_ACCESSED);
}

/* Fill the directory's entries of the direct map. */
static void map_pieces(pte_t *directory, const struct memmap *map,
                       const struct kernel_image *image)
{
        for (phys_addr_t piece = 0; piece < DIRECT_MAP_BYTES; piece += LARGE_PAGE_SIZE) {
                pte_t *entry = &directory[directory_index((unsigned long)__va(piece))];

                if (piece_is_uniform(map, image, piece))
                        *entry = pte_make(piece, PTE_KERNEL_WRITE | PTE_LARGE);
                else if (piece < ISA_WINDOW_BYTES ||
                         memmap_overlaps(map, piece, piece + LARGE_PAGE_SIZE, MEMORY_RAM))
                        *entry = table_entry(build_table(map, image, piece));
        }
}

phys_addr_t direct_map_build(const struct memmap *map, const struct kernel_image *image)
{
        pte_t *pointers = alloc_bootmem_pages(DIRECTORY_POINTER_COUNT * sizeof(pte_t));
        pte_t *directory = alloc_bootmem_pages(PAGE_SIZE);
        pte_t *fixmap = alloc_bootmem_pages(PAGE_SIZE);

        map_pieces(directory, map, image);
        directory[directory_index(FIXMAP_START)] = table_entry(fixmap);
        pointers[DIRECTORY_POINTER_COUNT - 1] = __pa(directory) | PTE_PRESENT;
        page_tables_load(__pa(pointers));
        fixmap_init(fixmap);
        kernel_page_directory = directory;
        return __pa(pointers);
}
