/*
 * The page allocator's policy: which zones a request may use, how deep it may drain them, and what
 * happens when nothing is left.
 */
#include "kernel/sync/context.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/page_wait.h"
#include "mm/phys/pcp.h"
#include "mm/phys/shrinker.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/hoard.h"
#include "tests/host/machine.h"
#include "tests/host/picture.h"

#define QUIET (__GFP_NOWARN | __GFP_NORETRY)

static struct hoard hoard = HOARD_INIT(hoard);

/* Free all, drain all, and compare with how it was. */
static void expect_recovery(struct test_state *test, const struct picture *before)
{
        hoard_give_all(&hoard);
        mm_check();
        drain_all_pages();
        mm_check();
        struct picture after = picture_take();
        EXPECT(picture_same(before, &after));
}

/* How low a request that prefers a zone may drain another, by the depth that its mask allows. */
static unsigned long floor_of(enum zone_kind kind, enum zone_kind preferred, gfp_t gfp_mask)
{
        unsigned long mark = zones[kind].watermark[WATERMARK_MIN];

        if (gfp_mask & __GFP_HIGH)
                mark -= mark / 2;
        if ((gfp_mask & __GFP_HIGH) && !(gfp_mask & __GFP_WAIT))
                mark -= mark / 4;
        return mark + zones[kind].reserve[preferred];
}

/* ALLOC-2, and the watermarks: after exhaustion by a mask each zone of its list is at its floor. */
static void expect_at_floor(struct test_state *test, gfp_t gfp_mask)
{
        struct zone *const *zone = zone_lists[gfp_mask & GFP_ZONE_MASK].zones;
        enum zone_kind preferred = (*zone)->kind;

        for (; *zone; zone++) {
                EXPECT_EQ((*zone)->free_pages, floor_of((*zone)->kind, preferred, gfp_mask));
                EXPECT_EQ(pcp_page_count(*zone), 0);
        }
}

/* ZONE-1: every page lies where the mask promises, in one of the zones of its list. */
static void expect_promise_kept(struct test_state *test, gfp_t gfp_mask)
{
        struct page *page;

        list_for_each_entry(page, &hoard.blocks, list) {
                phys_addr_t end = page_to_phys(page) + (PAGE_SIZE << page_order(page));

                if (gfp_mask & __GFP_DMA)
                        EXPECT(end <= 16 * MIB);
                if (gfp_mask & __GFP_DMA32)
                        EXPECT(end <= 4 * GIB);
                if (!(gfp_mask & (__GFP_HIGHMEM | __GFP_DMA32)))
                        EXPECT(end <= DIRECT_MAP_BYTES && page_address(page));
        }
}

/* Exhaust the machine by each combination of modifiers, and let it recover. */
static void exhaust_by_every_list(struct test_state *test, gfp_t depth)
{
        struct picture before = picture_take();

        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++) {
                gfp_t gfp_mask = modifiers | depth | QUIET;

                EXPECT(hoard_take_all(&hoard, gfp_mask, 0) > 0);
                expect_at_floor(test, gfp_mask);
                expect_promise_kept(test, gfp_mask);
                expect_recovery(test, &before);
        }
}

TEST(page_alloc_limits, exhaustion_by_requests_that_cannot_wait)
{
        machine_boot_four_zones();
        exhaust_by_every_list(test, GFP_NOWAIT);
}

TEST(page_alloc_limits, exhaustion_by_requests_that_can_wait)
{
        machine_boot_four_zones();
        exhaust_by_every_list(test, GFP_KERNEL);
}

TEST(page_alloc_limits, exhaustion_by_emergencies)
{
        machine_boot_four_zones();
        exhaust_by_every_list(test, GFP_ATOMIC);
}

TEST(page_alloc_limits, exhaustion_by_emergencies_that_can_wait)
{
        machine_boot_four_zones();
        exhaust_by_every_list(test, __GFP_HIGH | GFP_KERNEL);
}

TEST(page_alloc_limits, exhaustion_below_four_gib)
{
        const struct machine_range ranges[] = {
                { MIB, 40 * MIB, MEMORY_RAM }, { 900 * MIB, 920 * MIB, MEMORY_RAM },
        };

        machine_boot(ranges, ARRAY_SIZE(ranges));
        exhaust_by_every_list(test, GFP_NOWAIT);
}

TEST(page_alloc_limits, exhaustion_of_a_tiny_machine)
{
        machine_boot_pc(5 * MIB);
        exhaust_by_every_list(test, GFP_KERNEL);
}

/* Orders above 0: no zone of the list has both such a block and the pages to spare. */
TEST(page_alloc_limits, exhaustion_by_large_blocks)
{
        const gfp_t gfp_mask = GFP_NOWAIT | __GFP_HIGHMEM | QUIET;

        machine_boot_four_zones();
        struct picture before = picture_take();
        for (unsigned int order = 1; order < MAX_ORDER; order++) {
                EXPECT(hoard_take_all(&hoard, gfp_mask, order) > 0);
                for (struct zone *zone = zones; zone < zones + MAX_NR_ZONES; zone++)
                        EXPECT(zone->free_orders < BIT(order) || zone->free_pages <
                               floor_of(zone->kind, ZONE_HIGHMEM, gfp_mask) + BIT(order));
                expect_recovery(test, &before);
        }
}

/* ALLOC-2, the other way round: what a zone keeps from those above, its own users still get. */
TEST(page_alloc_limits, reserve_is_there_for_its_own_users)
{
        machine_boot_four_zones();
        struct picture before = picture_take();
        unsigned long reserved = zones[ZONE_DMA].reserve[ZONE_HIGHMEM];

        hoard_take_all(&hoard, GFP_NOWAIT | __GFP_HIGHMEM | QUIET, 0);
        unsigned long taken = hoard_take_all(&hoard, GFP_DMA | QUIET, 0);
        REQUIRE(reserved > 30);
        EXPECT_EQ(taken, reserved);

        /* The same for kernel memory, of which DMA pages are the second choice. */
        expect_recovery(test, &before);
        hoard_take_all(&hoard, GFP_NOWAIT | QUIET, 0);
        EXPECT_EQ(hoard_take_all(&hoard, GFP_DMA | QUIET, 0), zones[ZONE_DMA].reserve[ZONE_NORMAL]);
        expect_recovery(test, &before);
}

/* Who exhausts a lower zone does not stop those above; nobody falls upward. */
TEST(page_alloc_limits, fallback_goes_downward_only)
{
        machine_boot_four_zones();
        hoard_take_all(&hoard, GFP_DMA | QUIET, 0);
        unsigned long normal_free = zones[ZONE_NORMAL].free_pages;
        EXPECT(!alloc_page(GFP_DMA | QUIET));
        EXPECT_EQ(zones[ZONE_NORMAL].free_pages, normal_free);
        hoard_take_all(&hoard, GFP_KERNEL | QUIET, 0);
        unsigned long high_free = zones[ZONE_HIGHMEM].free_pages + zones[ZONE_DMA32].free_pages;
        EXPECT(!alloc_page(GFP_KERNEL | QUIET));
        EXPECT(!__get_free_page(GFP_DMA32 | QUIET));
        EXPECT_EQ(zones[ZONE_HIGHMEM].free_pages + zones[ZONE_DMA32].free_pages, high_free);
        hoard_take_all(&hoard, GFP_DMA32 | QUIET, 0);
        EXPECT(alloc_page(GFP_HIGHUSER | QUIET));
}

/* Before a zone is drained below LOW, the next one is used down to its own. */
TEST(page_alloc_limits, zones_share_before_any_is_drained)
{
        machine_boot_four_zones();
        while (zones[ZONE_DMA32].free_pages > zones[ZONE_DMA32].watermark[WATERMARK_LOW] + 1000) {
                struct page *page = alloc_page(GFP_NOWAIT | __GFP_HIGHMEM | QUIET);

                REQUIRE(page);
                hoard_add(&hoard, page);
                REQUIRE(zones[ZONE_HIGHMEM].free_pages + pcp_page_count(&zones[ZONE_HIGHMEM]) >=
                        zones[ZONE_HIGHMEM].watermark[WATERMARK_LOW]);
        }
        EXPECT(zones[ZONE_HIGHMEM].free_pages <=
               zones[ZONE_HIGHMEM].watermark[WATERMARK_LOW] + PCP_PAGES_MOST);
}

/* GFP_ATOMIC finds pages where a request without __GFP_HIGH finds none any more. */
TEST(page_alloc_limits, emergency_reserve_has_three_depths)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();
        unsigned long min = zones[ZONE_NORMAL].watermark[WATERMARK_MIN] +
                            zones[ZONE_DMA].watermark[WATERMARK_MIN];

        hoard_take_all(&hoard, GFP_NOWAIT | QUIET, 0);
        unsigned long waiting = hoard_take_all(&hoard, GFP_KERNEL | __GFP_HIGH | QUIET, 0);
        unsigned long atomic = hoard_take_all(&hoard, GFP_ATOMIC | QUIET, 0);

        EXPECT(waiting >= min / 2 - 2 && waiting <= min / 2);
        EXPECT(atomic >= min / 8 - 2 && atomic <= min / 8);
        EXPECT(!alloc_page(GFP_KERNEL | QUIET));
        expect_recovery(test, &before);
}

/* What another CPU keeps is found by a request that may wait. */
TEST(page_alloc_limits, pages_of_other_cpus_are_found)
{
        machine_boot_pc(64 * MIB);
        hoard_take_all(&hoard, GFP_KERNEL | QUIET, 0);
        host_cpu = 3;
        for (unsigned int count = 0; count < 10; count++)
                hoard_give_one(&hoard);
        host_cpu = 0;
        EXPECT_EQ(hoard_take_all(&hoard, GFP_KERNEL | QUIET, 0), 10);
}

TEST(page_alloc_limits, nofail_panics_when_nothing_is_left)
{
        machine_boot_pc(5 * MIB);
        hoard_take_all(&hoard, GFP_KERNEL | QUIET, 0);
        unsigned long emergency_count = zones[ZONE_DMA].free_pages;

        EXPECT(emergency_count > 0);
        for (unsigned long count = 0; count < emergency_count; count++)
                REQUIRE(alloc_page(GFP_KERNEL | __GFP_NOFAIL) != NULL);
        EXPECT_EQ(zones[ZONE_DMA].free_pages, 0);
        EXPECT_PANIC(alloc_page(GFP_ATOMIC | __GFP_NOFAIL), "order 0, mode 0x820");
}

/* A shrinker that gives pages of the hoard, so many a call, for a number of calls. */
static unsigned long pages_per_call, calls_left, call_count;

/* Count the call, and give pages of the hoard while there are calls left. */
static unsigned long give_some(struct shrinker *shrinker __unused, unsigned long wanted_count,
                               gfp_t gfp_mask __unused)
{
        unsigned long count = min(pages_per_call, wanted_count);

        count = min(count, hoard.block_count);
        call_count++;
        if (!calls_left)
                return 0;
        calls_left--;
        for (unsigned long given = 0; given < count; given++)
                hoard_give_one(&hoard);
        return count;
}

static struct shrinker shrinker = { .name = "hoard", .shrink = give_some };

/* A machine out of memory, with a shrinker that could help. */
static void start_exhausted(void)
{
        machine_boot_pc(24 * MIB);
        hoard_take_all(&hoard, GFP_KERNEL | QUIET, 0);
        register_shrinker(&shrinker);
        pages_per_call = 1;
        calls_left = ~0ul;
        call_count = 0;
}

TEST(page_alloc_limits, sleeping_request_reclaims)
{
        start_exhausted();
        struct page *page = alloc_page(GFP_KERNEL);

        EXPECT(page);
        EXPECT_EQ(call_count, 1);
        EXPECT(!alloc_page(GFP_NOWAIT | __GFP_NOWARN));
        EXPECT_EQ(call_count, 1);
        EXPECT(alloc_page(GFP_KERNEL | __GFP_NOFAIL));
        EXPECT_EQ(call_count, 2);
}

/* As long as reclaim frees anything it goes on, but not for ever; nor does the wait after it. */
TEST(page_alloc_limits, reclaim_goes_on_while_it_helps)
{
        start_exhausted();
        struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, 3);
        EXPECT(page);
        EXPECT(call_count > 1);

        call_count = 0;
        EXPECT(!alloc_pages(GFP_KERNEL | __GFP_NOWARN, 10));
        EXPECT_EQ(call_count, 16 + PAGE_WAIT_PERIODS_MOST);

        call_count = 0;
        calls_left = 3;
        EXPECT(!alloc_pages(GFP_KERNEL | __GFP_NOWARN, 10));
        EXPECT_EQ(call_count, 4 + 1);
}

/* Emergencies have drained zones far below what a sleeping request may take; reclaim fills up. */
TEST(page_alloc_limits, reclaim_makes_up_for_emergencies)
{
        static struct hoard emergencies = HOARD_INIT(emergencies);

        machine_boot_pc(896 * MIB);
        while (zones[ZONE_NORMAL].free_pages > zones[ZONE_NORMAL].watermark[WATERMARK_HIGH])
                hoard_add(&hoard, alloc_page(GFP_KERNEL));
        hoard_take_all(&emergencies, GFP_ATOMIC | QUIET, 0);
        register_shrinker(&shrinker);
        pages_per_call = ~0ul;
        calls_left = ~0ul;
        EXPECT(alloc_page(GFP_KERNEL));
        EXPECT(hoard.block_count > 0);
}

TEST(page_alloc_limits, noretry_reclaims_once)
{
        start_exhausted();
        EXPECT(!alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, 10));
        EXPECT_EQ(call_count, 1);
}

/* How often a text has a part. */
static unsigned int count_in(const char *text, const char *part)
{
        unsigned int count = 0;

        for (text = strstr(text, part); text; text = strstr(text + 1, part))
                count++;
        return count;
}

/* Each failure is one line; the zones' state comes with the first, and again when rearmed. */
TEST(page_alloc_limits, failure_is_reported_with_the_zones_once)
{
        machine_boot_pc(24 * MIB);
        hoard_take_all(&hoard, GFP_KERNEL | QUIET, 0);
        unsigned long failed_before = page_alloc_counts().failed;

        host_forget_output();
        EXPECT(!alloc_page(GFP_KERNEL));
        EXPECT(!alloc_pages(GFP_ATOMIC, 9));
        EXPECT(!alloc_page(GFP_NOWAIT));
        const char *text = host_printed_text();
        EXPECT_EQ(count_in(text, "page allocation failure: order:0, mode:0xd0"), 1);
        EXPECT_EQ(count_in(text, "page allocation failure: order:9, mode:0x20"), 1);
        EXPECT_EQ(count_in(text, "page allocation failure"), 3);
        EXPECT_EQ(count_in(text, "\nNormal "), 1);
        EXPECT_EQ(count_in(text, "call chain"), 1);
        EXPECT_EQ(page_alloc_counts().failed, failed_before + 3);
}

TEST(page_alloc_limits, nowarn_is_silent)
{
        machine_boot_pc(24 * MIB);
        host_forget_output();
        hoard_take_all(&hoard, GFP_KERNEL | __GFP_NOWARN, 0);
        EXPECT(!alloc_pages(GFP_ATOMIC | __GFP_NOWARN, 10));
        EXPECT(strcmp(host_printed_text(), "") == 0);
        EXPECT_EQ(page_alloc_counts().failed, 2);
}

/* What the first attempt did not serve is counted as slow; what a list served is not. */
TEST(page_alloc_limits, slow_requests_are_counted)
{
        machine_boot_pc(64 * MIB);
        EXPECT_EQ(page_alloc_counts().slow, 0);
        __free_page(alloc_page(GFP_KERNEL));
        EXPECT_EQ(page_alloc_counts().slow, 1);
        __free_page(alloc_page(GFP_KERNEL));
        __free_pages(alloc_pages(GFP_KERNEL, 7), 7);
        EXPECT_EQ(page_alloc_counts().slow, 1);
}

/* A page given back at the brink can be had again, over and over. */
TEST(page_alloc_limits, last_page_comes_and_goes)
{
        machine_boot_pc(24 * MIB);
        hoard_take_all(&hoard, GFP_KERNEL | QUIET, 0);
        for (unsigned int round = 0; round < 100; round++) {
                hoard_give_one(&hoard);
                struct page *page = alloc_page(GFP_KERNEL);
                REQUIRE(page);
                hoard_add(&hoard, page);
                EXPECT(!alloc_page(GFP_KERNEL | QUIET));
        }
        mm_check();
}
