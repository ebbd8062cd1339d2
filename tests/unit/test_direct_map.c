/*
 * The direct map: every page of the kernel's gigabyte, as the tables have it and as accesses feel
 * it, on machines with edges at odd places.
 */
#include "mm/boot/direct_map.h"

#include "lib/bits.h"
#include "lib/random.h"
#include "lib/test.h"
#include "mm/boot/bootmem.h"
#include "mm/layout.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/ram.h"

#define PAGE ((unsigned long)PAGE_SIZE)
#define GIGABYTE_PAGES (RAM_WINDOW_BYTES / PAGE)

/* Bring a machine up to its direct map. */
static void start(const struct machine_range *ranges, unsigned int count)
{
        machine_start(ranges, count);
        machine_start_bootmem();
        machine_build_direct_map();
}

/* The same for a PC. */
static void start_pc(u64 ram_bytes)
{
        machine_start_pc(ram_bytes);
        machine_start_bootmem();
        machine_build_direct_map();
}

/* DIRECT-1: whether the page at an offset into the kernel's gigabyte should be there. */
static bool should_be_mapped(unsigned long offset)
{
        if (offset < ISA_WINDOW_BYTES)
                return offset >= PAGE;
        return offset < DIRECT_MAP_BYTES &&
               memmap_contains(&memmap, offset, offset + PAGE, MEMORY_RAM);
}

/* Whether a translation is what the page at an offset should have. */
static bool is_right(unsigned long offset, const struct translation *translation)
{
        bool is_text = offset >= MACHINE_TEXT_START && offset < MACHINE_RODATA_START;
        bool is_rodata = offset >= MACHINE_RODATA_START && offset < MACHINE_DATA_START;
        bool is_video = offset >= ISA_VIDEO_START && offset < ISA_VIDEO_END;

        if (!translation->is_present)
                return !should_be_mapped(offset);
        return should_be_mapped(offset) && translation->address == offset &&
               !translation->is_user && translation->is_cached == !is_video &&
               translation->is_writable == !(is_text || is_rodata) &&
               translation->is_executable == (is_text || !machine_options.has_no_execute);
}

/* DIRECT-1 and DIRECT-2, for every page of the 2 MiB at an offset. Returns: whether all is well. */
static bool expect_piece_right(struct test_state *test, unsigned long offset)
{
        struct translation translations[PTES_PER_TABLE];

        mmu_translate_piece(PAGE_OFFSET + offset, translations);
        for (unsigned int index = 0; index < PTES_PER_TABLE; index++, offset += PAGE) {
                if (!is_right(offset, &translations[index])) {
                        test_fail(test, __FILE__, __LINE__, "page at %#lx: present %d, to %#llx",
                                  offset, translations[index].is_present,
                                  (unsigned long long)translations[index].address);
                        return false;
                }
        }
        return true;
}

/* The same for the whole gigabyte. */
static void expect_right_everywhere(struct test_state *test)
{
        for (unsigned long offset = 0; offset < RAM_WINDOW_BYTES; offset += LARGE_PAGE_SIZE)
                if (!expect_piece_right(test, offset))
                        return;
}

/* Really touch the pages around an offset. */
static void expect_accesses_right(struct test_state *test, unsigned long offset)
{
        for (unsigned long page = offset / PAGE - 1; page <= offset / PAGE + 1; page++) {
                unsigned long address = PAGE_OFFSET + page * PAGE + page % PAGE;
                struct translation translation = mmu_translate(address);

                EXPECT_EQ(mmu_faults(address, false), !translation.is_present);
                EXPECT_EQ(mmu_faults(address, true), !translation.is_writable);
        }
}

TEST(direct_map, maps_what_is_ram_and_nothing_else)
{
        start_pc(64 * MIB);
        expect_right_everywhere(test);
        for (unsigned long offset = PAGE; offset < 80 * MIB; offset += MIB)
                expect_accesses_right(test, offset);
        expect_accesses_right(test, MACHINE_RODATA_START);
        expect_accesses_right(test, MACHINE_DATA_START);
        expect_accesses_right(test, DIRECT_MAP_BYTES);
}

TEST(direct_map, reaches_to_its_end_and_no_further)
{
        start_pc(2 * GIB);
        expect_right_everywhere(test);
        expect_accesses_right(test, DIRECT_MAP_BYTES);
        EXPECT(mmu_translate(DIRECT_MAP_END - 1).is_present);
        EXPECT(!mmu_translate(DIRECT_MAP_END).is_present);
}

/* RAM that begins and ends at odd pages, and inside pages. */
TEST(direct_map, edges_at_odd_pages)
{
        const struct machine_range ranges[] = {
                { 0, 640 << 10, MEMORY_RAM },
                { MIB, 6 * MIB + 3 * PAGE, MEMORY_RAM },
                { 8 * MIB - PAGE, 8 * MIB + PAGE, MEMORY_RAM },
                { 10 * MIB + 1, 12 * MIB - 1, MEMORY_RAM },
                { 14 * MIB, 16 * MIB, MEMORY_RAM },
                { 15 * MIB, 15 * MIB + PAGE, MEMORY_BAD },
                { 20 * MIB + 100, 20 * MIB + 200, MEMORY_RAM },
                { 32 * MIB, 896 * MIB - PAGE - 7, MEMORY_RAM },
        };

        start(ranges, ARRAY_SIZE(ranges));
        expect_right_everywhere(test);
        for (unsigned int index = 1; index < ARRAY_SIZE(ranges); index++) {
                expect_accesses_right(test, (unsigned long)ranges[index].start);
                expect_accesses_right(test, (unsigned long)ranges[index].end);
        }
}

/* A random map: pieces, holes and single pages in all of low memory. */
TEST(direct_map, random_maps)
{
        struct machine_range ranges[40];
        struct random random;

        random_seed(&random, test->seed);
        ranges[0] = (struct machine_range){ MIB, 4 * MIB, MEMORY_RAM };
        for (unsigned int index = 1; index < ARRAY_SIZE(ranges); index++) {
                u64 first = random_below(&random, 1024 * 256);
                u64 pages = random_below(&random, random_one_in(&random, 2) ? 4 : 4096);

                ranges[index].start = first * PAGE + (random_one_in(&random, 4) ? 1000 : 0);
                ranges[index].end = ranges[index].start + pages * PAGE;
                ranges[index].kind = random_one_in(&random, 3) ? MEMORY_RESERVED : MEMORY_RAM;
                if (ranges[index].kind != MEMORY_RAM && ranges[index].start < 4 * MIB)
                        ranges[index].end = ranges[index].start;
        }
        start(ranges, ARRAY_SIZE(ranges));
        expect_right_everywhere(test);
        for (unsigned int count = 0; count < 300; count++)
                expect_accesses_right(test, random_between(&random, 1, GIGABYTE_PAGES - 2) * PAGE);
}

/* A large page where a whole one is RAM of one protection, else small ones. */
TEST(direct_map, large_pages_where_they_can_be)
{
        const struct machine_range ranges[] = {
                { 0, 640 << 10, MEMORY_RAM },
                { MIB, 8 * MIB, MEMORY_RAM },
                { 10 * MIB, 16 * MIB + PAGE, MEMORY_RAM },
        };
        const bool is_large[] = { false, true, true, true, false, true, true, true, false };

        start(ranges, ARRAY_SIZE(ranges));
        for (unsigned int piece = 0; piece < ARRAY_SIZE(is_large); piece++)
                EXPECT_EQ(mmu_translate(PAGE_OFFSET + piece * LARGE_PAGE_SIZE).is_large,
                          is_large[piece]);
        expect_right_everywhere(test);
}

/* Text and rodata force small pages into every piece that they meet, and only there. */
TEST(direct_map, image_across_pieces)
{
        const struct machine_range ranges[] = { { MIB, 64 * MIB, MEMORY_RAM } };

        machine_start(ranges, ARRAY_SIZE(ranges));
        struct kernel_image image = {
                .text_start = PAGE_OFFSET + 4 * MIB - PAGE,
                .text_end = PAGE_OFFSET + 4 * MIB + PAGE,
                .rodata_start = PAGE_OFFSET + 8 * MIB,
                .rodata_end = PAGE_OFFSET + 10 * MIB,
        };

        machine_start_bootmem();
        direct_map_build(&memmap, &image);
        EXPECT(!mmu_translate(image.text_start).is_large);
        EXPECT(!mmu_translate(image.text_start).is_writable);
        EXPECT(mmu_translate(image.text_start - 1).is_writable);
        EXPECT(mmu_translate(image.text_end - 1).is_executable);
        EXPECT(!mmu_translate(image.text_end).is_executable);
        EXPECT(mmu_translate(image.text_end + LARGE_PAGE_SIZE).is_large);
        EXPECT(!mmu_translate(image.rodata_start).is_writable);
        EXPECT(!mmu_translate(image.rodata_end - 1).is_writable);
        EXPECT(!mmu_translate(image.rodata_start).is_large);
        EXPECT(mmu_translate(image.rodata_end).is_large);
        EXPECT(mmu_translate(image.rodata_start - 1).is_large);
        EXPECT(mmu_faults(image.text_start, true));
        EXPECT(mmu_faults(image.rodata_end - 1, true));
        EXPECT(!mmu_faults(image.rodata_end, true));
}

/* DIRECT-3: a guard page is no more mapped than a hole, and forces small pages around it. */
TEST(direct_map, guard_pages)
{
        const struct machine_range ranges[] = { { MIB, 64 * MIB, MEMORY_RAM } };

        machine_start(ranges, ARRAY_SIZE(ranges));
        const unsigned long guards[] = {
                PAGE_OFFSET + MACHINE_DATA_START + PAGE, PAGE_OFFSET + 8 * MIB,
                PAGE_OFFSET + 12 * MIB - PAGE,
        };
        struct kernel_image image = machine_image();

        image.guards = guards;
        image.guard_count = ARRAY_SIZE(guards);
        machine_start_bootmem();
        direct_map_build(&memmap, &image);
        for (unsigned int index = 0; index < ARRAY_SIZE(guards); index++) {
                EXPECT(!mmu_translate(guards[index]).is_present);
                EXPECT(mmu_faults(guards[index], false));
                EXPECT(mmu_faults(guards[index] + PAGE - 1, true));
                EXPECT(!mmu_faults(guards[index] + PAGE, true));
                EXPECT(!mmu_faults(guards[index] - 1, true));
        }
        EXPECT(!mmu_translate(PAGE_OFFSET + 9 * MIB).is_large);
        EXPECT(mmu_translate(PAGE_OFFSET + 6 * MIB).is_large);
        EXPECT(!mmu_translate(PAGE_OFFSET + 10 * MIB).is_large);
        EXPECT(mmu_translate(PAGE_OFFSET + 12 * MIB).is_large);
}

/* DIRECT-2 cannot hold without NX; then nothing may set the bit, which the MMU reserves. */
TEST(direct_map, without_no_execute)
{
        machine_options.has_no_execute = false;
        start_pc(64 * MIB);
        expect_right_everywhere(test);
}

TEST(direct_map, with_32_physical_bits)
{
        machine_options.physical_bits = 32;
        start_pc(8 * GIB);
        expect_right_everywhere(test);
}

/* DIRECT-3: of the four directory pointers only the last is present. */
TEST(direct_map, nothing_below_the_kernel)
{
        pte_t pointers[4];

        start_pc(64 * MIB);
        ram_read(mmu_tables(), pointers, sizeof(pointers));
        for (unsigned int index = 0; index < 3; index++)
                EXPECT_EQ(pointers[index], 0);
        EXPECT(pointers[3] & PTE_PRESENT);
        EXPECT(!mmu_translate(PAGE_OFFSET - 1).is_present);
        EXPECT(!mmu_translate(0).is_present);
}

/* The whole gigabyte above the direct map is empty but for the fixmap's table. */
TEST(direct_map, fixmap_has_a_table_and_no_pages)
{
        pte_t pointers[4], entry;

        start_pc(64 * MIB);
        ram_read(mmu_tables(), pointers, sizeof(pointers));
        phys_addr_t directory = pointers[3] & PTE_ADDRESS_MASK;
        unsigned int fixmap = directory_index(FIXMAP_START);
        for (unsigned int index = directory_index(DIRECT_MAP_END); index < 512; index++) {
                ram_read(directory + index * sizeof(entry), &entry, sizeof(entry));
                EXPECT_EQ(entry & PTE_PRESENT, index == fixmap);
        }
}

/* The tables come from bootmem, stay taken, and lie where the boot mapping reached. */
TEST(direct_map, tables_are_boot_memory)
{
        machine_start_pc(64 * MIB);
        machine_start_bootmem();
        unsigned long before = bootmem_free_page_count();
        struct kernel_image image = machine_image();
        phys_addr_t tables = direct_map_build(&memmap, &image);

        EXPECT_EQ(tables, mmu_tables());
        EXPECT(!bootmem_page_is_free((pfn_t)(tables >> PAGE_SHIFT)));
        EXPECT_EQ(before - bootmem_free_page_count(), 4);
        EXPECT_EQ(machine_stray_page(), RAM_NONE);
}

TEST(direct_map, no_memory_for_tables_panics)
{
        const struct machine_range ranges[] = { { MIB, 2 * MIB, MEMORY_RAM } };
        struct kernel_image image;

        machine_start(ranges, ARRAY_SIZE(ranges));
        machine_start_bootmem();
        while (bootmem_free_page_count() > 3)
                alloc_bootmem_pages(PAGE);
        image = machine_image();
        EXPECT_PANIC(direct_map_build(&memmap, &image), "out of memory");
}

/* A logical address and the physical one behind it are the same byte. */
TEST(direct_map, shows_physical_memory)
{
        const char written[] = "through the direct map";
        char read[sizeof(written)];

        start_pc(64 * MIB);
        for (u64 address = 4 * MIB; address < 64 * MIB; address += 4 * MIB) {
                __builtin_memcpy(__va(address), written, sizeof(written));
                ram_read(address, read, sizeof(read));
                EXPECT(__builtin_memcmp(read, written, sizeof(read)) == 0);
        }
}
