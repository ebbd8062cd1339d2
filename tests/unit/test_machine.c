/* The hosted machine itself: what it must catch, so that the tests on it can be believed. */
#include "kernel/cpu/irqflags.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/ram.h"

TEST(machine, boots)
{
        machine_boot_pc(64 * MIB);
        mm_check();
        struct page *page = alloc_page(GFP_KERNEL);
        EXPECT(page);
        __free_page(page);
        mm_check();
        EXPECT_EQ(machine_stray_page(), RAM_NONE);
}
