/* test_pages_wait.c - requests that wait for pages, and tasks on all CPUs that free them. */
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/ipi.h"
#include "kernel/sync/completion.h"
#include "kernel/task/kthread.h"
#include "kernel/time/jiffies.h"
#include "kernel/time/sleep.h"
#include "mm/debug/check.h"
#include "mm/phys/page_wait.h"
#include "tests/self/page_tools.h"

#define QUIET_KERNEL (GFP_KERNEL | __GFP_NOWARN)
#define STORM_STEPS 2000u
#define STORM_PAGES 24u

/* A task that asks once. */
struct asker {
        unsigned int order;
        struct page *page;
        struct completion done;
};

/* What an asker does. */
static int ask(void *data)
{
        struct asker *asker = data;

        asker->page = alloc_pages(QUIET_KERNEL, asker->order);
        complete(&asker->done);
        return 0;
}

/* Let it ask, and wait until it waits for pages. */
static void let_it_wait(struct task_struct *task)
{
        wake_up_process(task);
        for (unsigned int tries = 0; tries < 10 && !page_waiter_count; tries++)
                msleep(10);
}

TEST(page_wait, free_wakes_a_sleeping_request)
{
        struct asker asker = { .order = 0 };
        struct hoard hoard;

        hoard_init(&hoard);
        init_completion(&asker.done);
        struct task_struct *task = kthread_create(ask, &asker, "asker");
        struct page *page = alloc_page(QUIET_KERNEL);
        REQUIRE(task && page);
        hoard_take_all(&hoard, GFP_NOWAIT | __GFP_NOWARN, 0);
        let_it_wait(task);
        EXPECT_EQ(page_waiter_count, 1);
        mm_check_running();
        __free_page(page);
        wait_for_completion(&asker.done);
        EXPECT(asker.page == page);
        __free_page(page);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        for (unsigned int tries = 0; tries < 10 && page_waiter_count; tries++)
                msleep(10);
        EXPECT_EQ(page_waiter_count, 0);
}

TEST(page_wait, request_that_cannot_be_met_fails)
{
        struct hoard hoard;

        hoard_init(&hoard);
        drain_all_pages();
        hoard_take_all(&hoard, GFP_NOWAIT | __GFP_NOWARN, 0);
        unsigned long start = jiffies;
        EXPECT(!alloc_page(QUIET_KERNEL));
        EXPECT(jiffies - start >= PAGE_WAIT_TICKS - 1);
        start = jiffies;
        EXPECT(!alloc_page(QUIET_KERNEL | __GFP_NORETRY));
        EXPECT(jiffies - start < PAGE_WAIT_TICKS - 1);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
}

/* Pages on their way from one storming task to another, which may run elsewhere. */
static struct page *in_transit[STORM_PAGES];

/* An interrupt comes that allocates and frees. */
static void allocate_atomically(void *argument __unused)
{
        struct page *page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);

        if (page)
                __free_page(page);
}

/* Swap pages with the others, and let other CPUs allocate in interrupts. */
static int storm(void *data)
{
        struct completion *done = data;
        struct random random;

        random_seed(&random, (u64)(unsigned long)current);
        for (unsigned int step = 0; step < STORM_STEPS; step++) {
                struct page *page = random_below(&random, 2) ? alloc_page(QUIET_KERNEL) : NULL;
                struct page **slot = &in_transit[random_below(&random, STORM_PAGES)];

                page = __atomic_exchange_n(slot, page, __ATOMIC_SEQ_CST);
                if (page)
                        __free_page(page);
                if (step % 64 == 0)
                        smp_call_function(allocate_atomically, NULL, false);
                if (step % 500 == 0)
                        mm_check_running();
        }
        complete(done);
        return 0;
}

TEST(page_smp, storm_with_interrupts_that_allocate)
{
        unsigned int started_count = 0;
        struct completion done;

        init_completion(&done);
        for (unsigned int count = 0; count < 2 * num_online_cpus() && count < 16; count++)
                started_count += kthread_run(storm, &done, "storm/%u", count) != NULL;
        for (unsigned int count = 0; count < started_count; count++)
                wait_for_completion(&done);
        for (unsigned int index = 0; index < STORM_PAGES; index++) {
                if (in_transit[index])
                        __free_page(in_transit[index]);
                in_transit[index] = NULL;
        }
        msleep(50);
        drain_all_pages();
        mm_check();
}

/* Free a page on another CPU. */
static void free_there(void *page)
{
        __free_page(page);
}

TEST(page_smp, page_freed_on_another_cpu)
{
        unsigned int cpu;

        for_each_online_cpu(cpu) {
                struct page *page = alloc_page(GFP_KERNEL);

                REQUIRE(page);
                EXPECT(smp_call_function_single(cpu, free_there, page, true));
                EXPECT(page_state(page) == PAGE_CACHED || page_state(page) == PAGE_FREE);
        }
        drain_all_pages();
        mm_check();
}
