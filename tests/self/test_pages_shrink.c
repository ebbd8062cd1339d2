/* test_pages_shrink.c - shrinkers that many tasks ask at once, and the reclaim task. */
#include "kernel/sync/completion.h"
#include "kernel/task/kthread.h"
#include "kernel/time/sleep.h"
#include "lib/bits.h"
#include "mm/phys/reclaim.h"
#include "mm/phys/shrinker.h"
#include "tests/self/page_tools.h"

#define QUIET_NOWAIT (GFP_NOWAIT | __GFP_NOWARN)
#define RECLAIMERS 4u
#define RECLAIMS 25u

/* A cache that says it frees one page, and notes who comes. */
struct busy_cache {
        struct shrinker shrinker;
        atomic_t inside_count;          /* who is in shrink() now: one at most */
        atomic_t overlap_count;         /* how often there were two */
        atomic_t call_count;
        atomic_t ended_count;
};

/* Be inside for some ticks. */
static unsigned long shrink_slowly(struct shrinker *shrinker, unsigned long wanted_count __unused,
                                   gfp_t gfp_mask __unused)
{
        struct busy_cache *cache = container_of(shrinker, struct busy_cache, shrinker);

        if (atomic_inc_return(&cache->inside_count) != 1)
                atomic_inc(&cache->overlap_count);
        if (atomic_inc_return(&cache->call_count) % 8 == 1)
                msleep(10);
        atomic_dec(&cache->inside_count);
        atomic_inc(&cache->ended_count);
        return 1;
}

/* Ask all shrinkers again and again. */
static int reclaim(void *data)
{
        struct completion *done = data;

        for (unsigned int round = 0; round < RECLAIMS; round++)
                reclaim_pages(GFP_KERNEL, 1);
        complete(done);
        return 0;
}

/* Start the tasks that reclaim. Returns: how many there are. */
static unsigned int start_reclaimers(struct completion *done)
{
        unsigned int count = 0;

        init_completion(done);
        while (count < RECLAIMERS && kthread_run(reclaim, done, "reclaim/%u", count))
                count++;
        return count;
}

TEST(page_shrink, tasks_take_turns_at_each_shrinker)
{
        struct busy_cache caches[2];
        struct completion done;

        for (unsigned int index = 0; index < ARRAY_SIZE(caches); index++) {
                caches[index] = (struct busy_cache){
                        .shrinker = { .name = "busy", .shrink = shrink_slowly },
                };
                register_shrinker(&caches[index].shrinker);
        }
        unsigned int task_count = start_reclaimers(&done);
        EXPECT_EQ(task_count, RECLAIMERS);
        for (unsigned int index = 0; index < task_count; index++)
                wait_for_completion(&done);
        for (unsigned int index = 0; index < ARRAY_SIZE(caches); index++) {
                unregister_shrinker(&caches[index].shrinker);
                EXPECT_EQ(atomic_read(&caches[index].overlap_count), 0);
                EXPECT(atomic_read(&caches[index].call_count) >= (s32)(task_count * RECLAIMS));
        }
}

/* Who unregisters a shrinker that runs waits for it; then it is not called again. */
TEST(page_shrink, unregister_while_tasks_shrink)
{
        struct completion done;
        unsigned int task_count = start_reclaimers(&done);

        EXPECT_EQ(task_count, RECLAIMERS);
        for (unsigned int round = 0; round < RECLAIMS; round++) {
                struct busy_cache cache = {
                        .shrinker = { .name = "brief", .shrink = shrink_slowly },
                };

                register_shrinker(&cache.shrinker);
                for (unsigned int tries = 0; tries < 3; tries++)
                        if (!atomic_read(&cache.call_count))
                                msleep(10);
                unregister_shrinker(&cache.shrinker);
                s32 call_count = atomic_read(&cache.call_count);
                EXPECT_EQ(atomic_read(&cache.ended_count), call_count);
                msleep(10);
                EXPECT_EQ(atomic_read(&cache.call_count), call_count);
        }
        for (unsigned int index = 0; index < task_count; index++)
                wait_for_completion(&done);
}

/* A cache with pages for the reclaim task, and for whoever comes. */
struct full_cache {
        struct shrinker shrinker;
        struct hoard hoard;
        atomic_t call_count;
};

/* Free what was wanted, as far as there is anything. */
static unsigned long shrink_full(struct shrinker *shrinker, unsigned long wanted_count,
                                 gfp_t gfp_mask __unused)
{
        struct full_cache *cache = container_of(shrinker, struct full_cache, shrinker);
        unsigned long freed_count = 0;

        for (; freed_count < wanted_count && cache->hoard.block_count; freed_count++) {
                struct page *page = list_first_entry(&cache->hoard.blocks, struct page, list);

                hoard_remove(&cache->hoard, page);
                __free_page(page);
        }
        atomic_inc(&cache->call_count);
        return freed_count;
}

/* Whether all zones have their HIGH marks. */
static bool all_are_high(void)
{
        struct zone *zone;

        for_each_populated_zone(zone)
                if (READ_ONCE(zone->free_pages) < zone->watermark[WATERMARK_HIGH])
                        return false;
        return true;
}

/* Take pages, without waiting, until the reclaim task has done something. */
static void take_until_reclaim(struct hoard *hoard, struct full_cache *cache)
{
        struct zone *normal = &zones[ZONE_NORMAL];

        hoard_init(hoard);
        for (unsigned int order = MAX_ORDER - 1; order > 0; order--)
                while (normal->free_pages > normal->watermark[WATERMARK_HIGH] + BIT(order) &&
                       hoard_take(hoard, QUIET_NOWAIT, order))
                        ;
        while (!reclaim_is_wanted() && !atomic_read(&cache->call_count) &&
               hoard_take(hoard, QUIET_NOWAIT, 0))
                ;
}

/* Who falls to LOW wakes the reclaim task; at HIGH it rests. */
TEST(page_shrink, reclaim_task_keeps_the_marks)
{
        struct full_cache cache = { .shrinker = { .name = "full", .shrink = shrink_full } };
        const struct zone *normal = &zones[ZONE_NORMAL];
        unsigned long page_count = 4 * normal->watermark[WATERMARK_HIGH];
        struct hoard hoard;

        if (!normal->managed_pages)
                SKIP("the machine has DMA memory only");
        hoard_init(&cache.hoard);
        while (cache.hoard.block_count < page_count && hoard_take(&cache.hoard, QUIET_NOWAIT, 0))
                ;
        register_shrinker(&cache.shrinker);
        EXPECT(all_are_high());
        msleep(200);
        EXPECT_EQ(atomic_read(&cache.call_count), 0);
        take_until_reclaim(&hoard, &cache);
        for (unsigned int tries = 0; tries < 50 && !all_are_high(); tries++)
                msleep(10);
        EXPECT(all_are_high());
        msleep(20);
        s32 call_count = atomic_read(&cache.call_count);
        EXPECT(call_count > 0);
        msleep(300);
        EXPECT_EQ(atomic_read(&cache.call_count), call_count);
        EXPECT(normal->free_pages <= 2 * normal->watermark[WATERMARK_HIGH]);
        unregister_shrinker(&cache.shrinker);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        hoard_give_back(&cache.hoard, HOARD_NEWEST_FIRST, 0);
}
