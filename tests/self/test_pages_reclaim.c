/* test_pages_reclaim.c - what a request does when memory is short, and when it is told to fail. */
#include "kernel/printk.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/fail.h"
#include "mm/phys/reclaim.h"
#include "mm/phys/shrinker.h"
#include "mm/phys/zone_report.h"
#include "tests/self/page_tools.h"

#define QUIET_KERNEL (GFP_KERNEL | __GFP_NOWARN)

/* A request of this order is served by no single page, and by no CPU's list. */
#define LARGE_ORDER 6u

/* A cache that gives pages back, and notes what it was asked. */
struct test_cache {
        struct shrinker shrinker;
        struct hoard hoard;
        unsigned int call_count;
        unsigned int turn;              /* of all caches, when was this one called first */
        unsigned long wanted_count;     /* at the first call */
        unsigned long claimed_count;    /* said to be free at each call, beside what really is */
        bool asks_itself;               /* request a page, sleeping, within the call */
        bool got_itself;                /* and that was served */
};

static unsigned int turn_count;

/* Free what was wanted, as far as there is anything. */
static unsigned long shrink(struct shrinker *shrinker, unsigned long wanted_count,
                            gfp_t gfp_mask __unused)
{
        struct test_cache *cache = container_of(shrinker, struct test_cache, shrinker);
        unsigned long freed_count = 0;

        if (!cache->call_count++) {
                cache->turn = turn_count++;
                cache->wanted_count = wanted_count;
        }
        if (cache->asks_itself)
                cache->got_itself = hoard_take(&cache->hoard, QUIET_KERNEL, LARGE_ORDER);
        while (freed_count < wanted_count && cache->hoard.block_count) {
                struct page *page = list_first_entry(&cache->hoard.blocks, struct page, list);
                unsigned int order = page_order(page);

                hoard_remove(&cache->hoard, page);
                __free_pages(page, order);
                freed_count += BIT(order);
        }
        return freed_count + cache->claimed_count;
}

/* Register an empty cache. */
static void cache_init(struct test_cache *cache)
{
        *cache = (struct test_cache){ .shrinker = { .name = "test", .shrink = shrink } };
        reclaim_balance_enabled = false;
        hoard_init(&cache->hoard);
        register_shrinker(&cache->shrinker);
}

/* Unregister it and give back what it still has. */
static void cache_destroy(struct test_cache *cache)
{
        unregister_shrinker(&cache->shrinker);
        reclaim_balance_enabled = true;
        hoard_give_back(&cache->hoard, HOARD_OLDEST_FIRST, 0);
}

/* Let a cache have one block, and take everything else that a sleeping request can get. */
static void starve(struct hoard *hoard, struct test_cache *cache)
{
        hoard_init(hoard);
        if (cache)
                hoard_take(&cache->hoard, QUIET_KERNEL, LARGE_ORDER);
        hoard_take_all(hoard, GFP_NOWAIT | __GFP_NOWARN, 0);
}

TEST(page_reclaim, sleeper_gets_what_a_shrinker_frees)
{
        static struct free_picture before;
        struct test_cache cache;
        struct hoard hoard;

        free_picture_take(&before);
        cache_init(&cache);
        starve(&hoard, &cache);
        EXPECT_EQ(cache.call_count, 0);
        EXPECT(hoard_take(&hoard, QUIET_KERNEL, LARGE_ORDER));
        EXPECT_EQ(cache.call_count, 1);
        EXPECT(cache.wanted_count >= BIT(LARGE_ORDER));
        EXPECT_EQ(cache.hoard.block_count, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        cache_destroy(&cache);
        free_picture_compare(test, &before);
}

TEST(page_reclaim, nofail_is_served_by_a_shrinker)
{
        struct test_cache cache;
        struct hoard hoard;

        cache_init(&cache);
        starve(&hoard, &cache);
        EXPECT(hoard_take(&hoard, GFP_KERNEL | __GFP_NOFAIL, LARGE_ORDER));
        EXPECT_EQ(cache.call_count, 1);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        cache_destroy(&cache);
}

TEST(page_reclaim, who_may_not_sleep_calls_no_shrinker)
{
        struct test_cache cache;
        struct hoard hoard;

        cache_init(&cache);
        starve(&hoard, &cache);
        EXPECT(!alloc_pages(GFP_NOWAIT | __GFP_NOWARN, LARGE_ORDER));
        while (hoard_take(&hoard, GFP_ATOMIC | __GFP_NOWARN, 0))
                ;
        EXPECT(!alloc_pages(GFP_ATOMIC | __GFP_NOWARN, LARGE_ORDER));
        EXPECT_EQ(cache.call_count, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        cache_destroy(&cache);
}

TEST(page_reclaim, shrinkers_are_asked_in_order_until_it_is_enough)
{
        static struct test_cache first, second, third;
        struct hoard hoard;

        turn_count = 0;
        cache_init(&first);
        cache_init(&second);
        cache_init(&third);
        starve(&hoard, &second);
        EXPECT(hoard_take(&hoard, QUIET_KERNEL, LARGE_ORDER));
        EXPECT_EQ(first.call_count, 1);
        EXPECT_EQ(first.turn, 0);
        EXPECT_EQ(second.call_count, 1);
        EXPECT_EQ(second.turn, 1);
        EXPECT_EQ(third.call_count, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        cache_destroy(&second);
        cache_destroy(&first);
        cache_destroy(&third);
}

TEST(page_reclaim, request_within_a_shrinker_does_not_start_over)
{
        struct test_cache cache;
        struct hoard hoard;

        cache_init(&cache);
        starve(&hoard, NULL);
        cache.asks_itself = true;
        EXPECT(!alloc_pages(QUIET_KERNEL | __GFP_NORETRY, LARGE_ORDER));
        EXPECT_EQ(cache.call_count, 1);
        EXPECT(!cache.got_itself);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        cache_destroy(&cache);
}

TEST(page_reclaim, empty_promises_end)
{
        struct test_cache cache;
        struct hoard hoard;

        cache_init(&cache);
        starve(&hoard, NULL);
        cache.claimed_count = 1000;
        EXPECT(!alloc_pages(QUIET_KERNEL | __GFP_NORETRY, LARGE_ORDER));
        EXPECT_EQ(cache.call_count, 1);
        EXPECT(!alloc_pages(QUIET_KERNEL, LARGE_ORDER));
        EXPECT(cache.call_count > 2);
        EXPECT(cache.call_count < 100);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        cache_destroy(&cache);
}

TEST(page_reclaim, unregistered_shrinker_is_left_alone)
{
        struct test_cache cache;
        struct hoard hoard;

        cache_init(&cache);
        unregister_shrinker(&cache.shrinker);
        starve(&hoard, NULL);
        EXPECT(!alloc_pages(QUIET_KERNEL, LARGE_ORDER));
        EXPECT_EQ(cache.call_count, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        reclaim_balance_enabled = true;
}

/* Pages that a CPU keeps on its lists merge, and serve, before anybody is asked to give up any. */
TEST(page_reclaim, own_lists_come_before_shrinkers)
{
        struct test_cache cache;
        struct hoard hoard;

        cache_init(&cache);
        struct page *page = alloc_pages(QUIET_KERNEL, LARGE_ORDER);
        REQUIRE(page);
        split_page(page, LARGE_ORDER);
        starve(&hoard, NULL);
        for (unsigned int index = 0; index < BIT(LARGE_ORDER); index++)
                __free_page(page + index);
        EXPECT(hoard_take(&hoard, QUIET_KERNEL, LARGE_ORDER));
        EXPECT_EQ(cache.call_count, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        cache_destroy(&cache);
}

/* How often part stands in the log from a position on. */
static unsigned int count_in_log(unsigned int position, const char *part)
{
        static char text[4096];
        unsigned int count = 0;
        size_t length_bytes = log_read(&position, text, sizeof(text) - 1);

        text[length_bytes] = '\0';
        for (const char *place = text; (place = strstr(place, part)); place++)
                count++;
        return count;
}

/* Fail a request and see how much of a report it makes. */
static void check_report(struct test_state *test, gfp_t gfp_mask, unsigned int line_count,
                         unsigned int state_count)
{
        unsigned long failed = page_alloc_counts().failed;
        unsigned int position = log_end();

        console_mute(true);
        struct page *page = alloc_pages(gfp_mask, LARGE_ORDER);
        console_mute(false);
        EXPECT(!page);
        EXPECT_EQ(count_in_log(position, "page allocation failure: order:6"), line_count);
        EXPECT_EQ(count_in_log(position, "managed:") > 0, state_count);
        EXPECT_EQ(page_alloc_counts().failed, failed + 1);
}

TEST(page_reclaim, state_is_printed_with_the_first_failure_only)
{
        struct hoard hoard;

        starve(&hoard, NULL);
        zone_report_rearm();
        check_report(test, QUIET_KERNEL, 0, 0);
        check_report(test, GFP_KERNEL, 1, 1);
        check_report(test, GFP_KERNEL, 1, 0);
        check_report(test, GFP_NOWAIT, 1, 0);
        check_report(test, GFP_NOWAIT | __GFP_NOWARN, 0, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
}

/* Let 64 requests fail as text says. Returns a bit for each that did. */
static u64 injected_failures(const char *text, u64 seed, gfp_t gfp_mask)
{
        struct fail_attributes saved = fail_page_alloc_attributes;
        u64 failures = 0;

        fail_page_alloc_setup(text, seed);
        for (unsigned int request = 0; request < 64; request++) {
                struct page *page = alloc_page(gfp_mask);

                if (page)
                        __free_page(page);
                else
                        failures |= 1ull << request;
        }
        fail_page_alloc_attributes = saved;
        return failures;
}

TEST(page_reclaim, injected_failures_repeat_with_the_seed)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build injects failures");
        u64 failures = injected_failures("50", test->seed, QUIET_KERNEL);

        EXPECT(failures != 0 && failures != ~0ull);
        EXPECT_EQ(injected_failures("50", test->seed, QUIET_KERNEL), failures);
        EXPECT(injected_failures("50", test->seed + 1, QUIET_KERNEL) != failures);
}

TEST(page_reclaim, injected_failures_come_as_told)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build injects failures");
        EXPECT_EQ(injected_failures("0", 1, QUIET_KERNEL), 0);
        EXPECT_EQ(injected_failures("100", 1, QUIET_KERNEL), ~0ull);
        EXPECT_EQ(injected_failures("100,4", 1, QUIET_KERNEL), 0x1111111111111111ull);
        EXPECT_EQ(injected_failures("100,1,60", 1, QUIET_KERNEL), 0xF000000000000000ull);
        EXPECT_EQ(injected_failures("100,2,10", 1, GFP_ATOMIC), 0x5555555555555400ull);
        EXPECT_EQ(injected_failures("100", 1, GFP_KERNEL | __GFP_NOFAIL), 0);
}

TEST(page_reclaim, injected_failure_loses_nothing)
{
        struct fail_attributes saved = fail_page_alloc_attributes;
        static struct free_picture before;

        if (!DEBUG_BUILD)
                SKIP("only the debug build injects failures");
        free_picture_take(&before);
        fail_page_alloc_setup("100", 1);
        EXPECT_EQ(__get_free_page(GFP_KERNEL), 0);
        EXPECT_EQ(get_zeroed_page(GFP_ATOMIC), 0);
        EXPECT(!alloc_pages(GFP_KERNEL, 9));
        EXPECT_EQ(fail_page_alloc_attributes.failed_count, 3);
        fail_page_alloc_attributes = saved;
        free_picture_compare(test, &before);
}
