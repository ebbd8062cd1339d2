/*
 * Held locks
 *
 * Idea        Each task carries a list of the locks it holds. Every rule about locks is a question
 *             about that list, asked before the task waits: so a deadlock is reported, not met.
 *
 * Picture     task "storm3"   [ zone | wait | runqueue ]   newest last
 *                                      ^ taken by a handler that interrupted the task
 *
 * Data        struct lock_held, one in each task and, before there are tasks, in each CPU;
 *             lock_held of a CPU points to that of the task which runs there.
 *
 * Invariants  HELD-1  a lock held alone is in exactly one list, that of tag->holder.
 *             HELD-2  a handler's locks lie above those of the task it interrupted, and are gone
 *                     when it returns.
 *             (Guarded by tests/unit/test_sync_locks.c.)
 *
 * Locking     A list is touched only by the CPU where its task runs, with interrupts off.
 *
 * Cost        Debug build only; a few dozen instructions for each lock.
 *
 * Failure     Reports go on where that is possible. Nothing is checked while a report is made on
 *             this CPU: printing takes locks, too.
 *
 * Reading     docs/locking.md.
 */
#include "kernel/sync/lock_debug.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/timestamp.h"
#include "kernel/sync/lock_class.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/symbol.h"

#define STAMP_SHIFT 10u
#define TEXT_BYTES 160u
#define LIMIT_DEFAULT (1u << 24)        /* 2^34 counts: some seconds on any machine */

/* Values of held_lock.context. */
enum { CONTEXT_TASK, CONTEXT_SOFTIRQ, CONTEXT_IRQ };

DEFINE_PER_CPU(struct lock_held *, lock_held);
static DEFINE_PER_CPU(struct lock_held, early_held) = { .name = "boot" };
static DEFINE_PER_CPU(unsigned int, reports_running);

u32 lock_debug_held_limit = LIMIT_DEFAULT;

/* The time, in the steps in which held locks are timed. */
static u32 stamp(void)
{
        return (u32)(timestamp_read() >> STAMP_SHIFT);
}

/* What kind of code runs here. */
static u8 current_context(void)
{
        if (in_hardirq())
                return CONTEXT_IRQ;
        return preempt_count() & SOFTIRQ_COUNT_ONE ? CONTEXT_SOFTIRQ : CONTEXT_TASK;
}

struct lock_held *lock_debug_current(void)
{
        struct lock_held *held = this_cpu_read(lock_held);

        return held ? held : this_cpu_ptr(&early_held);
}

const char *lock_held_name(const struct lock_held *held)
{
        return held && held->name ? held->name : "?";
}

/* The entry of a lock in a list, or NULL. */
static struct held_lock *find_held(struct lock_held *held, const struct lock_tag *tag)
{
        for (unsigned int index = held->count; index > 0; index--)
                if (held->locks[index - 1].tag == tag)
                        return &held->locks[index - 1];
        return NULL;
}

/* Write the names of the held locks, oldest first, and of one more. */
static void format_chain(char *text, const struct lock_held *held, const struct lock_tag *next)
{
        int at = 0;

        text[0] = '\0';
        for (unsigned int index = 0; index < held->count; index++)
                at += scnprintf(text + at, TEXT_BYTES - (size_t)at, "%s -> ",
                                held->locks[index].tag->name);
        scnprintf(text + at, TEXT_BYTES - (size_t)at, "%s", next->name);
}

/*
 * Whether a lock that is held may be taken once more: by a handler that reads, as does the task it
 * interrupted. Handlers do not wait for writers that wait.
 */
static bool may_read_again(const struct held_lock *entry, unsigned int mode)
{
        return mode & entry->mode & LOCK_SHARED && entry->context != current_context();
}

/* A task asks for a lock that it holds: it would wait for ever, unless both only read. */
static void __noinline report_double(const struct lock_held *held,
                                     const struct held_lock *entry, unsigned int mode)
{
        char place[SYMBOL_TEXT_BYTES];

        symbol_format(place, sizeof(place), entry->place);
        bug_report("double-lock", "%s takes %s again, held since %s", lock_held_name(held),
                   entry->tag->name, place);
        if (!(mode & entry->mode & LOCK_SHARED))
                panic("deadlock: %s waits for lock %s, which it holds", lock_held_name(held),
                      entry->tag->name);
}

/* Report a wrong order. way is what contradicts it. */
static void __noinline report_order(enum lock_order order, const struct lock_held *held,
                                const struct held_lock *entry, const struct lock_tag *tag,
                                const char *way)
{
        char chain[TEXT_BYTES];

        format_chain(chain, held, tag);
        if (order == LOCK_ORDER_RANK)
                bug_report("lock-order", "%s, rank %u, taken while %s, rank %u, is held: %s",
                           tag->name, tag->rank, entry->tag->name, entry->tag->rank, chain);
        else if (order == LOCK_ORDER_CYCLE)
                bug_report("lock-order", "%s taken while %s is held: %s, but seen before: %s",
                           tag->name, entry->tag->name, chain, way[0] ? way : "two of one name");
        else
                bug_report("lock-context", "an interrupt can make these wait for ever: %s", way);
}

/* Check a lock against each one that is held in the same context. */
static void check_order(const struct lock_held *held, struct lock_tag *tag, unsigned int mode)
{
        unsigned int next = lock_class_number(tag);
        u8 context = current_context();
        static char way[TEXT_BYTES];    /* spares the stack; two reports at once may mix */

        for (unsigned int index = 0; index < held->count; index++) {
                const struct held_lock *entry = &held->locks[index];
                unsigned int number = lock_class_number(entry->tag);

                if (entry->context != context || !number || !next)
                        continue;
                if (mode & LOCK_NESTED && entry->tag->rank == tag->rank)
                        continue;

                enum lock_order order = lock_class_add_order(number, next, way, sizeof(way));

                if (order != LOCK_ORDER_GOOD)
                        report_order(order, held, entry, tag, way);
        }
}

/* The context in which a lock is taken, as LOCK_USED_ bits; flags: how interrupts were. */
static unsigned int current_usage(unsigned long flags)
{
        u8 context = current_context();
        unsigned int usage = 0;

        if (context == CONTEXT_IRQ)
                return LOCK_USED_IN_IRQ;
        if (context == CONTEXT_SOFTIRQ)
                usage = LOCK_USED_IN_SOFTIRQ;
        if (!(flags & EFLAGS_INTERRUPTS))
                return usage;
        return usage | LOCK_USED_IRQS_ON | (in_interrupt() ? 0 : LOCK_USED_SOFTIRQS_ON);
}

/* Note in what context a lock is taken, and check that it fits the others. */
static void check_usage(struct lock_tag *tag, unsigned int mode, unsigned long flags)
{
        unsigned int number = lock_class_number(tag);
        unsigned int usage = current_usage(flags);
        static char way[TEXT_BYTES];    /* spares the stack; two reports at once may mix */

        if (mode & LOCK_SHARED)
                usage <<= LOCK_USED_SHARED_SHIFT;
        if (number && !lock_class_add_usage(number, usage, way, sizeof(way)))
                bug_report("lock-context", "%s is taken by interrupt handlers, and where they can "
                           "come: %s", tag->name, way);
}

void lock_debug_acquire(struct lock_tag *tag, unsigned int mode)
{
        unsigned long flags = local_irq_save();
        struct lock_held *held = lock_debug_current();
        const struct held_lock *entry = find_held(held, tag);

        if (!this_cpu_read(reports_running)) {
                this_cpu_inc(reports_running);
                if (entry && !may_read_again(entry, mode))
                        report_double(held, entry, mode);
                else
                        check_order(held, tag, mode);
                check_usage(tag, mode, flags);
                this_cpu_dec(reports_running);
        }
        local_irq_restore(flags);
}

void lock_debug_acquired(struct lock_tag *tag, unsigned int mode)
{
        unsigned long flags = local_irq_save();
        struct lock_held *held = lock_debug_current();
        struct lock_class *class = lock_class(lock_class_number(tag));

        if (class)
                __atomic_add_fetch(&class->acquired_count, 1, __ATOMIC_RELAXED);
        if (held->count < LOCK_HELD_MAX)
                held->locks[held->count++] = (struct held_lock){
                        tag, RETURN_ADDRESS(), stamp(), (u8)mode, current_context(),
                };
        else if (!held->lost_count++)
                bug_report("lock-depth", "%s holds %u locks and takes %s", lock_held_name(held),
                           LOCK_HELD_MAX, tag->name);
        if (!(mode & LOCK_SHARED))
                WRITE_ONCE(tag->holder, held);
        local_irq_restore(flags);
}

void lock_debug_contended(struct lock_tag *tag)
{
        struct lock_class *class = lock_class(lock_class_number(tag));

        if (class)
                __atomic_add_fetch(&class->contended_count, 1, __ATOMIC_RELAXED);
}

/* Report a lock that was given back too late. */
static void __noinline report_too_long(const struct lock_held *held,
                                       const struct held_lock *entry,
                                       u32 steps)
{
        char place[SYMBOL_TEXT_BYTES];

        symbol_format(place, sizeof(place), entry->place);
        bug_report("lock-too-long", "%s held by %s for %u * 1024 counts, since %s",
                   entry->tag->name, lock_held_name(held), steps, place);
}

/* Take an entry out of a list. */
static void forget_held(struct lock_held *held, struct held_lock *entry)
{
        held->count--;
        for (; entry < &held->locks[held->count]; entry++)
                entry[0] = entry[1];
}

/* Whether a lock that is in no list of this task's may be released: if its entry was lost. */
static bool release_unknown(struct lock_held *held, const struct lock_tag *tag)
{
        const struct lock_held *holder = READ_ONCE(tag->holder);

        if (held->lost_count) {
                held->lost_count--;
                return true;
        }
        bug_report("bad-unlock", "%s released by %s, held by %s", tag->name, lock_held_name(held),
                   lock_held_name(holder));
        return false;
}

bool lock_debug_release(struct lock_tag *tag)
{
        unsigned long flags = local_irq_save();
        struct lock_held *held = lock_debug_current();
        struct held_lock *entry = find_held(held, tag);
        bool is_held = true;

        this_cpu_inc(reports_running);
        if (entry) {
                s32 steps = (s32)(stamp() - entry->since);

                if (!(entry->mode & LOCK_SLEEPS) && steps > (s32)READ_ONCE(lock_debug_held_limit))
                        report_too_long(held, entry, steps);
                forget_held(held, entry);
        } else {
                is_held = release_unknown(held, tag);
        }
        if (is_held)
                WRITE_ONCE(tag->holder, NULL);
        this_cpu_dec(reports_running);
        local_irq_restore(flags);
        return is_held;
}

bool lock_debug_is_held(const struct lock_tag *tag)
{
        unsigned long flags = local_irq_save();
        struct lock_held *held = lock_debug_current();
        bool is_held = find_held(held, tag) || held->lost_count;

        local_irq_restore(flags);
        return is_held;
}

const char *lock_debug_spinning_name(void)
{
        unsigned long flags = local_irq_save();
        const struct lock_held *held = lock_debug_current();
        const char *name = NULL;

        for (unsigned int index = held->count; index > 0 && !name; index--)
                if (!(held->locks[index - 1].mode & LOCK_SLEEPS))
                        name = held->locks[index - 1].tag->name;
        local_irq_restore(flags);
        return name;
}

void lock_debug_switch(struct lock_held *next)
{
        const char *name = lock_debug_spinning_name();

        if (name)
                bug_report("lock-at-switch", "%s holds %s when another task is to run",
                           lock_held_name(lock_debug_current()), name);
        this_cpu_write(lock_held, next);
}

void lock_debug_exit(void)
{
        const struct lock_held *held = lock_debug_current();

        if (held->count)
                bug_report("lock-at-exit", "%s ends and holds %s", lock_held_name(held),
                           held->locks[held->count - 1].tag->name);
}
