/* Page tables: what is mapped is seen, what is unmapped faults, and shortage changes nothing. */
#include "mm/virt/pgtable.h"

#include "kernel/cpu/paging.h"
#include "lib/errno.h"
#include "lib/test.h"
#include "mm/boot/direct_map.h"
#include "mm/fail.h"
#include "mm/phys/page_alloc.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

/* How many entries the directory has between the direct map and the fixmap. */
static unsigned long tables_in_directory(void)
{
        unsigned long count = 0;

        for (unsigned int index = directory_index(DIRECT_MAP_END);
             index < directory_index(FIXMAP_START); index++)
                count += (kernel_page_directory[index] & PTE_PRESENT) != 0;
        return count;
}

TEST(pgtable, a_mapped_page_is_the_same_page)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        u32 *direct = page_address(page), *mapped = (u32 *)VMALLOC_START;

        EXPECT(mmu_faults(VMALLOC_START, false));
        EXPECT(!pgtable_lookup(VMALLOC_START));
        EXPECT_EQ(pgtable_map_page(VMALLOC_START, page, PTE_KERNEL_WRITE), 0);
        EXPECT(pgtable_lookup(VMALLOC_START) == page);
        EXPECT(pgtable_lookup(VMALLOC_START + 5) == page);
        *mapped = 0x12345678;
        EXPECT_EQ(*direct, 0x12345678);
        EXPECT(mmu_faults(VMALLOC_START + PAGE_SIZE, false));
}

TEST(pgtable, an_unmapped_page_faults_after_the_flush)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        unsigned long address = PERCPU_END - PAGE_SIZE;

        EXPECT_EQ(pgtable_map_page(address, page, PTE_KERNEL_WRITE), 0);
        EXPECT(!mmu_faults(address, true));
        EXPECT(pgtable_unmap_page(address) == page);
        EXPECT(!pgtable_unmap_page(address));
        EXPECT(!mmu_faults(address, true));
        tlb_flush_page(address);
        EXPECT(mmu_faults(address, false));
}

TEST(pgtable, bits_are_obeyed)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);

        EXPECT_EQ(pgtable_map_page(STACKS_START, page, PTE_KERNEL_READ), 0);
        EXPECT(!mmu_faults(STACKS_START, false));
        EXPECT(mmu_faults(STACKS_START, true));
        EXPECT(!mmu_translate(STACKS_START).is_executable);
        EXPECT(!mmu_translate(STACKS_START).is_user);
}

TEST(pgtable, high_pages_can_be_mapped)
{
        machine_boot_pc(5 * GIB);
        struct page *page = alloc_page(GFP_KERNEL | __GFP_HIGHMEM);

        REQUIRE(PageHighMem(page));
        EXPECT_EQ(pgtable_map_page(VMALLOC_START, page, PTE_KERNEL_WRITE), 0);
        EXPECT(mmu_translate(VMALLOC_START).address == page_to_phys(page));
        EXPECT(pgtable_lookup(VMALLOC_START) == page);
}

/* PGTABLE-1: one table for 2 MiB, made once, never given back. */
TEST(pgtable, tables_are_made_once)
{
        machine_boot_pc(64 * MIB);
        unsigned long before = pgtable_table_count();
        struct page *page = alloc_page(GFP_KERNEL);

        for (unsigned int round = 0; round < 3; round++) {
                EXPECT_EQ(pgtable_map_page(VMALLOC_START, page, PTE_KERNEL_WRITE), 0);
                EXPECT_EQ(pgtable_table_count(), before + 1);
                pgtable_unmap_page(VMALLOC_START);
        }
        EXPECT_EQ(pgtable_map_page(VMALLOC_START + LARGE_PAGE_SIZE - PAGE_SIZE, page,
                                   PTE_KERNEL_WRITE), 0);
        EXPECT_EQ(pgtable_table_count(), before + 1);
        EXPECT_EQ(pgtable_map_page(VMALLOC_START + LARGE_PAGE_SIZE, page, PTE_KERNEL_WRITE), 0);
        EXPECT_EQ(pgtable_table_count(), before + 2);
        EXPECT_EQ(tables_in_directory(), 2);
}

TEST(pgtable, populating_covers_all_that_is_touched)
{
        machine_boot_pc(64 * MIB);
        EXPECT_EQ(pgtable_populate(VMALLOC_START + PAGE_SIZE, VMALLOC_START + PAGE_SIZE), 0);
        EXPECT_EQ(tables_in_directory(), 1);
        EXPECT_EQ(pgtable_populate(PERCPU_START - PAGE_SIZE, PERCPU_START + PAGE_SIZE), 0);
        EXPECT_EQ(tables_in_directory(), 3);
        EXPECT_EQ(pgtable_populate(PERCPU_START, PERCPU_END), 0);
        EXPECT_EQ(tables_in_directory(), 10);
}

TEST(pgtable, no_memory_changes_nothing)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);

        if (!DEBUG_BUILD)
                SKIP("only the debug build fails on purpose");
        fail_page_alloc_setup("100,1,0", 1);
        EXPECT_EQ(pgtable_map_page(VMALLOC_START, page, PTE_KERNEL_WRITE), -ENOMEM);
        EXPECT_EQ(pgtable_populate(VMALLOC_START, VMALLOC_END), -ENOMEM);
        EXPECT_EQ(tables_in_directory(), 0);
        fail_page_alloc_setup("0", 1);
        EXPECT_EQ(pgtable_map_page(VMALLOC_START, page, PTE_KERNEL_WRITE), 0);
}

/* PGTABLE-2. */
TEST(pgtable, other_addresses_panic)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);

        EXPECT_PANIC(pgtable_map_page(PAGE_OFFSET, page, PTE_KERNEL_WRITE), "address");
        EXPECT_PANIC(pgtable_map_page(FIXMAP_START, page, PTE_KERNEL_WRITE), "address");
        EXPECT_PANIC(pgtable_map_page(VMALLOC_START + 1, page, PTE_KERNEL_WRITE), "address");
        EXPECT_EQ(pgtable_map_page(VMALLOC_START, page, PTE_KERNEL_WRITE), 0);
        EXPECT_PANIC(pgtable_map_page(VMALLOC_START, page, PTE_KERNEL_WRITE), "leads to");
}
