/* Shrinkers and reclaim: who is asked, for how much, in which order. */
#include "mm/phys/shrinker.h"

#include "lib/string.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/pcp.h"
#include "mm/phys/reclaim.h"
#include "mm/phys/zone.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"

/* A shrinker that says that it frees some pages, and notes what it was asked. */
struct fake {
        struct shrinker shrinker;
        unsigned long gives;
        unsigned long wanted;
        gfp_t gfp_mask;
        unsigned int asked_as;          /* the place among all calls; 0: not asked */
};

static unsigned int calls;

/* Note the request and pretend. */
static unsigned long shrink_fake(struct shrinker *shrinker, unsigned long wanted_count,
                                 gfp_t gfp_mask)
{
        struct fake *fake = container_of(shrinker, struct fake, shrinker);

        fake->wanted = wanted_count;
        fake->gfp_mask = gfp_mask;
        fake->asked_as = ++calls;
        return fake->gives;
}

static struct fake fakes[3] = {
        { .shrinker = { .name = "first", .shrink = shrink_fake }, .gives = 10 },
        { .shrinker = { .name = "second", .shrink = shrink_fake }, .gives = 20 },
        { .shrinker = { .name = "third", .shrink = shrink_fake }, .gives = 30 },
};

/* Register all three. */
static void register_fakes(void)
{
        for (unsigned int index = 0; index < ARRAY_SIZE(fakes); index++)
                register_shrinker(&fakes[index].shrinker);
}

TEST(shrinker, without_any_nothing_is_freed)
{
        EXPECT_EQ(shrink_all(100, GFP_KERNEL), 0);
}

TEST(shrinker, are_asked_in_order_until_enough_is_free)
{
        register_fakes();
        EXPECT_EQ(shrink_all(25, GFP_KERNEL), 30);
        EXPECT_EQ(fakes[0].asked_as, 1);
        EXPECT_EQ(fakes[0].wanted, 25);
        EXPECT_EQ(fakes[1].asked_as, 2);
        EXPECT_EQ(fakes[1].wanted, 15);
        EXPECT_EQ(fakes[1].gfp_mask, GFP_KERNEL);
        EXPECT_EQ(fakes[2].asked_as, 0);
}

TEST(shrinker, enough_is_exactly_enough)
{
        register_fakes();
        EXPECT_EQ(shrink_all(10, GFP_NOIO), 10);
        EXPECT_EQ(calls, 1);
        EXPECT_EQ(shrink_all(0, GFP_KERNEL), 0);
        EXPECT_EQ(calls, 1);
        EXPECT_EQ(shrink_all(1000, GFP_KERNEL), 60);
        EXPECT_EQ(calls, 4);
}

TEST(shrinker, unregistered_is_not_asked)
{
        register_fakes();
        unregister_shrinker(&fakes[1].shrinker);
        EXPECT_EQ(shrink_all(1000, GFP_KERNEL), 40);
        EXPECT_EQ(fakes[1].asked_as, 0);
        unregister_shrinker(&fakes[0].shrinker);
        unregister_shrinker(&fakes[2].shrinker);
        EXPECT_EQ(shrink_all(1000, GFP_KERNEL), 0);
        register_shrinker(&fakes[1].shrinker);
        EXPECT_EQ(shrink_all(1000, GFP_KERNEL), 20);
}

/* A shrinker that asks for memory itself. */
static unsigned long inner_result = 1;

/* Shrink from within a shrinker. */
static unsigned long shrink_again(struct shrinker *shrinker __unused, unsigned long wanted_count,
                                  gfp_t gfp_mask)
{
        inner_result = shrink_all(wanted_count, gfp_mask);
        return 5;
}

TEST(shrinker, request_from_within_gets_nothing)
{
        struct shrinker greedy = { .name = "greedy", .shrink = shrink_again };

        register_shrinker(&greedy);
        register_fakes();
        EXPECT_EQ(shrink_all(8, GFP_KERNEL), 15);
        EXPECT_EQ(inner_result, 0);
        EXPECT_EQ(calls, 1);
        EXPECT_EQ(shrink_all(8, GFP_KERNEL), 15);
}

/* Change the list while it is gone through. */
static unsigned long register_within(struct shrinker *shrinker __unused,
                                     unsigned long wanted_count __unused, gfp_t gfp_mask __unused)
{
        register_shrinker(&fakes[0].shrinker);
        return 0;
}

/* The other way to change it. */
static unsigned long unregister_within(struct shrinker *shrinker,
                                       unsigned long wanted_count __unused, gfp_t gfp_mask __unused)
{
        unregister_shrinker(shrinker);
        return 0;
}

TEST(shrinker, registering_from_within_panics)
{
        struct shrinker rude = { .name = "rude", .shrink = register_within };

        register_shrinker(&rude);
        EXPECT_PANIC(shrink_all(1, GFP_KERNEL), "shrinker first registered from within");
}

TEST(shrinker, unregistering_from_within_panics)
{
        struct shrinker rude = { .name = "rude", .shrink = unregister_within };

        register_shrinker(&rude);
        EXPECT_PANIC(shrink_all(1, GFP_KERNEL), "shrinker rude removed from within");
}

/* Reclaim asks for a batch at least, and says what was freed. */
TEST(shrinker, reclaim_asks_for_a_batch)
{
        machine_boot_pc(64 * MIB);
        register_fakes();
        EXPECT_EQ(reclaim_pages(GFP_NOFS, 1), 60);
        EXPECT_EQ(fakes[0].wanted, 32);
        EXPECT_EQ(fakes[0].gfp_mask, GFP_NOFS);
        EXPECT_EQ(reclaim_pages(GFP_KERNEL, 1024), 60);
        EXPECT_EQ(fakes[0].wanted, 1024);
}

static unsigned long cached_when_asked;

/* Note how much the CPUs keep while shrinkers are asked: it should be nothing. */
static unsigned long look_at_lists(struct shrinker *shrinker __unused,
                                   unsigned long wanted_count __unused, gfp_t gfp_mask __unused)
{
        cached_when_asked = pcp_page_count(&zones[ZONE_NORMAL]);
        __free_page(alloc_page(GFP_ATOMIC));
        return 1;
}

TEST(shrinker, reclaim_drains_before_and_after)
{
        struct shrinker looker = { .name = "looker", .shrink = look_at_lists };

        machine_boot_pc(64 * MIB);
        register_shrinker(&looker);
        for (host_cpu = 0; host_cpu < NR_CPUS; host_cpu++)
                __free_page(alloc_page(GFP_KERNEL));
        host_cpu = 0;
        cached_when_asked = 1;
        EXPECT_EQ(reclaim_pages(GFP_KERNEL, 1), 1);
        EXPECT_EQ(cached_when_asked, 0);
        EXPECT_EQ(pcp_page_count(&zones[ZONE_NORMAL]), 0);
        mm_check();
}
