/*
 * wait.h - tasks that wait for something, in a queue, and those who wake them.
 *
 *      DECLARE_WAIT_QUEUE_HEAD(arrivals);
 *
 *      wait_event(arrivals, has_arrived);              one task waits
 *
 *      WRITE_ONCE(has_arrived, true);                  another one, or an interrupt handler:
 *      wake_up(&arrivals);                             first the condition, then the wake-up
 *
 * An exclusive waiter asks that of all such waiters only one be woken at a time: where each would
 * take what it waited for, waking them all would be in vain. wake_up() wakes all others that are
 * before the first exclusive one, and that one.
 *
 * Locking: the queue's own lock, rank LOCK_RANK_WAIT, interrupts off.
 * Context: waiting: a task that may sleep. Waking: any.
 *
 * Source: LKD, chapter 4, "Sleeping and Waking Up"; LDD3, chapter 6, "Advanced Sleeping".
 */
#pragma once

#include "kernel/sync/context.h"
#include "kernel/sync/schedule.h"
#include "kernel/sync/signal.h"
#include "kernel/sync/spinlock.h"
#include "lib/bits.h"
#include "lib/list.h"

struct wait_queue_entry;

/*
 * How an entry is woken; the queue's lock is held. Returns: whether a task was woken by this, for
 * an exclusive entry to count.
 */
typedef bool (*wait_queue_func_t)(struct wait_queue_entry *entry, unsigned int states);

#define WAIT_EXCLUSIVE 0x01u

typedef struct wait_queue_entry {
        unsigned int flags;             /* WAIT_EXCLUSIVE or 0 */
        struct task_struct *task;
        wait_queue_func_t wake;
        struct list_head link;
} wait_queue_entry_t, wait_queue_t;

typedef struct wait_queue_head {
        spinlock_t lock;
        struct list_head entries;       /* exclusive ones behind all others */
} wait_queue_head_t;

#define WAIT_QUEUE_HEAD_INIT(name)                                      \
        {                                                               \
                .lock = SPINLOCK_INIT(#name, LOCK_RANK_WAIT),           \
                .entries = LIST_HEAD_INIT((name).entries),              \
        }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = WAIT_QUEUE_HEAD_INIT(name)

/* init_waitqueue_head - an empty queue. */
#define init_waitqueue_head(queue) wait_queue_init(queue, #queue)
void wait_queue_init(wait_queue_head_t *queue, const char *name);

/* default_wake_function - wake the entry's task if it waits for one of states. */
bool default_wake_function(wait_queue_entry_t *entry, unsigned int states);

/* autoremove_wake_function - the same, and take the entry off the queue if that woke it. */
bool autoremove_wake_function(wait_queue_entry_t *entry, unsigned int states);

/* An entry for add_wait_queue(), which stays until remove_wait_queue(). */
#define DECLARE_WAITQUEUE(name, waiter)                                                   \
        wait_queue_entry_t name = { .task = (waiter), .wake = default_wake_function,      \
                                    .link = LIST_HEAD_INIT((name).link) }

/* An entry of the current task for prepare_to_wait(). */
#define DEFINE_WAIT(name)                                                                 \
        wait_queue_entry_t name = { .task = current, .wake = autoremove_wake_function,    \
                                    .link = LIST_HEAD_INIT((name).link) }

/* add_wait_queue, remove_wait_queue - put an entry into a queue, and take it out if it is in. */
void add_wait_queue(wait_queue_head_t *queue, wait_queue_entry_t *entry);
void add_wait_queue_exclusive(wait_queue_head_t *queue, wait_queue_entry_t *entry);
void remove_wait_queue(wait_queue_head_t *queue, wait_queue_entry_t *entry);

/*
 * prepare_to_wait - be in the queue, and about to wait. What the caller waits for must be looked
 * at after this, and before schedule().
 */
void prepare_to_wait(wait_queue_head_t *queue, wait_queue_entry_t *entry, unsigned int state);
void prepare_to_wait_exclusive(wait_queue_head_t *queue, wait_queue_entry_t *entry,
                               unsigned int state);

/* finish_wait - the end of it: out of the queue, and running. */
void finish_wait(wait_queue_head_t *queue, wait_queue_entry_t *entry);

/*
 * finish_exclusive_wait - the same for an exclusive waiter, whether it got what it waited for or
 * gives up: if it has been woken since prepare_to_wait_exclusive(), it did not need that wake-up,
 * which may have been another's, and so another exclusive waiter is woken in its place.
 */
void finish_exclusive_wait(wait_queue_head_t *queue, wait_queue_entry_t *entry);

/*
 * wake_up_state_nr - wake waiters in one of states: all that are not exclusive, and so many
 * exclusive ones, 0 for all. The _locked form: the caller holds queue->lock.
 */
void wake_up_state_nr(wait_queue_head_t *queue, unsigned int states, unsigned int exclusive_count);
void wake_up_state_nr_locked(wait_queue_head_t *queue, unsigned int states,
                             unsigned int exclusive_count) REQUIRES(&queue->lock);

#define wake_up(queue) wake_up_state_nr(queue, TASK_NORMAL, 1)
#define wake_up_nr(queue, count) wake_up_state_nr(queue, TASK_NORMAL, count)
#define wake_up_all(queue) wake_up_state_nr(queue, TASK_NORMAL, 0)
#define wake_up_interruptible(queue) wake_up_state_nr(queue, TASK_INTERRUPTIBLE, 1)
#define wake_up_interruptible_nr(queue, count) wake_up_state_nr(queue, TASK_INTERRUPTIBLE, count)
#define wake_up_interruptible_all(queue) wake_up_state_nr(queue, TASK_INTERRUPTIBLE, 0)

/*
 * waitqueue_active - whether anybody waits. Without the queue's lock the caller needs a barrier,
 * smp_mb(), between changing the condition and asking.
 */
static inline bool waitqueue_active(const wait_queue_head_t *queue)
{
        return READ_ONCE(queue->entries.next) != &queue->entries;
}

/* Whether a wait in state is to be given up. */
static inline bool wait_is_interrupted(unsigned int state)
{
        return state == TASK_INTERRUPTIBLE && signal_pending(current);
}

/*
 * Wait in a queue until condition holds; left is the ticks to wait, and what is left of them.
 * The value is what is left, at least 1 when condition holds; or -ERESTARTSYS.
 */
#define WAIT_FOR_CONDITION(queue, condition, state, prepare, finish, ticks)               \
        ({                                                                                \
                long wait_left = (ticks);                                                 \
                DEFINE_WAIT(wait_entry);                                                  \
                                                                                          \
                for (;;) {                                                                \
                        prepare(&(queue), &wait_entry, state);                            \
                        if (condition) {                                                  \
                                wait_left = wait_left ? wait_left : 1;                    \
                                finish(&(queue), &wait_entry);                            \
                                break;                                                    \
                        }                                                                 \
                        if (wait_is_interrupted(state))                                   \
                                wait_left = -ERESTARTSYS;                                 \
                        if (wait_left <= 0) {                                             \
                                finish(&(queue), &wait_entry);                            \
                                break;                                                    \
                        }                                                                 \
                        wait_left = schedule_timeout(wait_left);                          \
                }                                                                         \
                wait_left;                                                                \
        })

/* The same without getting into the queue, if condition holds already. */
#define WAIT_UNLESS(queue, condition, state, prepare, finish, ticks)                      \
        ({                                                                                \
                long wait_ticks = (ticks);                                                \
                                                                                          \
                might_sleep();                                                            \
                (condition) ? (wait_ticks ? wait_ticks : 1)                               \
                            : WAIT_FOR_CONDITION(queue, condition, state, prepare,        \
                                                 finish, wait_ticks);                     \
        })

/* wait_event - wait until condition, which is looked at after each wake-up, holds. */
#define wait_event(queue, condition)                                                      \
        ((void)WAIT_UNLESS(queue, condition, TASK_UNINTERRUPTIBLE, prepare_to_wait,       \
                           finish_wait, MAX_SCHEDULE_TIMEOUT))

/* wait_event_exclusive - the same as an exclusive waiter. */
#define wait_event_exclusive(queue, condition)                                            \
        ((void)WAIT_UNLESS(queue, condition, TASK_UNINTERRUPTIBLE,                        \
                           prepare_to_wait_exclusive, finish_exclusive_wait,              \
                           MAX_SCHEDULE_TIMEOUT))

/*
 * wait_event_timeout - for at most so many ticks. Returns: 0 when condition does not hold even
 * then; else the ticks left, at least 1.
 */
#define wait_event_timeout(queue, condition, ticks)                                       \
        WAIT_UNLESS(queue, condition, TASK_UNINTERRUPTIBLE, prepare_to_wait, finish_wait, ticks)

/* wait_event_interruptible - Returns: 0 when condition holds, -ERESTARTSYS when a signal came. */
#define wait_event_interruptible(queue, condition)                                        \
        (min(WAIT_UNLESS(queue, condition, TASK_INTERRUPTIBLE, prepare_to_wait,           \
                         finish_wait, MAX_SCHEDULE_TIMEOUT), 0l))

/* wait_event_interruptible_exclusive - the same as an exclusive waiter. */
#define wait_event_interruptible_exclusive(queue, condition)                              \
        (min(WAIT_UNLESS(queue, condition, TASK_INTERRUPTIBLE, prepare_to_wait_exclusive, \
                         finish_exclusive_wait, MAX_SCHEDULE_TIMEOUT), 0l))

/* wait_event_interruptible_timeout - both: > 0, 0 or -ERESTARTSYS. */
#define wait_event_interruptible_timeout(queue, condition, ticks)                         \
        WAIT_UNLESS(queue, condition, TASK_INTERRUPTIBLE, prepare_to_wait, finish_wait, ticks)
