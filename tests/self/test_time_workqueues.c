/* test_time_workqueues.c - work that is queued, delayed, flushed and cancelled from all CPUs. */
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/context.h"
#include "kernel/task/workqueue.h"
#include "kernel/time/sleep.h"
#include "lib/random.h"
#include "tests/self/time_tools.h"

#define ITEMS 40u
#define STORM_TURNS 60u

/* Work that knows what happened to it. */
struct item {
        struct work_struct work;
        atomic_t run_count;
        atomic_t inside;
        atomic_t queued_count;          /* times that queueing it succeeded */
        unsigned int order;
        unsigned int cpu;
};

static struct item items[ITEMS];
static atomic_t run_count, wrong_count;

/* A work's function: notes where and when it ran; it may sleep. */
static void note(struct work_struct *work)
{
        struct item *item = container_of(work, struct item, work);

        atomic_inc(&item->inside);
        if (atomic_read(&item->inside) != 1 || in_atomic() || irqs_disabled())
                atomic_inc(&wrong_count);
        item->cpu = smp_processor_id();
        atomic_inc(&run_count);
        item->order = (unsigned int)atomic_read(&run_count);
        atomic_inc(&item->run_count);
        atomic_dec_and_test(&item->inside);
}

/* The same with a sleep inside. */
static void note_slowly(struct work_struct *work)
{
        struct item *item = container_of(work, struct item, work);

        atomic_inc(&item->inside);
        if (atomic_read(&item->inside) != 1)
                atomic_inc(&wrong_count);
        schedule_timeout_uninterruptible(2);
        if (atomic_read(&item->inside) != 1)
                atomic_inc(&wrong_count);
        atomic_dec_and_test(&item->inside);
        atomic_inc(&item->run_count);
        atomic_inc(&run_count);
}

/* Forget what the last test saw. */
static void reset_items(work_func_t func)
{
        atomic_set(&run_count, 0);
        atomic_set(&wrong_count, 0);
        for (unsigned int index = 0; index < ITEMS; index++) {
                items[index] = (struct item){ .cpu = NR_CPUS };
                INIT_WORK(&items[index].work, func);
        }
}

TEST(workqueues, queued_work_runs_once)
{
        reset_items(note);
        EXPECT(schedule_work(&items[0].work));
        flush_scheduled_work();
        EXPECT_EQ(atomic_read(&items[0].run_count), 1);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
        EXPECT(!work_pending(&items[0].work));
        EXPECT(!flush_work(&items[0].work));
        EXPECT(!cancel_work_sync(&items[0].work));
}

TEST(workqueues, one_thread_runs_all_in_order)
{
        struct workqueue_struct *queue = create_singlethread_workqueue("in order");

        REQUIRE(queue);
        reset_items(note);
        for (unsigned int index = 0; index < ITEMS; index++)
                EXPECT(queue_work(queue, &items[index].work));
        workqueue_check();
        flush_workqueue(queue);
        for (unsigned int index = 0; index < ITEMS; index++)
                EXPECT_EQ(items[index].order, index + 1);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
        destroy_workqueue(queue);
}

TEST(workqueues, work_runs_on_the_cpu_that_was_named)
{
        struct workqueue_struct *queue = create_workqueue("where");
        unsigned int cpu, index = 0;

        REQUIRE(queue);
        reset_items(note);
        for_each_online_cpu(cpu)
                if (index < ITEMS)
                        EXPECT(queue_work_on(cpu, queue, &items[index++].work));
        flush_workqueue(queue);
        index = 0;
        for_each_online_cpu(cpu)
                if (index < ITEMS)
                        EXPECT_EQ(items[index++].cpu, cpu);
        destroy_workqueue(queue);
}

TEST(workqueues, destroying_a_queue_runs_what_is_left)
{
        struct workqueue_struct *queue = create_workqueue("short life");

        REQUIRE(queue);
        reset_items(note_slowly);
        for (unsigned int index = 0; index < 5; index++)
                queue_work(queue, &items[index].work);
        destroy_workqueue(queue);
        EXPECT_EQ(atomic_read(&run_count), 5);
}

TEST(workqueues, queued_while_it_runs_it_runs_again)
{
        struct item *item = &items[0];

        reset_items(note_slowly);
        EXPECT(schedule_work(&item->work));
        EXPECT(!schedule_work(&item->work));
        EXPECT(wait_for_count(&item->inside, 1));
        EXPECT(schedule_work(&item->work));
        EXPECT(!schedule_work(&item->work));
        EXPECT(work_pending(&item->work));
        EXPECT(flush_work(&item->work));
        EXPECT_EQ(atomic_read(&item->run_count), 2);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
}

static struct completion gate;

/* Keeps its thread busy until the test opens the gate. */
static void note_at_gate(struct work_struct *work)
{
        struct item *item = container_of(work, struct item, work);

        wait_for_completion(&gate);
        atomic_inc(&item->run_count);
}

TEST(workqueues, cancelled_work_does_not_run)
{
        struct workqueue_struct *queue = create_singlethread_workqueue("cancel");

        REQUIRE(queue);
        reset_items(note_slowly);
        init_completion(&gate);
        INIT_WORK(&items[0].work, note_at_gate);
        queue_work(queue, &items[0].work);
        queue_work(queue, &items[1].work);
        EXPECT(cancel_work_sync(&items[1].work));
        EXPECT(!cancel_work_sync(&items[1].work));
        complete(&gate);
        flush_workqueue(queue);
        EXPECT_EQ(atomic_read(&items[0].run_count), 1);
        EXPECT_EQ(atomic_read(&items[1].run_count), 0);
        EXPECT(queue_work(queue, &items[1].work));
        flush_workqueue(queue);
        EXPECT_EQ(atomic_read(&items[1].run_count), 1);
        destroy_workqueue(queue);
}

/* Queue itself for ever. */
static void queue_again(struct work_struct *work)
{
        note(work);
        schedule_work(work);
}

TEST(workqueues, cancelling_stops_what_queues_itself)
{
        reset_items(queue_again);
        schedule_work(&items[0].work);
        EXPECT(wait_for_count(&run_count, 10));
        cancel_work_sync(&items[0].work);
        s32 count = atomic_read(&run_count);

        EXPECT(!work_pending(&items[0].work));
        msleep(20);
        EXPECT_EQ(atomic_read(&run_count), count);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
}

static atomic_t delayed_count;
static unsigned long delayed_moment;

/* A delayed work's function. */
static void note_moment(struct work_struct *work __unused)
{
        delayed_moment = jiffies;
        atomic_inc(&delayed_count);
}

static DECLARE_DELAYED_WORK(delayed, note_moment);

TEST(workqueues, delayed_work_comes_later)
{
        unsigned long start = jiffies;

        atomic_set(&delayed_count, 0);
        EXPECT(schedule_delayed_work(&delayed, 5));
        EXPECT(!schedule_delayed_work(&delayed, 1));
        EXPECT(delayed_work_pending(&delayed));
        EXPECT(wait_for_count(&delayed_count, 1));
        EXPECT(delayed_moment - start >= 5);
        flush_work(&delayed.work);
        EXPECT(!delayed_work_pending(&delayed));
        EXPECT(schedule_delayed_work(&delayed, 0));
        flush_scheduled_work();
        EXPECT_EQ(atomic_read(&delayed_count), 2);
}

TEST(workqueues, cancelled_delays_come_never)
{
        atomic_set(&delayed_count, 0);
        EXPECT(schedule_delayed_work(&delayed, 3));
        EXPECT(cancel_delayed_work(&delayed));
        EXPECT(!cancel_delayed_work(&delayed));
        EXPECT(schedule_delayed_work(&delayed, 3));
        EXPECT(cancel_delayed_work_sync(&delayed));
        EXPECT(!cancel_delayed_work_sync(&delayed));
        msleep(60);
        EXPECT_EQ(atomic_read(&delayed_count), 0);
}

/* Queue and cancel items at random, on every CPU at once. */
static int storm(void *data)
{
        struct workqueue_struct *queue = data;
        struct random random;

        random_seed(&random, 77 + smp_processor_id());
        for (unsigned int turn = 0; turn < STORM_TURNS; turn++) {
                struct item *item = &items[random_below(&random, ITEMS)];
                unsigned int way = random_below(&random, 16);

                if (way == 0)
                        flush_work(&item->work);
                else if (way == 1)
                        cancel_work_sync(&item->work);
                else if (way == 2)
                        schedule_timeout_uninterruptible(1);
                else if (way < 10 && schedule_work(&item->work))
                        atomic_inc(&item->queued_count);
                else if (way >= 10 && queue_work(queue, &item->work))
                        atomic_inc(&item->queued_count);
                workqueue_check();
        }
        return 1;
}

/* WORK-1, WORK-2, WORK-4 under load from everywhere; WORK-3, or the flush at the end would hang. */
TEST(workqueues, storm)
{
        struct workqueue_struct *queue = create_workqueue("storm");
        static struct crew crew;

        REQUIRE(queue);
        reset_items(note);
        for (unsigned int index = 0; index < ITEMS; index += 8)
                INIT_WORK(&items[index].work, note_slowly);
        crew_start(test, &crew, storm, queue);
        crew_wait(&crew);
        crew_stop(&crew);
        flush_workqueue(queue);
        flush_scheduled_work();
        flush_workqueue(queue);
        for (unsigned int index = 0; index < ITEMS; index++) {
                EXPECT(!work_pending(&items[index].work));
                EXPECT(atomic_read(&items[index].run_count) <=
                       atomic_read(&items[index].queued_count));
        }
        EXPECT(atomic_read(&run_count) > 0);
        EXPECT_EQ(atomic_read(&wrong_count), 0);
        destroy_workqueue(queue);
}
