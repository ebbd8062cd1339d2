/*
 * shrinker.c - the list of shrinkers, asked in the order of their registration.
 *
 * Locking     [s] shrinkers_lock, held for moments, never while a shrinker runs. Who is about to
 *             ask one counts itself in user_count, which keeps it in the list; then it waits for
 *             its turn. A task that is inside a shrinker asks none: so it never waits for a turn
 *             while it has one, and no two can wait for each other. Who removes a shrinker lets
 *             nobody begin any more, and waits for those who have.
 */
#include "mm/phys/shrinker.h"

#include "kernel/sync/wait.h"
#include "lib/assert.h"

static struct spinlock shrinkers_lock = SPINLOCK_INIT("shrinkers", LOCK_RANK_SHRINKERS);
static LIST_HEAD(shrinkers);                    /* [s] */
static DECLARE_WAIT_QUEUE_HEAD(turns);          /* who waits for a turn, or for the last user */

/* Whether this task runs one. */
static bool runs_here_locked(void) REQUIRES(&shrinkers_lock)
{
        const struct shrinker *shrinker;

        list_for_each_entry(shrinker, &shrinkers, list)
                if (shrinker->is_running && shrinker->runner == current)
                        return true;
        return false;
}

bool shrinker_runs_here(void)
{
        spin_lock(&shrinkers_lock);
        bool runs_here = runs_here_locked();
        spin_unlock(&shrinkers_lock);
        return runs_here;
}

void register_shrinker(struct shrinker *shrinker)
{
        BUG_ON(shrinker_runs_here(), "shrinker %s registered from within a shrinker",
               shrinker->name);
        shrinker->user_count = 0;
        shrinker->is_running = false;
        shrinker->is_leaving = false;
        spin_lock(&shrinkers_lock);
        list_add_tail(&shrinker->list, &shrinkers);
        spin_unlock(&shrinkers_lock);
}

/* Whether nobody asks a shrinker, which then is off the list. */
static bool try_remove(struct shrinker *shrinker)
{
        spin_lock(&shrinkers_lock);
        shrinker->is_leaving = true;
        bool is_unused = !shrinker->user_count;
        if (is_unused)
                list_del(&shrinker->list);
        spin_unlock(&shrinkers_lock);
        return is_unused;
}

void unregister_shrinker(struct shrinker *shrinker)
{
        BUG_ON(shrinker_runs_here(), "shrinker %s removed from within a shrinker",
               shrinker->name);
        wait_event(turns, try_remove(shrinker));
}

/* Begin to run a shrinker, if nobody else does. */
static bool try_begin(struct shrinker *shrinker)
{
        spin_lock(&shrinkers_lock);
        bool may_begin = !shrinker->is_running;
        if (may_begin) {
                shrinker->is_running = true;
                shrinker->runner = current;
        }
        spin_unlock(&shrinkers_lock);
        return may_begin;
}

/* Run a shrinker, which this task is counted as a user of, when its turn has come. */
static unsigned long run_in_turn(struct shrinker *shrinker, unsigned long wanted_count,
                                 gfp_t gfp_mask)
{
        unsigned long freed_count = 0;

        wait_event(turns, try_begin(shrinker));
        if (!READ_ONCE(shrinker->is_leaving))
                freed_count = shrinker->shrink(shrinker, wanted_count, gfp_mask);
        spin_lock(&shrinkers_lock);
        shrinker->is_running = false;
        spin_unlock(&shrinkers_lock);
        wake_up_all(&turns);
        return freed_count;
}

/* The shrinker after previous, or the first after NULL, of which this task is a user now. */
static struct shrinker *next_shrinker(struct shrinker *previous)
{
        struct shrinker *shrinker;

        spin_lock(&shrinkers_lock);
        struct list_head *link = previous ? previous->list.next : shrinkers.next;
        for (; link != &shrinkers; link = link->next)
                if (!list_entry(link, struct shrinker, list)->is_leaving)
                        break;
        shrinker = link != &shrinkers ? list_entry(link, struct shrinker, list) : NULL;
        if (shrinker)
                shrinker->user_count++;
        bool was_last = previous && !--previous->user_count && previous->is_leaving;
        spin_unlock(&shrinkers_lock);
        if (was_last)
                wake_up_all(&turns);
        return shrinker;
}

unsigned long shrink_all(unsigned long wanted_count, gfp_t gfp_mask)
{
        struct shrinker *shrinker = NULL;
        unsigned long freed_count = 0;

        if (shrinker_runs_here())
                return 0;
        while ((shrinker = next_shrinker(shrinker)) != NULL)
                if (freed_count < wanted_count)
                        freed_count += run_in_turn(shrinker, wanted_count - freed_count, gfp_mask);
        return freed_count;
}
