/* Requests that wait for pages: who is served, in which order, and who gives up when. */
#include "mm/phys/page_wait.h"

#include "lib/bits.h"
#include "lib/random.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone_take.h"
#include "tests/host/hoard.h"
#include "tests/host/machine.h"
#include "tests/host/tasks.h"

#define QUIET (GFP_KERNEL | __GFP_NOWARN)

static struct hoard hoard = HOARD_INIT(hoard);
static unsigned int served_count;

/* A task that asks for one block, and notes as the how-manieth it got one. */
struct asker {
        gfp_t gfp_mask;
        unsigned int order;
        struct page *page;
        unsigned int place;                     /* 0: not served */
};

/* What an asker does. */
static void ask(void *data)
{
        struct asker *asker = data;

        asker->page = alloc_pages(asker->gfp_mask, asker->order);
        if (asker->page)
                asker->place = ++served_count;
}

/* A machine of which a request that cannot wait gets nothing. */
static void start_exhausted(void)
{
        machine_boot_pc(24 * MIB);
        hoard_take_all(&hoard, GFP_NOWAIT | __GFP_NOWARN, 0);
}

/* Start a task for each asker, and let them all get into the line. */
static void start_askers(struct asker *askers, unsigned int count)
{
        for (unsigned int index = 0; index < count; index++) {
                host_task_start("asker", ask, &askers[index]);
                host_yield();
        }
}

TEST(page_wait, free_serves_the_oldest_first)
{
        struct asker askers[3] = { { .gfp_mask = QUIET }, { .gfp_mask = QUIET },
                                   { .gfp_mask = QUIET } };

        start_exhausted();
        start_askers(askers, 3);
        EXPECT_EQ(page_waiter_count, 3);
        EXPECT(pcp_are_closed());
        mm_check();
        for (unsigned int index = 0; index < 3; index++) {
                hoard_give_one(&hoard);
                host_yield();
                mm_check();
        }
        EXPECT(host_tasks_run());
        for (unsigned int index = 0; index < 3; index++)
                EXPECT_EQ(askers[index].place, index + 1);
        EXPECT_EQ(page_waiter_count, 0);
        EXPECT(!pcp_are_closed());
        mm_check();
}

/* PAGEWAIT-1: closed lists keep nothing, on whichever CPU a page is freed; then they keep again. */
TEST(page_wait, lists_are_closed_and_opened)
{
        struct asker asker = { .gfp_mask = QUIET, .order = 5 };
        struct pcp_list *list = pcp_list_of(&zones[ZONE_NORMAL], 0);

        start_exhausted();
        unsigned int capacity = cpu_stack_capacity(&this_cpu_ptr(list)->blocks);
        start_askers(&asker, 1);
        for (host_cpu = 0; host_cpu < NR_CPUS; host_cpu++)
                EXPECT_EQ(cpu_stack_capacity(&this_cpu_ptr(list)->blocks), 0);
        host_cpu = 0;
        hoard_give_one(&hoard);
        EXPECT_EQ(pcp_page_count(&zones[ZONE_NORMAL]), 0);
        EXPECT(host_tasks_run());
        EXPECT(!asker.page);
        EXPECT_EQ(cpu_stack_capacity(&this_cpu_ptr(list)->blocks), capacity);
        hoard_give_one(&hoard);
        EXPECT(pcp_page_count(&zones[ZONE_NORMAL]) + pcp_page_count(&zones[ZONE_DMA]) > 0);
}

/* PAGEWAIT-2: who cannot use a page does not keep it from who can. */
TEST(page_wait, small_request_behind_a_large_one)
{
        struct asker askers[2] = { { .gfp_mask = QUIET, .order = 4 }, { .gfp_mask = QUIET } };

        start_exhausted();
        start_askers(askers, 2);
        hoard_give_one(&hoard);
        host_yield();
        EXPECT_EQ(askers[1].place, 1);
        hoard_give_all(&hoard);
        EXPECT(host_tasks_run());
        EXPECT_EQ(askers[0].place, 2);
        mm_check();
}

/* A newcomer that could wait gets nothing that an older request can use. */
TEST(page_wait, newcomer_stands_behind)
{
        struct asker old = { .gfp_mask = QUIET };

        start_exhausted();
        start_askers(&old, 1);
        EXPECT(page_wait_has_older(GFP_KERNEL, 0));
        EXPECT(page_wait_has_older(GFP_KERNEL, 3));
        EXPECT(!page_wait_has_older(GFP_DMA | __GFP_WAIT, 0));
        EXPECT(!page_wait_has_older(GFP_KERNEL | __GFP_HIGH, 0));
        EXPECT(!alloc_page(QUIET | __GFP_NORETRY));
        EXPECT(host_tasks_run());
        EXPECT(!page_wait_has_older(GFP_KERNEL, 0));
}

/* Without any free, a request gives up after one period; it did not hold up the others. */
TEST(page_wait, gives_up_after_a_period_without_frees)
{
        struct asker asker = { .gfp_mask = QUIET };

        start_exhausted();
        long start = host_task_time();
        start_askers(&asker, 1);
        EXPECT(host_tasks_run());
        EXPECT(!asker.page);
        EXPECT_EQ(host_task_time() - start, PAGE_WAIT_TICKS);
        mm_check();
}

/* Who may not wait does not: no time passes. */
TEST(page_wait, who_may_not_wait_does_not)
{
        start_exhausted();
        long start = host_task_time();

        EXPECT(!alloc_page(GFP_NOWAIT | __GFP_NOWARN));
        EXPECT(!alloc_page(QUIET | __GFP_NORETRY));
        EXPECT_EQ(host_task_time(), start);
        EXPECT_EQ(page_waiter_count, 0);
}

/* Frees page after page, with a pause longer than a period before the first. */
static void free_late(void *data __unused)
{
        set_current_state(TASK_UNINTERRUPTIBLE);
        schedule_timeout(5 * PAGE_WAIT_TICKS);
        hoard_give_one(&hoard);
}

/* A request without end outlasts periods without hope. */
TEST(page_wait, nofail_waits_for_ever)
{
        struct asker asker = { .gfp_mask = GFP_KERNEL | __GFP_NOFAIL };

        start_exhausted();
        while (zones_take_last(GFP_KERNEL, 0))
                ;
        start_askers(&asker, 1);
        host_task_start("late", free_late, NULL);
        EXPECT(host_tasks_run());
        EXPECT(asker.page);
}

/* Takes and gives back single pages and larger blocks, on CPU after CPU, as chance will. */
static void churn(void *data)
{
        struct random random;
        struct page *pages[4] = { NULL };
        unsigned int orders[4];

        random_seed(&random, (u64)(unsigned long)data);
        for (unsigned int step = 0; step < 300; step++) {
                unsigned int slot = (unsigned int)random_below(&random, 4);

                if (pages[slot]) {
                        __free_pages(pages[slot], orders[slot]);
                        pages[slot] = NULL;
                        continue;
                }
                orders[slot] = random_below(&random, 8) ? 0
                                                        : (unsigned int)random_below(&random, 6);
                pages[slot] = alloc_pages(QUIET, orders[slot]);
        }
        for (unsigned int slot = 0; slot < 4; slot++)
                if (pages[slot])
                        __free_pages(pages[slot], orders[slot]);
}

/* Tasks that are switched at random, with fewer pages than they want: nobody starves. */
TEST(page_wait, churning_tasks_with_too_few_pages)
{
        start_exhausted();
        for (unsigned int count = 0; count < 6; count++)
                hoard_give_one(&hoard);
        host_tasks_preempt(test->seed);
        for (unsigned long number = 1; number <= 8; number++)
                host_task_start("churn", churn, (void *)number);
        EXPECT(host_tasks_run());
        host_tasks_preempt(0);
        EXPECT_EQ(page_waiter_count, 0);
        mm_check();
        drain_all_pages();
        mm_check();
}
