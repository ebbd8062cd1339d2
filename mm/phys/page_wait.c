/*
 * Waiting for pages
 *
 * Idea        A request that may sleep, and for which reclaim found nothing, lines up. While
 *             anybody waits, the lists of all CPUs are closed: they keep nothing and take nothing,
 *             so that every page that is given back takes the slow path to its zone. Whoever gives
 *             it back serves the line there and then, the oldest first, and wakes whom it served.
 *             So nobody pays for all this on the fast paths, no woken task finds its page gone,
 *             and a newcomer gets only what none in the line could use.
 *
 * Picture     waits  ->  W1 order 0   W2 order 3   W3 order 0          the line, oldest first
 *                         ^                         ^
 *             free of one page: W1 gets it. Of a second: W2 cannot use it, W3 gets it.
 *
 *             task                                   all CPUs' lists      another task
 *             reclaim frees nothing                  open
 *             first in line: close, and drain  --->  closed
 *             serve the line; sleep                                       frees a page: serves,
 *             wakes up with a page                   closed     <------   wakes
 *             last in line: open               --->  open
 *
 * Data        The line: a list of struct page_waiter, each on the stack of its task.
 *
 * Invariants  PAGEWAIT-1  the lists of all CPUs are closed, or are just being, exactly while the
 *                     line is not empty. (Guarded by page_wait_check().)
 *             PAGEWAIT-2  a block that comes free while somebody waits who can use it goes to the
 *                     oldest such, unless a request that cannot wait takes it from the zone before
 *                     the line is served. (Guarded by the tests of page_wait.)
 *
 * Locking     line_lock, above the zones' locks, with interrupts off. A waiter belongs to the line
 *             until it is served or leaves; it leaves under the lock, so that who serves it may
 *             wake its task under the lock. Against a lost wake-up: the free adds to the zone under
 *             the zone's lock and then looks at the count of waiters; the waiter counts itself and
 *             then looks into the zones under the same lock. Whoever comes second sees the other.
 *
 * Cost        Slow path only. A free serves in one pass over the line, and asks the zones once for
 *             each kind of request that fails.
 *
 * Failure     A request fails when a whole period, and reclaim at its end, have passed in which
 *             nothing came free in its zones, whatever shrinkers say. A large one fails after
 *             some seconds even if small pages come and go: they need never become large.
 *
 * Reading     docs/03-page-allocator.md, "Waiting".
 */
#include "mm/phys/page_wait.h"

#include "kernel/cpu/ipi.h"
#include "kernel/sync/context.h"
#include "kernel/sync/schedule.h"
#include "kernel/sync/spinlock.h"
#include "lib/panic.h"
#include "mm/phys/pcp.h"
#include "mm/phys/reclaim.h"
#include "mm/phys/zone_report.h"
#include "mm/phys/zone_take.h"

/* A request without end says so after so many periods. */
#define PATIENCE_PERIODS 50u

/* One request in the line. Locks: [w] line_lock; the rest is set before it gets into the line. */
struct page_waiter {
        struct list_head link;                  /* [w] */
        struct task_struct *task;
        gfp_t gfp_mask;
        unsigned int order;
        struct page *page;                      /* [w] what it was served; then it is not linked */
};

/* How deep a request may drain its zones. */
enum depth { DEPTH_USUAL, DEPTH_HIGH, DEPTH_LAST, DEPTH_COUNT };

/* What a pass over the line has learnt: from which order on a kind of request finds nothing. */
struct refusals {
        u8 from_order[GFP_ZONE_LISTS][DEPTH_COUNT];
};

static struct spinlock line_lock = SPINLOCK_INIT("page waiters", LOCK_RANK_PAGE_WAIT);
static LIST_HEAD(line);                                 /* [w] oldest first */
static unsigned long release_counts[MAX_NR_ZONES];      /* [w] frees while anybody waited */

unsigned int page_waiter_count;                         /* [w] written; read by all */

/* How deep this one may. */
static enum depth depth_of(gfp_t gfp_mask)
{
        if (gfp_mask & __GFP_NOFAIL)
                return DEPTH_LAST;
        return gfp_mask & __GFP_HIGH ? DEPTH_HIGH : DEPTH_USUAL;
}

/* ---- Serving ---- */

/* What the zones have for a waiter. */
static struct page *take_for(const struct page_waiter *waiter)
{
        struct page *page = zones_take(waiter->gfp_mask, waiter->order, WATERMARK_MIN);

        if (!page && (waiter->gfp_mask & __GFP_NOFAIL))
                page = zones_take_last(waiter->gfp_mask, waiter->order);
        return page;
}

/* Serve one waiter, unless one of its kind has just been refused. */
static void serve_one_locked(struct page_waiter *waiter, struct refusals *refusals)
        REQUIRES(&line_lock)
{
        u8 *from_order = &refusals->from_order[waiter->gfp_mask & GFP_ZONE_MASK]
                                              [depth_of(waiter->gfp_mask)];

        if (waiter->order >= *from_order)
                return;
        waiter->page = take_for(waiter);
        if (!waiter->page) {
                *from_order = (u8)waiter->order;
                return;
        }
        list_del(&waiter->link);
        wake_up_process(waiter->task);
}

/* Serve the line. */
static void serve_line_locked(void) REQUIRES(&line_lock)
{
        struct page_waiter *waiter, *next;
        struct refusals refusals;

        for (unsigned int kind = 0; kind < GFP_ZONE_LISTS; kind++)
                for (unsigned int depth = 0; depth < DEPTH_COUNT; depth++)
                        refusals.from_order[kind][depth] = MAX_ORDER;
        list_for_each_entry_safe(waiter, next, &line, link)
                serve_one_locked(waiter, &refusals);
}

void page_wait_serve(const struct zone *zone)
{
        unsigned long flags = spin_lock_irqsave(&line_lock);

        release_counts[zone->kind]++;
        serve_line_locked();
        spin_unlock_irqrestore(&line_lock, flags);
}

bool page_wait_has_older(gfp_t gfp_mask, unsigned int order)
{
        const struct page_waiter *waiter;
        bool has_older = false;
        unsigned long flags = spin_lock_irqsave(&line_lock);

        list_for_each_entry(waiter, &line, link)
                has_older |= waiter->order <= order &&
                             !((waiter->gfp_mask ^ gfp_mask) & GFP_ZONE_MASK) &&
                             depth_of(waiter->gfp_mask) >= depth_of(gfp_mask);
        spin_unlock_irqrestore(&line_lock, flags);
        return has_older;
}

/* ---- Waiting ---- */

/* Make this CPU's lists as pcp_set_closed() wants them; for on_each_cpu(). */
static void update_lists(void *argument __unused)
{
        pcp_update_this_cpu();
}

/* Close the lists of all CPUs, and serve the line by what was on them. */
static void close_and_serve(void)
{
        on_each_cpu(update_lists, NULL, true);

        unsigned long flags = spin_lock_irqsave(&line_lock);
        serve_line_locked();
        spin_unlock_irqrestore(&line_lock, flags);
}

/* Get into the line. */
static void join_line(struct page_waiter *waiter)
{
        unsigned long flags = spin_lock_irqsave(&line_lock);

        list_add_tail(&waiter->link, &line);
        WRITE_ONCE(page_waiter_count, page_waiter_count + 1);
        pcp_set_closed(true);
        spin_unlock_irqrestore(&line_lock, flags);
}

/* Get out of the line, served or not; the last one opens the lists. Returns what it was served. */
static struct page *leave_line(struct page_waiter *waiter)
{
        unsigned long flags = spin_lock_irqsave(&line_lock);

        if (!waiter->page)
                list_del(&waiter->link);
        WRITE_ONCE(page_waiter_count, page_waiter_count - 1);
        bool is_last = !page_waiter_count;
        if (is_last)
                pcp_set_closed(false);
        spin_unlock_irqrestore(&line_lock, flags);

        if (is_last)
                on_each_cpu(update_lists, NULL, true);
        return waiter->page;
}

/* How often pages of a request's zones came free, while anybody waited. */
static unsigned long releases_for(gfp_t gfp_mask)
{
        struct zone *const *zone = zone_list_of(gfp_mask)->zones;
        unsigned long sum = 0;

        for (; *zone; zone++)
                sum += READ_ONCE(release_counts[(*zone)->kind]);
        return sum;
}

/* Sleep until served, or for one period. Returns: whether the waiter was served. */
static bool sleep_one_period(const struct page_waiter *waiter)
{
        long left = PAGE_WAIT_TICKS;

        while (left > 0) {
                set_current_state(TASK_UNINTERRUPTIBLE);
                if (READ_ONCE(waiter->page))
                        break;
                left = schedule_timeout(left);
        }
        set_current_state(TASK_RUNNING);
        return READ_ONCE(waiter->page) != NULL;
}

/* Say so, now and then, if a request without end waits and waits. */
static void report_patience(const struct page_waiter *waiter, unsigned int period)
{
        if (period % PATIENCE_PERIODS)
                return;
        printk("%s has waited for pages for %u ticks\n", task_name(waiter->task),
               period * PAGE_WAIT_TICKS);
        zone_report_failure(waiter->gfp_mask, waiter->order);
}

/* Whether a request may hope for more, after a period in which so often pages came free. */
static bool has_hope(const struct page_waiter *waiter, unsigned int period, bool was_progress)
{
        if (waiter->gfp_mask & __GFP_NOFAIL) {
                report_patience(waiter, period);
                return true;
        }
        if (waiter->order > PAGE_WAIT_ORDER_PATIENT && period >= PAGE_WAIT_PERIODS_MOST)
                return false;
        return was_progress;
}

struct page *page_wait(gfp_t gfp_mask, unsigned int order)
{
        struct page_waiter waiter = { .task = current, .gfp_mask = gfp_mask, .order = order };
        bool may_hope = true;

        join_line(&waiter);
        close_and_serve();
        for (unsigned int period = 1; may_hope; period++) {
                unsigned long releases = releases_for(gfp_mask);

                if (sleep_one_period(&waiter))
                        break;
                reclaim_pages(gfp_mask, 1ul << order);
                close_and_serve();
                may_hope = has_hope(&waiter, period, releases_for(gfp_mask) != releases);
        }
        return leave_line(&waiter);
}

void page_wait_check(void)
{
        const struct page_waiter *waiter;
        unsigned int linked_count = 0;

        list_for_each_entry(waiter, &line, link)
                linked_count++;
        CHECK_INVARIANT(PAGEWAIT-1, pcp_are_closed() == (page_waiter_count > 0) &&
                        linked_count <= page_waiter_count, "%u wait, %u of them unserved, %s",
                        page_waiter_count, linked_count, pcp_are_closed() ? "closed" : "open");
}
