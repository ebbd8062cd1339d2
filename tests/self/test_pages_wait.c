/*
 * test_pages_wait.c - requests that wait for pages, and tasks that free them.
 *
 * Threads are made before memory is taken, and end after it was given back: both ways, their stacks
 * would disturb.
 */
#include "kernel/sync/completion.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "kernel/time/jiffies.h"
#include "kernel/time/sleep.h"
#include "mm/debug/check.h"
#include "mm/phys/page_wait.h"
#include "mm/phys/reclaim.h"
#include "tests/self/page_tools.h"

#define QUIET_KERNEL (GFP_KERNEL | __GFP_NOWARN)

/* A free wakes a waiter within so many ticks; without a wake-up it sleeps to its period's end. */
#define PROMPT_TICKS 5u

/* More than shrinkers have. */
#define RECLAIMED_PAGES 4096u

#define ASKERS 4u
#define SHARERS 8u
#define SHARED_PAGES 3u
#define SHARER_ROUNDS 100u

/* A task that asks once. */
struct asker {
        struct task_struct *task;
        unsigned int order;
        struct page *page;
        struct completion done;
};

static struct asker askers[ASKERS];

/* What an asker does. */
static int ask(void *data)
{
        struct asker *asker = data;

        asker->page = alloc_pages(QUIET_KERNEL, asker->order);
        complete(&asker->done);
        while (!kthread_should_stop())
                msleep(10);
        return 0;
}

/* Make the askers' threads. Returns: false when there is no memory for them. */
static bool create_askers(void)
{
        for (unsigned int index = 0; index < ASKERS; index++) {
                askers[index] = (struct asker){ .order = 0 };
                init_completion(&askers[index].done);
                askers[index].task = kthread_create(ask, &askers[index], "asker/%u", index);
                if (!askers[index].task)
                        return false;
        }
        return true;
}

/* Let all askers end. */
static void stop_askers(void)
{
        for (unsigned int index = 0; index < ASKERS; index++)
                kthread_stop(askers[index].task);
}

/* Let one ask, and wait until it waits for pages, or has one: less long than others wait. */
static void let_it_wait(struct asker *asker, unsigned int order)
{
        unsigned int waiter_count = page_waiter_count;

        asker->order = order;
        wake_up_process(asker->task);
        for (unsigned int tries = 0; tries < PAGE_WAIT_TICKS / 4; tries++)
                if (page_waiter_count == waiter_count && !READ_ONCE(asker->page))
                        msleep(10);
}

/* Take all that a request can get, what shrinkers give, and what tasks leave that have ended. */
static void take_everything(struct hoard *hoard)
{
        hoard_init(hoard);
        for (unsigned int round = 0; round < 3; round++) {
                reclaim_pages(GFP_KERNEL, RECLAIMED_PAGES);
                hoard_take_all(hoard, GFP_NOWAIT | __GFP_NOWARN, 0);
                msleep(20);
        }
}

/* Free the block that the hoard took last, a small one. */
static void free_last(struct hoard *hoard)
{
        struct page *page = list_entry(hoard->blocks.prev, struct page, list);
        unsigned int order = page_order(page);

        hoard_remove(hoard, page);
        __free_pages(page, order);
}

/*
 * Free a block while an asker waits. Returns: how many ticks later it was served; a whole period's
 * when it was not, or did not have to wait.
 */
static unsigned long ticks_to_serve(struct asker *asker, struct hoard *hoard)
{
        let_it_wait(asker, 0);
        unsigned long start = jiffies;
        bool waits = page_waiter_count > 0;

        free_last(hoard);
        wait_for_completion(&asker->done);
        unsigned long ticks = jiffies - start;

        if (asker->page)
                hoard_add(hoard, asker->page);
        return waits && asker->page ? ticks : PAGE_WAIT_TICKS;
}

/*
 * Which page the waiter gets is not said: the one that was freed may have merged with others. On a
 * machine that is slow just then it may have given up before: then the next one is tried.
 */
TEST(page_wait, free_wakes_a_sleeping_request)
{
        unsigned long ticks = PAGE_WAIT_TICKS;
        struct hoard hoard;

        REQUIRE(create_askers());
        take_everything(&hoard);
        for (unsigned int index = 0; index < ASKERS && ticks > PROMPT_TICKS; index++)
                ticks = ticks_to_serve(&askers[index], &hoard);
        EXPECT(ticks <= PROMPT_TICKS);
        EXPECT_EQ(page_waiter_count, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        stop_askers();
}

TEST(page_wait, request_that_cannot_be_met_fails)
{
        struct hoard hoard;

        take_everything(&hoard);
        unsigned long start = jiffies;
        EXPECT(!alloc_page(QUIET_KERNEL));
        EXPECT(jiffies - start >= PAGE_WAIT_TICKS - 1);
        start = jiffies;
        EXPECT(!alloc_page(QUIET_KERNEL | __GFP_NORETRY));
        EXPECT(jiffies - start < PAGE_WAIT_TICKS - 1);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
}

/* Several that wait do not keep up each other's hope. */
TEST(page_wait, all_fail_when_nobody_frees)
{
        struct hoard hoard;

        REQUIRE(create_askers());
        take_everything(&hoard);
        for (unsigned int index = 0; index < ASKERS; index++)
                let_it_wait(&askers[index], index);
        mm_check_running();
        for (unsigned int index = 0; index < ASKERS; index++) {
                wait_for_completion(&askers[index].done);
                EXPECT(!askers[index].page);
        }
        EXPECT_EQ(page_waiter_count, 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        stop_askers();
}

/*
 * The same, but there is somebody: all are served, large ones too, when enough has merged. A page
 * now and then keeps the first ones waiting until the last has come.
 */
TEST(page_wait, all_are_served_as_another_task_frees)
{
        struct hoard hoard;

        REQUIRE(create_askers());
        take_everything(&hoard);
        for (unsigned int index = 0; index < ASKERS; index++) {
                let_it_wait(&askers[index], ASKERS - 1 - index);
                free_last(&hoard);
        }
        hoard_give_back(&hoard, HOARD_OLDEST_FIRST, 0);
        for (unsigned int index = 0; index < ASKERS; index++) {
                wait_for_completion(&askers[index].done);
                EXPECT(askers[index].page);
                if (askers[index].page)
                        __free_pages(askers[index].page, askers[index].order);
        }
        EXPECT_EQ(page_waiter_count, 0);
        stop_askers();
}

/* What tasks that share too few pages have in common. */
struct sharing {
        atomic_t failed_count;
        struct completion done;
};

/* Take a page, let the others wait for it, and give it back; again and again. */
static int share(void *data)
{
        struct sharing *sharing = data;

        for (unsigned int round = 0; round < SHARER_ROUNDS; round++) {
                struct page *page = alloc_page(QUIET_KERNEL);

                if (!page) {
                        atomic_inc(&sharing->failed_count);
                        continue;
                }
                yield();
                if (round % 16 == 0)
                        msleep(10);
                __free_page(page);
        }
        complete(&sharing->done);
        return 0;
}

/* Make the sharers' threads. Returns: how many there are. */
static unsigned int create_sharers(struct task_struct **tasks, struct sharing *sharing)
{
        unsigned int count = 0;

        init_completion(&sharing->done);
        atomic_set(&sharing->failed_count, 0);
        while (count < SHARERS) {
                tasks[count] = kthread_create(share, sharing, "share/%u", count);
                if (!tasks[count])
                        break;
                count++;
        }
        return count;
}

/* Pages are fewer than tasks, but all come back: every request is met, by waiting. */
TEST(page_wait, tasks_share_too_few_pages)
{
        struct task_struct *tasks[SHARERS];
        struct sharing sharing;
        struct hoard hoard;

        unsigned int task_count = create_sharers(tasks, &sharing);
        take_everything(&hoard);
        unsigned long held_count = hoard.page_count;
        while (hoard.page_count && held_count - hoard.page_count < SHARED_PAGES)
                free_last(&hoard);
        for (unsigned int index = 0; index < task_count; index++)
                wake_up_process(tasks[index]);
        for (unsigned int index = 0; index < task_count; index++)
                wait_for_completion(&sharing.done);
        EXPECT_EQ(task_count, SHARERS);
        EXPECT_EQ(atomic_read(&sharing.failed_count), 0);
        EXPECT_EQ(page_waiter_count, 0);
        mm_check_running();
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
}
