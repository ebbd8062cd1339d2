/* What boot memory never frees, whoever asks: HANDOVER-1 would break. */
#include "mm/boot/bootmem.h"

#include "kernel/cpu/address.h"
#include "lib/test.h"
#include "mm/claims.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

TEST(bootmem, the_kernel_itself_is_never_freed)
{
        machine_start_pc(24 * MIB);
        memory_claim_keep(4 * MIB + 100, 5 * MIB, "kernel");
        machine_start_bootmem();
        EXPECT_PANIC(free_bootmem(4 * MIB, PAGE_SIZE), "the kernel itself lies there");
        EXPECT_PANIC(free_bootmem(3 * MIB, 4 * MIB), "the kernel itself lies there");
        bootmem_check();
}

/* HANDOVER-1: the hand-over gives these pages to their zone, and would do so twice. */
TEST(bootmem, its_own_bitmap_is_never_freed)
{
        machine_start_pc(24 * MIB);
        machine_start_bootmem();
        EXPECT_PANIC(free_bootmem(MACHINE_IMAGE_END, PAGE_SIZE), "own bitmap lies there");
        EXPECT_PANIC(free_bootmem(MACHINE_IMAGE_END - PAGE_SIZE, 2 * PAGE_SIZE), "lies there");
        bootmem_check();
}
