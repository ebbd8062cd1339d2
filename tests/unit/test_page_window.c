/* Windows on single pages: low ones through the direct map, high ones through this CPU's slot. */
#include "mm/map/page_window.h"

#include "kernel/cpu/irqflags.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/map/fixmap.h"
#include "mm/phys/page_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/ram.h"

/* A page of high memory, above 4 GiB. */
static struct page *high_page(void)
{
        machine_boot_pc(5 * GIB);
        return alloc_page(GFP_HIGHUSER);
}

TEST(page_window, low_page_is_seen_at_its_logical_address)
{
        unsigned long flags;

        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        EXPECT(page_window_open(page, &flags) == page_address(page));
        page_window_close(page, flags);
        EXPECT(!mmu_faults((unsigned long)page_address(page), true));
}

TEST(page_window, high_page_is_seen_through_the_slot_of_this_cpu)
{
        struct page *page = high_page();
        unsigned long flags;
        u32 value = 0;

        REQUIRE(PageHighMem(page) && page_to_phys(page) >= 4 * GIB);
        for (host_cpu = 0; host_cpu < NR_CPUS; host_cpu++) {
                u32 *window = page_window_open(page, &flags);

                EXPECT_EQ((unsigned long)window,
                          fixmap_address(FIXMAP_PAGE_WINDOW_FIRST + host_cpu));
                *window = 0x77 + host_cpu;
                ram_read(page_to_phys(page), &value, sizeof(value));
                EXPECT_EQ(value, 0x77 + host_cpu);
                page_window_close(page, flags);
                EXPECT(mmu_faults((unsigned long)window, false));
        }
        host_cpu = 0;
        __free_page(page);
}

/* Two CPUs look at two pages at the same time. */
TEST(page_window, cpus_do_not_disturb_each_other)
{
        struct page *first = high_page();
        struct page *second = alloc_page(GFP_HIGHUSER);
        unsigned long first_flags, second_flags;

        host_cpu = 1;
        u32 *first_window = page_window_open(first, &first_flags);
        host_cpu = 3;
        u32 *second_window = page_window_open(second, &second_flags);
        *first_window = 1;
        *second_window = 3;
        EXPECT(first_window != second_window);
        EXPECT_EQ(*first_window, 1);
        page_window_close(second, second_flags);
        EXPECT_EQ(*first_window, 1);
        host_cpu = 1;
        page_window_close(first, first_flags);
}

TEST(page_window, interrupts_are_off_while_it_is_open)
{
        struct page *page = high_page();
        unsigned long flags;

        EXPECT(!irqs_disabled());
        page_window_open(page, &flags);
        EXPECT(irqs_disabled());
        page_window_close(page, flags);
        EXPECT(!irqs_disabled());
        local_irq_disable();
        page_window_open(page, &flags);
        page_window_close(page, flags);
        EXPECT(irqs_disabled());
        local_irq_enable();
}

/* Fill a page and its neighbours, clear it, and look at all three from below. */
static void expect_cleared_alone(struct test_state *test, struct page *page)
{
        static u8 bytes[3 * 4096];
        phys_addr_t start = page_to_phys(page) - PAGE_SIZE;

        memset(bytes, 0xEE, sizeof(bytes));
        ram_write(start, bytes, sizeof(bytes));
        clear_highpage(page);
        ram_read(start, bytes, sizeof(bytes));
        EXPECT(!memchr_inv(bytes, 0xEE, PAGE_SIZE));
        EXPECT(!memchr_inv(bytes + PAGE_SIZE, 0, PAGE_SIZE));
        EXPECT(!memchr_inv(bytes + 2 * PAGE_SIZE, 0xEE, PAGE_SIZE));
}

TEST(page_window, clear_highpage_clears_one_page)
{
        machine_boot_pc(5 * GIB);
        struct page *low = alloc_pages(GFP_KERNEL, 2);
        struct page *high = alloc_pages(GFP_HIGHUSER, 2);

        REQUIRE(!PageHighMem(low) && PageHighMem(high));
        expect_cleared_alone(test, low + 1);
        expect_cleared_alone(test, high + 1);
        __free_pages(low, 2);
        __free_pages(high, 2);
}
