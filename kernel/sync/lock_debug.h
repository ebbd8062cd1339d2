/*
 * lock_debug.h - which locks each task holds, and whether it may take one more; debug build.
 *
 * A task's held locks are a struct lock_held. Interrupt handlers use that of the task which they
 * interrupt: they give back all they take before they return.
 *
 * Reports are lines "BUG: CLASS: ...", with these classes: double-lock, lock-order, lock-context,
 * bad-unlock, lock-too-long, lock-depth, lock-at-exit, lock-at-switch. After a double-lock report
 * comes a panic: the lock would be waited for for ever.
 *
 * Context: any, where nothing else is said.
 */
#pragma once

#include "kernel/cpu/percpu.h"
#include "lib/types.h"

/* The lock order: while a lock is held, only locks further down may be taken. */
enum lock_rank {
        LOCK_RANK_NONE,                 /* only the order that was observed counts */
        LOCK_RANK_SHRINKERS,            /* locks that may be held while sleeping come first */
        LOCK_RANK_WORKQUEUE,
        LOCK_RANK_STACKS,
        LOCK_RANK_TASKS,
        LOCK_RANK_PGTABLE,
        LOCK_RANK_PAGE_WAIT,
        LOCK_RANK_ZONE,
        LOCK_RANK_OWNER,
        LOCK_RANK_DEVICE,
        LOCK_RANK_IRQ_LINES,
        LOCK_RANK_TIMER,
        LOCK_RANK_PERCPU_ALLOC,         /* free_percpu() may come with any of the above held */
        LOCK_RANK_WAIT,
        LOCK_RANK_RUNQUEUE,
        LOCK_RANK_LOG,
        LOCK_RANK_COUNT,
};

/* What the debug build knows of a lock; a part of each. */
struct lock_tag {
        const char *name;               /* its class */
        const struct lock_held *holder; /* who holds it alone; else NULL */
        u8 rank;                        /* enum lock_rank */
        u8 class_number;                /* 0: not asked for yet */
};

#define LOCK_TAG(lock_name, lock_rank) { .name = (lock_name), .rank = (lock_rank) }

/* How a lock is taken, as bits. */
#define LOCK_SHARED 0x01u               /* others may read, too */
#define LOCK_SLEEPS 0x02u               /* its holder may sleep */
#define LOCK_TRIED 0x04u                /* without waiting, so that no order can be wrong */
#define LOCK_NESTED 0x08u               /* the caller vouches for the order within the rank */

#define LOCK_HELD_MAX 12u

/* One held lock. */
struct held_lock {
        struct lock_tag *tag;
        unsigned long place;            /* the address of the code that took it */
        u32 since;                      /* the time stamp, in steps of 1024 */
        u8 mode;                        /* LOCK_SHARED and the like */
        u8 context;                     /* 0 a task, 1 a softirq, 2 an interrupt handler */
};

/* The locks of a task, the newest last. */
struct lock_held {
        const char *name;               /* whose */
        unsigned int count;
        unsigned int lost_count;        /* held, but there was no room to note them */
        const struct lock_tag *waits_for;       /* the spinning lock it waits for; else NULL */
        struct held_lock locks[LOCK_HELD_MAX];
};

/* That of the task that runs here; NULL before there are tasks. */
DECLARE_PER_CPU(struct lock_held *, lock_held);

/* How long a spinning lock may be held, in steps of 1024 of the time-stamp counter. */
extern u32 lock_debug_held_limit;

/* lock_debug_current - the held locks of what runs here. */
struct lock_held *lock_debug_current(void);

/* lock_held_name - whose list this is, for messages; "?" for NULL. */
const char *lock_held_name(const struct lock_held *held);

/*
 * lock_debug_switch - the task whose locks are next runs here from now on; reports spinning locks
 * that the last one still holds. Context: the scheduler, interrupts off.
 */
void lock_debug_switch(struct lock_held *next);

/* lock_debug_exit - the task that runs here ends: report what it holds. */
void lock_debug_exit(void);

/* lock_debug_acquire - before waiting for a lock: may it be taken? Makes the checks. */
void lock_debug_acquire(struct lock_tag *tag, unsigned int mode);

/* lock_debug_acquired - it is held now. */
void lock_debug_acquired(struct lock_tag *tag, unsigned int mode);

/* lock_debug_contended - it was not free at once. */
void lock_debug_contended(struct lock_tag *tag);

/*
 * lock_debug_release - it is about to be given back.
 * Returns: false when the task that runs here does not hold it; then it must be left alone.
 */
bool lock_debug_release(struct lock_tag *tag);

/* lock_debug_is_held - whether what runs here holds it. */
bool lock_debug_is_held(const struct lock_tag *tag);

/* lock_debug_spinning_name - the newest spinning lock held here; NULL when there is none. */
const char *lock_debug_spinning_name(void);
