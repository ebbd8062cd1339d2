/*
 * Scaling
 *
 * Idea        One thread bound to each of some CPUs repeats an operation for a fixed time; what all
 *             of them did together, on 2 CPUs, on 4, against what one did alone, tells how much
 *             they stand in each other's way.
 *
 * Picture     ready, go            stop
 *             CPU 0  |xxxxxxxxxxxxx|  count 0
 *             CPU 1  |xxxxxxxxxxxxx|  count 1       sum / (count of CPU 0 alone)
 *
 * Data        struct crew, on the stack of the command.
 *
 * Locking     is_running is written by the command only; each thread writes its own count.
 *
 * Failure     Only real host threads tell anything: under icount CPUs take turns, and two of them
 *             do what one did. An operation that fails ends the measurement.
 *
 * Reading     docs/testing.md, "Scaling".
 */
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/smp.h"
#include "kernel/monitor/command.h"
#include "kernel/sync/atomic.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "kernel/time/sleep.h"
#include "lib/panic.h"
#include "mm/phys/page_alloc.h"

#define ROUND_MS 500u
#define PAIRS_PER_LOOK 64u              /* between two looks at is_running */

/* What is repeated: a pair of calls. Returns false when the first one failed. */
struct scaling_row {
        const char *name;
        bool (*pair)(void);
};

struct member {
        struct task_struct *task;
        struct crew *crew;
        unsigned long count __aligned(64);      /* apart from the others' */
};

struct crew {
        const struct scaling_row *row;
        bool is_running;
        atomic_t ready_count;
        atomic_t failed_count;
        struct member members[NR_CPUS];
};

/* alloc_pages() and __free_pages() of order 0. */
static bool page0_pair(void)
{
        struct page *page = alloc_page(GFP_KERNEL);

        if (page)
                __free_page(page);
        return page;
}

/* The same of order 4. */
static bool page4_pair(void)
{
        struct page *page = alloc_pages(GFP_KERNEL, 4);

        if (page)
                __free_pages(page, 4);
        return page;
}

static const struct scaling_row rows[] = {
        { "page0", page0_pair },
        { "page4", page4_pair },
};

/* A member's work. */
static int work(void *data)
{
        struct member *member = data;
        struct crew *crew = member->crew;
        unsigned long count = 0;

        atomic_inc(&crew->ready_count);
        while (!READ_ONCE(crew->is_running) && !kthread_should_stop()) {
                cpu_relax();
                yield();
        }
        while (READ_ONCE(crew->is_running))
                for (unsigned int pair = 0; pair < PAIRS_PER_LOOK; pair++, count++)
                        if (!crew->row->pair())
                                atomic_inc(&crew->failed_count);
        member->count = count;
        while (!kthread_should_stop())
                schedule_timeout_uninterruptible(1);
        return 0;
}

/* Make the threads of the first cpu_count CPUs. Returns how many there are. */
static unsigned int gather(struct crew *crew, unsigned int cpu_count)
{
        unsigned int made = 0;
        unsigned int cpu;

        for_each_online_cpu(cpu) {
                struct member *member = &crew->members[made];

                if (made == cpu_count)
                        break;
                member->crew = crew;
                member->count = 0;
                member->task = kthread_create(work, member, "scaling/%u", cpu);
                if (!member->task)
                        break;
                kthread_bind(member->task, cpu);
                wake_up_process(member->task);
                made++;
        }
        return made;
}

/* Let cpu_count CPUs work. Returns what they did together; 0 when it could not be done. */
static unsigned long measure(struct crew *crew, unsigned int cpu_count)
{
        unsigned long sum = 0;

        crew->is_running = false;
        atomic_set(&crew->ready_count, 0);
        atomic_set(&crew->failed_count, 0);
        unsigned int made = gather(crew, cpu_count);

        while ((unsigned int)atomic_read(&crew->ready_count) < made)
                schedule_timeout_uninterruptible(1);
        WRITE_ONCE(crew->is_running, true);
        msleep(ROUND_MS);
        WRITE_ONCE(crew->is_running, false);
        for (unsigned int index = 0; index < made; index++) {
                kthread_stop(crew->members[index].task);
                sum += crew->members[index].count;
        }
        return made == cpu_count && !atomic_read(&crew->failed_count) ? sum : 0;
}

/* Measure one row on 1, 2, 4 … CPUs, and print it. Returns: whether all could be measured. */
static bool run_row(struct crew *crew, const struct scaling_row *row)
{
        unsigned long alone = 0;

        crew->row = row;
        for (unsigned int cpu_count = 1; cpu_count <= num_online_cpus(); cpu_count *= 2) {
                unsigned long sum = measure(crew, cpu_count);

                if (!sum)
                        return false;
                if (cpu_count == 1)
                        alone = sum;
                unsigned long percent = (unsigned long)((u64)sum * 100 / alone);

                printk("scaling: %s %u CPUs %lu pairs, %lu.%02lu times one\n", row->name,
                       cpu_count, sum, percent / 100, percent % 100);
        }
        return true;
}

MONITOR_COMMAND(scaling, "", "what several CPUs do together, against one alone")
{
        static struct crew crew;

        if (argument_count != 1)
                return MONITOR_USAGE;
        for (unsigned int index = 0; index < ARRAY_SIZE(rows); index++)
                if (!run_row(&crew, &rows[index])) {
                        printk("scaling: %s could not be measured\n", rows[index].name);
                        return MONITOR_FAILED;
                }
        return MONITOR_OK;
}
