/* test_pages_api.c - every call of the page allocator, used as its header says. */
#include "kernel/cpu/irqflags.h"
#include "lib/bits.h"
#include "lib/bug_expect.h"
#include "lib/string.h"
#include "mm/page_debug.h"
#include "mm/map/page_window.h"
#include "mm/phys/pcp.h"
#include "tests/self/page_tools.h"

#define DIRT 0xD1D1D1D1u

/* What breaks ALLOC-1 or PAGE-1 in a block that was asked for by this order; NULL: nothing. */
static const char *flaw_of(struct page *page, unsigned int order)
{
        if (!IS_ALIGNED(page_to_pfn(page), BIT(order)))
                return "is not aligned to its size";
        if (page_state(page) != PAGE_ALLOCATED || page_order(page) != order)
                return "has another state or order";
        if (atomic_read(&page->refcount) != 1)
                return "is not referenced once";
        for (unsigned long index = 1; index < 1ul << order; index++)
                if (page_state(page + index) != PAGE_TAIL ||
                    page_zone_index(page + index) != page_zone_index(page))
                        return "has pages that belong to something else";
        return NULL;
}

/* Take a block of each order from a zone at once, and look at them. */
static void check_orders(struct test_state *test, struct zone *zone)
{
        static struct free_picture before;
        struct hoard hoard;

        free_picture_take(&before);
        hoard_init(&hoard);
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                struct page *page = page_tools_take_in_zone(zone, order);

                if (!page)
                        continue;
                const char *flaw = flaw_of(page, order);
                if (flaw)
                        test_fail(test, __FILE__, __LINE__, "a block of order %u %s", order, flaw);
                EXPECT(page_to_pfn(page) >= zone->start_pfn);
                EXPECT(page_to_pfn(page) + BIT(order) <= zone->end_pfn);
                hoard_add(&hoard, page);
        }
        EXPECT(hoard.block_count > 0);
        if (zone->managed_pages > 4 * MAX_ORDER_PAGES)
                EXPECT_EQ(hoard.block_count, MAX_ORDER);
        hoard_give_back(&hoard, HOARD_OLDEST_FIRST, 0);
        free_picture_compare(test, &before);
}

TEST_EACH_ZONE(pages, all_orders, check_orders)

/* Make a block dirty, give it back, and take a zeroed one, most likely the same. */
static void check_zeroed_order(struct test_state *test, struct zone *zone, unsigned int order)
{
        struct page *page = page_tools_take_in_zone(zone, order);

        if (!page)
                return;
        for (unsigned long index = 0; index < 1ul << order; index++)
                page_fill(page + index, DIRT);
        __free_pages(page, order);

        page = alloc_pages(page_tools_gfp(zone) | __GFP_ZERO, order);
        if (!page)
                return;
        for (unsigned long index = 0; index < 1ul << order; index++)
                if (!page_is_filled(page + index, 0))
                        test_fail(test, __FILE__, __LINE__, "order %u, page %lu is not zero", order,
                                  index);
        __free_pages(page, order);
}

/* Zeroed blocks of every order that is on a list, and of a few that are not. */
static void check_zeroed(struct test_state *test, struct zone *zone)
{
        for (unsigned int order = 0; order <= 6; order++)
                check_zeroed_order(test, zone, order);
        check_zeroed_order(test, zone, MAX_ORDER - 1);
}

TEST_EACH_ZONE(pages, zeroed, check_zeroed)

/* A page's contents stay while others come and go. */
static void check_contents(struct test_state *test, struct zone *zone)
{
        struct page *page = page_tools_take_in_zone(zone, 0);
        struct page *other = page_tools_take_in_zone(zone, 0);

        REQUIRE(page && other && page != other);
        page_sign(page, 1);
        page_sign(other, 2);
        EXPECT(page_is_signed(page, 1) && page_is_signed(other, 2));
        __free_page(other);
        other = alloc_page(page_tools_gfp(zone) | __GFP_ZERO);
        EXPECT(page_is_signed(page, 1));
        if (other)
                __free_page(other);
        __free_page(page);
}

TEST_EACH_ZONE(pages, contents, check_contents)

/* Low pages have a logical address, high ones none. */
static void check_page_address(struct test_state *test, struct zone *zone)
{
        bool is_low = zone->kind <= ZONE_NORMAL;
        struct page *page = page_tools_take_in_zone(zone, 0);
        unsigned long flags;

        REQUIRE(page);
        EXPECT_EQ(PageHighMem(page), !is_low);
        EXPECT_EQ((unsigned long)page_address(page),
                  is_low ? (unsigned long)__va(page_to_phys(page)) : 0);
        if (is_low) {
                EXPECT(virt_addr_valid(page_address(page)));
                EXPECT(virt_to_page((char *)page_address(page) + PAGE_SIZE - 1) == page);
        }
        const char *window = page_window_open(page, &flags);
        EXPECT(irqs_disabled());
        EXPECT(IS_ALIGNED((unsigned long)window, PAGE_SIZE));
        EXPECT_EQ(window == page_address(page), is_low);
        page_window_close(page, flags);
        __free_page(page);
}

TEST_EACH_ZONE(pages, page_address, check_page_address)

TEST(pages, reached_by_address)
{
        unsigned long one = __get_free_page(GFP_KERNEL);
        unsigned long zeroed = get_zeroed_page(GFP_KERNEL);
        unsigned long eight = __get_free_pages(GFP_KERNEL, 3);

        REQUIRE(one && zeroed && eight);
        EXPECT(IS_ALIGNED(one, PAGE_SIZE) && IS_ALIGNED(zeroed, PAGE_SIZE));
        EXPECT(IS_ALIGNED(eight, PAGE_SIZE << 3));
        EXPECT(!memchr_inv((void *)zeroed, 0, PAGE_SIZE));
        memset((void *)eight, 0x5A, PAGE_SIZE << 3);
        EXPECT(virt_addr_valid((void *)one));
        EXPECT(virt_addr_valid((void *)(eight + (PAGE_SIZE << 3) - 1)));
        EXPECT_EQ(page_order(virt_to_page((void *)eight)), 3);
        free_page(one);
        free_page(zeroed);
        free_pages(eight, 3);
}

TEST(pages, zeroed_address_after_dirt)
{
        unsigned long page = __get_free_page(GFP_KERNEL);

        REQUIRE(page);
        memset((void *)page, 0xFF, PAGE_SIZE);
        free_page(page);
        page = get_zeroed_page(GFP_KERNEL);
        REQUIRE(page);
        EXPECT(!memchr_inv((void *)page, 0, PAGE_SIZE));
        free_page(page);
}

TEST(pages, calls_mix)
{
        static struct free_picture before;

        free_picture_take(&before);
        struct page *page = alloc_page(GFP_KERNEL);
        struct page *block = alloc_pages(GFP_KERNEL, 2);
        unsigned long address = __get_free_page(GFP_ATOMIC);
        REQUIRE(page && block && address);
        free_page((unsigned long)page_address(page));
        free_pages((unsigned long)page_address(block), 2);
        __free_page(virt_to_page((void *)address));
        free_picture_compare(test, &before);
}

TEST(pages, freeing_address_zero_does_nothing)
{
        static struct free_picture before;

        free_picture_take(&before);
        bug_expect_begin();
        free_page(0);
        free_pages(0, 5);
        free_pages(0, 99);
        EXPECT(!bug_expect_end("bad-address", NULL));
        EXPECT(!strcmp(bug_last_report(), ""));
        free_picture_compare(test, &before);
}

/* A CPU keeps the pages of a zone on a stack, if the zone is large enough for one. */
static void check_last_first(struct test_state *test, struct zone *zone)
{
        struct page *pages[4];

        if (cpu_stack_capacity(&this_cpu_ptr(pcp_list_of(zone, 0))->blocks) < 2)
                SKIP("the zone is too small for a CPU to keep pages of it");
        pages[0] = page_tools_take_in_zone(zone, 0);
        pages[1] = page_tools_take_in_zone(zone, 0);
        REQUIRE(pages[0] && pages[1]);
        __free_page(pages[0]);
        __free_page(pages[1]);
        pages[2] = page_tools_take_in_zone(zone, 0);
        pages[3] = page_tools_take_in_zone(zone, 0);
        REQUIRE(pages[2] && pages[3]);
        EXPECT(pages[2] == pages[1]);
        EXPECT(pages[3] == pages[0]);
        __free_page(pages[2]);
        __free_page(pages[3]);
}

TEST_EACH_ZONE(pages, last_page_freed_comes_first, check_last_first)

TEST(pages, orders_above_the_largest_are_refused)
{
        static const unsigned int orders[] = { MAX_ORDER, 12, 15, 16, 31, 32, 0x10000000, ~0u };

        for (unsigned int index = 0; index < ARRAY_SIZE(orders); index++) {
                bug_expect_begin();
                EXPECT(!alloc_pages(GFP_KERNEL, orders[index]));
                EXPECT(bug_expect_end("bad-order", "the largest is 10"));
                bug_expect_begin();
                EXPECT(!alloc_pages(GFP_HIGHUSER | __GFP_NOFAIL, orders[index]));
                EXPECT(bug_expect_end("bad-order", NULL));
                bug_expect_begin();
                EXPECT_EQ(__get_free_pages(GFP_ATOMIC | __GFP_NOWARN, orders[index]), 0);
                EXPECT(bug_expect_end("bad-order", NULL));
        }
}

TEST(pages, references_are_counted)
{
        struct page *page = alloc_pages(GFP_KERNEL, 3);

        REQUIRE(page);
        get_page(page);
        get_page(page);
        EXPECT_EQ(atomic_read(&page->refcount), 3);
        put_page(page);
        __free_pages(page, 3);
        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        EXPECT_EQ(atomic_read(&page->refcount), 1);
        page_sign(page, 7);
        EXPECT(page_is_signed(page, 7));
        put_page(page);
        EXPECT(page_state(page) != PAGE_ALLOCATED);
}

/* A page that is shared keeps its contents until the last holder lets go. */
static void check_shared(struct test_state *test, struct zone *zone)
{
        struct page *page = page_tools_take_in_zone(zone, 0);

        REQUIRE(page);
        page_sign(page, 3);
        get_page(page);
        __free_page(page);
        EXPECT(page_is_signed(page, 3));
        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        put_page(page);
        EXPECT(page_state(page) == PAGE_CACHED || page_state(page) == PAGE_FREE);
}

TEST_EACH_ZONE(pages, shared, check_shared)
