/*
 * Wait queues
 *
 * Idea        A task that waits stands in a list, so that others can find it. It goes into the list
 *             first and looks at what it waits for then: whoever changes that afterwards finds it
 *             in the list.
 *
 * Picture     queue --> [ task A ] --> [ task B ] --> [ task C ]x --> [ task D ]x
 *                        wake_up() wakes A, B and C: the first x, exclusive, is the last it wakes
 *
 * Data        wait_queue_head_t; entries on the stacks of those who wait.
 *
 * Invariants  WAIT-1  an entry that is in a queue belongs to a task that has not finished waiting.
 *             WAIT-2  all entries behind an exclusive one are exclusive.
 *             (Guarded by tests/unit/test_sync_wait.c.)
 *
 * Locking     queue->lock, rank LOCK_RANK_WAIT, interrupts off. It is held while a task is woken,
 *             so that the task cannot leave, nor its stack vanish, before the wake-up is done: to
 *             leave it must take its entry out, or see that the waker has, as the very last step.
 *
 * Cost        A wake-up walks the entries up to the exclusive one that it wakes.
 *
 * Failure     None.
 *
 * Reading     LKD, chapter 4, "Sleeping and Waking Up".
 */
#include "kernel/sync/wait.h"

void wait_queue_init(wait_queue_head_t *queue, const char *name)
{
        queue->lock = (spinlock_t)SPINLOCK_INIT(name, LOCK_RANK_WAIT);
        INIT_LIST_HEAD(&queue->entries);
}

bool default_wake_function(wait_queue_entry_t *entry, unsigned int states)
{
        return wake_up_state(entry->task, states);
}

bool autoremove_wake_function(wait_queue_entry_t *entry, unsigned int states)
{
        bool is_woken = default_wake_function(entry, states);

        if (is_woken)
                list_del_init(&entry->link);
        return is_woken;
}

/* Put an entry where its kind stands: WAIT-2. The queue's lock is held. */
static void add_locked(wait_queue_head_t *queue, wait_queue_entry_t *entry, unsigned int flags)
        REQUIRES(&queue->lock)
{
        entry->flags = flags;
        if (flags & WAIT_EXCLUSIVE)
                list_add_tail(&entry->link, &queue->entries);
        else
                list_add(&entry->link, &queue->entries);
}

/* Put an entry into a queue that it is not in. */
static void add(wait_queue_head_t *queue, wait_queue_entry_t *entry, unsigned int flags)
{
        unsigned long irq_flags = spin_lock_irqsave(&queue->lock);

        add_locked(queue, entry, flags);
        spin_unlock_irqrestore(&queue->lock, irq_flags);
}

void add_wait_queue(wait_queue_head_t *queue, wait_queue_entry_t *entry)
{
        add(queue, entry, 0);
}

void add_wait_queue_exclusive(wait_queue_head_t *queue, wait_queue_entry_t *entry)
{
        add(queue, entry, WAIT_EXCLUSIVE);
}

void remove_wait_queue(wait_queue_head_t *queue, wait_queue_entry_t *entry)
{
        unsigned long flags = spin_lock_irqsave(&queue->lock);

        list_del_init(&entry->link);
        spin_unlock_irqrestore(&queue->lock, flags);
}

/* Be in the queue, and in a state of waiting. */
static void prepare(wait_queue_head_t *queue, wait_queue_entry_t *entry, unsigned int flags,
                    unsigned int state)
{
        unsigned long irq_flags = spin_lock_irqsave(&queue->lock);

        if (list_empty(&entry->link))
                add_locked(queue, entry, flags);
        set_current_state(state);
        spin_unlock_irqrestore(&queue->lock, irq_flags);
}

void prepare_to_wait(wait_queue_head_t *queue, wait_queue_entry_t *entry, unsigned int state)
{
        prepare(queue, entry, 0, state);
}

void prepare_to_wait_exclusive(wait_queue_head_t *queue, wait_queue_entry_t *entry,
                               unsigned int state)
{
        prepare(queue, entry, WAIT_EXCLUSIVE, state);
}

void finish_wait(wait_queue_head_t *queue, wait_queue_entry_t *entry)
{
        set_current_state(TASK_RUNNING);
        /*
         * A waker takes the entry out as its last step, prev last of all: once both links lead
         * back, it is done with the entry, and there is nothing to lock for.
         */
        if (READ_ONCE(entry->link.next) == &entry->link &&
            READ_ONCE(entry->link.prev) == &entry->link)
                return;
        remove_wait_queue(queue, entry);
}

void finish_exclusive_wait(wait_queue_head_t *queue, wait_queue_entry_t *entry)
{
        unsigned long flags = spin_lock_irqsave(&queue->lock);
        bool was_woken = list_empty(&entry->link);

        set_current_state(TASK_RUNNING);
        list_del_init(&entry->link);
        if (was_woken)
                wake_up_state_nr_locked(queue, TASK_NORMAL, 1);
        spin_unlock_irqrestore(&queue->lock, flags);
}

void wake_up_state_nr_locked(wait_queue_head_t *queue, unsigned int states,
                             unsigned int exclusive_count)
{
        wait_queue_entry_t *entry, *following;

        list_for_each_entry_safe(entry, following, &queue->entries, link) {
                bool is_exclusive = entry->flags & WAIT_EXCLUSIVE;

                if (entry->wake(entry, states) && is_exclusive && !--exclusive_count)
                        break;
        }
}

void wake_up_state_nr(wait_queue_head_t *queue, unsigned int states, unsigned int exclusive_count)
{
        unsigned long flags = spin_lock_irqsave(&queue->lock);

        wake_up_state_nr_locked(queue, states, exclusive_count);
        spin_unlock_irqrestore(&queue->lock, flags);
}
