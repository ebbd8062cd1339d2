/*
 * shrinker.h - caches that can give pages back say so here.
 *
 * Source: LKD, chapter 17 on write-back's cousins; Linux 2.6's set_shrinker().
 */
#pragma once

#include "kernel/sync/schedule.h"
#include "lib/list.h"
#include "mm/gfp.h"

/*
 * A cache's promise. shrink() frees up to wanted_count pages and returns how many it freed; it
 * runs in the context of a request that may sleep, holds no lock of the page allocator, may free
 * pages, and may allocate some. It never runs twice at once; different shrinkers do.
 *
 * What it allocates gets no help from shrinkers, and does not wait: such a request would wait for
 * itself.
 */
struct shrinker {
        const char *name;
        unsigned long (*shrink)(struct shrinker *shrinker, unsigned long wanted_count,
                                gfp_t gfp_mask);
        struct list_head list;          /* [s] links the registered shrinkers; shrinker.c's from */
        unsigned int user_count;        /* [s] here on: who asks it, or wants to */
        bool is_running;                /* [s] one of them does */
        bool is_leaving;                /* [s] nobody may begin to */
        struct task_struct *runner;     /* [s] the one, while is_running */
};

/*
 * register_shrinker - ask for pages here too, after all that were registered before.
 * unregister_shrinker - no more; when it returns, shrink() does not run and will not.
 *
 * The structure is the caller's. Context: may sleep; not from within a shrinker.
 */
void register_shrinker(struct shrinker *shrinker);
void unregister_shrinker(struct shrinker *shrinker);

/*
 * shrink_all - ask the shrinkers in order until wanted_count pages are free. One that another task
 * is asking is waited for.
 *
 * Context: may sleep. Returns: the pages freed. A request made from within a shrinker gets
 * nothing: 0.
 */
unsigned long shrink_all(unsigned long wanted_count, gfp_t gfp_mask);

/* shrinker_runs_here - whether this task is inside a shrinker. Context: task. */
bool shrinker_runs_here(void);
