/* test_pages_smp.c - pages that all CPUs take and give at once, in tasks, softirqs and handlers. */
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/sync/completion.h"
#include "kernel/task/kthread.h"
#include "kernel/time/sleep.h"
#include "kernel/time/timer.h"
#include "lib/bug_expect.h"
#include "mm/debug/check.h"
#include "mm/phys/page_wait.h"
#include "tests/self/page_tools.h"

#define QUIET_KERNEL (GFP_KERNEL | __GFP_NOWARN)
#define STORM_STEPS 2000u
#define STORM_PAGES 24u
#define TIMER_BLOCKS 16u
#define DOUBLE_FREES 100u

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

/* Let two tasks for each CPU storm, and wait for them. */
static void run_storm(void)
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
}

TEST(page_smp, storm_with_interrupts_that_allocate)
{
        run_storm();
        msleep(50);
        drain_all_pages();
        mm_check();
}

/* A timer that takes and gives at each tick; its blocks belong to its function. */
struct timer_storm {
        struct timer_list timer;
        struct random random;
        unsigned int served_count;
        unsigned int damaged_count;
        struct page *blocks[TIMER_BLOCKS];
};

/* The storms of some CPUs. */
#define TIMER_STORMS 4u
static struct timer_storm timer_storms[TIMER_STORMS];

/* Give back what a slot holds. */
static void empty_slot(struct timer_storm *storm, struct page **slot)
{
        struct page *page = *slot;

        *slot = NULL;
        if (!page)
                return;
        storm->damaged_count += !page_is_signed(page, storm->timer.cpu);
        __free_pages(page, page_order(page));
}

/* Fill some slots anew, by requests that cannot wait, and come again with the next tick. */
static void storm_in_timer(unsigned long data)
{
        struct timer_storm *storm = (struct timer_storm *)data;

        for (unsigned int step = 0; step < TIMER_BLOCKS; step++) {
                struct page **slot = &storm->blocks[random_below(&storm->random, TIMER_BLOCKS)];

                empty_slot(storm, slot);
                *slot = alloc_pages(GFP_ATOMIC | __GFP_NOWARN,
                                    (unsigned int)random_below(&storm->random, 6));
                if (!*slot)
                        continue;
                page_sign(*slot, storm->timer.cpu);
                storm->served_count++;
        }
        mod_timer(&storm->timer, jiffies + 1);
}

/* Let timers of up to TIMER_STORMS CPUs storm. */
static void start_timers(u64 seed)
{
        for (unsigned int cpu = 0; cpu < TIMER_STORMS; cpu++) {
                struct timer_storm *storm = &timer_storms[cpu];

                *storm = (struct timer_storm){ .served_count = 0 };
                random_seed(&storm->random, seed + cpu);
                setup_timer(&storm->timer, storm_in_timer, (unsigned long)storm);
                storm->timer.expires = jiffies + 1;
                if (cpu_online(cpu))
                        add_timer_on(&storm->timer, cpu);
        }
}

/* No more; all they hold is given back. */
static void stop_timers(struct test_state *test)
{
        for (unsigned int cpu = 0; cpu < TIMER_STORMS; cpu++) {
                struct timer_storm *storm = &timer_storms[cpu];

                del_timer_sync(&storm->timer);
                for (unsigned int index = 0; index < TIMER_BLOCKS; index++)
                        empty_slot(storm, &storm->blocks[index]);
                EXPECT_EQ(storm->damaged_count, 0);
                EXPECT_EQ(storm->served_count > 0, cpu_online(cpu));
        }
}

TEST(page_smp, storm_with_timers_that_allocate)
{
        start_timers(test->seed);
        run_storm();
        msleep(50);
        stop_timers(test);
        drain_all_pages();
        mm_check_running();
}

/* The same while tasks wait for pages and the lists are closed and opened. */
TEST(page_smp, storm_with_timers_when_memory_is_short)
{
        unsigned int served_count = 0;
        struct hoard hoard;

        hoard_init(&hoard);
        start_timers(test->seed);
        drain_all_pages();
        hoard_take_all(&hoard, GFP_NOWAIT | __GFP_NOWARN, 0);
        for (unsigned int count = 0; count < 8 && hoard.block_count; count++) {
                struct page *page = list_entry(hoard.blocks.prev, struct page, list);
                unsigned int order = page_order(page);

                hoard_remove(&hoard, page);
                __free_pages(page, order);
                served_count += hoard_take(&hoard, QUIET_KERNEL, 0);
                mm_check_running();
        }
        EXPECT(served_count > 0);
        hoard_give_back(&hoard, HOARD_NEWEST_FIRST, 0);
        msleep(20);
        stop_timers(test);
        EXPECT_EQ(page_waiter_count, 0);
        drain_all_pages();
        mm_check_running();
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

/* A page on the list of any CPU is on none afterwards, but in its zone. */
TEST(page_smp, drain_empties_the_lists_of_all_cpus)
{
        unsigned int cpu;

        for_each_online_cpu(cpu) {
                struct page *page = alloc_page(GFP_KERNEL);

                REQUIRE(page);
                EXPECT(smp_call_function_single(cpu, free_there, page, true));
                EXPECT_EQ(page_state(page), PAGE_CACHED);
                drain_all_pages();
                EXPECT(page_state(page) == PAGE_FREE || page_state(page) == PAGE_TAIL);
        }
}

/* Two CPUs that free one page. */
struct meeting {
        struct page *page;
        atomic_t arrived_count;
        atomic_t freed_count;
};

/* Wait for the other one, and free the page at the same instant. */
static void free_at_once(void *data)
{
        struct meeting *meeting = data;

        atomic_inc(&meeting->arrived_count);
        while (atomic_read(&meeting->arrived_count) < 2)
                cpu_relax();
        __free_page(meeting->page);
        atomic_inc(&meeting->freed_count);
}

/* Let this CPU and another one free a page at once. */
static void free_twice(struct page *page, unsigned int other)
{
        struct meeting meeting = { page, ATOMIC_INIT(0), ATOMIC_INIT(0) };

        smp_call_function_single(other, free_at_once, &meeting, false);
        unsigned long flags = local_irq_save();
        free_at_once(&meeting);
        local_irq_restore(flags);
        while (atomic_read(&meeting.freed_count) < 2)
                cpu_relax();
}

/* Of two frees at the same instant one is reported, and the page is on one list. */
TEST(page_smp, double_free_at_the_same_instant)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build tells them apart");
        if (num_online_cpus() < 2)
                SKIP("this machine has one CPU");
        for (unsigned int count = 0; count < DOUBLE_FREES; count++) {
                struct page *page = alloc_page(GFP_KERNEL);

                REQUIRE(page);
                preempt_disable();
                unsigned int other = cpumask_next((int)smp_processor_id(), cpu_online_mask);
                if (other >= NR_CPUS)
                        other = cpumask_first(cpu_online_mask);
                bug_expect_begin();
                free_twice(page, other);
                preempt_enable();
                EXPECT(bug_expect_end("double-free", NULL));
        }
        drain_all_pages();
        mm_check_running();
}
