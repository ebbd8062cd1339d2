/* Fixed windows: what a slot shows, what it forbids, and that an unflushed change would be seen. */
#include "mm/map/fixmap.h"

#include "lib/format.h"
#include "lib/test.h"
#include "mm/boot/bootmem.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/ram.h"

/* A machine whose RAM reaches above 4 GiB, with its direct map. */
static void start(void)
{
        machine_start_pc(5 * GIB);
        machine_start_bootmem();
        machine_build_direct_map();
}

/* FIXMAP-1: every slot has a page of its own below FIXMAP_END. */
TEST(fixmap, slots_are_pages_below_the_end)
{
        machine_start_pc(64 * MIB);
        for (int slot = 0; slot < FIXMAP_SLOT_COUNT; slot++) {
                EXPECT_EQ(fixmap_address(slot), FIXMAP_START + (unsigned long)slot * PAGE_SIZE);
                EXPECT(fixmap_address(slot) < FIXMAP_END);
        }
        EXPECT_EQ(FIXMAP_PAGE_WINDOW_LAST - FIXMAP_PAGE_WINDOW_FIRST + 1, NR_CPUS);
}

TEST(fixmap, shows_the_page_it_was_set_to)
{
        const phys_addr_t pages[] = { 4 * MIB, 900 * MIB, 5 * GIB, 5 * GIB + PAGE_SIZE };

        start();
        for (unsigned int index = 0; index < ARRAY_SIZE(pages); index++) {
                u32 value = 0x1000 + index, read = 0;
                volatile u32 *window = (u32 *)fixmap_address(1);

                fixmap_set(1, pages[index], PTE_KERNEL_WRITE);
                EXPECT_EQ(*window, 0);
                *window = value;
                ram_read(pages[index], &read, sizeof(read));
                EXPECT_EQ(read, value);
        }
}

TEST(fixmap, shows_the_same_bytes_as_the_direct_map)
{
        start();
        volatile u8 *direct = __va(4 * MIB);
        volatile u8 *window = (u8 *)fixmap_address(0);

        fixmap_set(0, 4 * MIB, PTE_KERNEL_WRITE);
        window[100] = 7;
        EXPECT_EQ(direct[100], 7);
        direct[PAGE_SIZE - 1] = 9;
        EXPECT_EQ(window[PAGE_SIZE - 1], 9);
}

TEST(fixmap, allows_what_its_bits_say)
{
        start();
        fixmap_set(2, 4 * MIB, PTE_KERNEL_READ);
        EXPECT(!mmu_faults(fixmap_address(2), false));
        EXPECT(mmu_faults(fixmap_address(2), true));
        fixmap_set(2, 4 * MIB, PTE_KERNEL_WRITE);
        EXPECT(!mmu_faults(fixmap_address(2), true));
        fixmap_set(2, 4 * MIB, PTE_KERNEL_DEVICE);
        EXPECT(!mmu_translate(fixmap_address(2)).is_cached);
        EXPECT(!mmu_translate(fixmap_address(2)).is_executable);
        EXPECT(!mmu_translate(fixmap_address(2)).is_user);
}

TEST(fixmap, slots_are_apart)
{
        start();
        fixmap_set(0, 4 * MIB, PTE_KERNEL_WRITE);
        fixmap_set(2, 5 * MIB, PTE_KERNEL_WRITE);
        EXPECT(mmu_faults(fixmap_address(1), false));
        EXPECT(mmu_faults(fixmap_address(3), false));
        fixmap_clear(0);
        EXPECT(mmu_faults(fixmap_address(0), false));
        EXPECT(!mmu_faults(fixmap_address(2), true));
}

TEST(fixmap, cleared_slot_faults)
{
        start();
        for (int slot = 0; slot < FIXMAP_SLOT_COUNT; slot++) {
                EXPECT(mmu_faults(fixmap_address(slot), false));
                fixmap_set(slot, 5 * GIB, PTE_KERNEL_WRITE);
                EXPECT(!mmu_faults(fixmap_address(slot), false));
                fixmap_clear(slot);
                EXPECT(mmu_faults(fixmap_address(slot), false));
                EXPECT(!mmu_translate(fixmap_address(slot)).is_present);
        }
}

/* Where the CPU has no NX, the bit is left out: the emulated MMU would panic. */
TEST(fixmap, without_no_execute)
{
        machine_options.has_no_execute = false;
        start();
        fixmap_set(0, 5 * GIB, PTE_KERNEL_WRITE);
        EXPECT(!mmu_faults(fixmap_address(0), true));
}

TEST(fixmap, slot_out_of_range_panics)
{
        char number[16];

        start();
        snprintf(number, sizeof(number), ": slot %d", FIXMAP_SLOT_COUNT);
        EXPECT_PANIC(fixmap_set(FIXMAP_SLOT_COUNT, 4 * MIB, PTE_KERNEL_WRITE), number);
        EXPECT_PANIC(fixmap_clear(FIXMAP_SLOT_COUNT), number);
}

TEST(fixmap, use_before_init_panics)
{
        machine_start_pc(64 * MIB);
        EXPECT_PANIC(fixmap_set(0, 4 * MIB, PTE_KERNEL_WRITE), "slot 0");
        EXPECT_PANIC(fixmap_clear(0), "slot 0");
}
