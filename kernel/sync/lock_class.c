/*
 * Lock classes
 *
 * Idea        Two tasks that take two locks in different orders may wait for each other for ever,
 *             some day. That each order has been seen once, at different times, is enough to know.
 *
 * Picture     held  zone ---> wait ---> runqueue
 *             next    `-------------------^
 *
 *             An arrow means: the second was taken while the first was held. A new arrow that
 *             closes a circle is a deadlock that has not happened yet.
 *
 * Data        classes[], found by name; successors[], a matrix of bits: row held, column next.
 *
 * Invariants  CLASS-1  a class, once made, keeps its number, name and rank.
 *             CLASS-2  bits of the matrix and of usage are only ever added.
 *             (Guarded by tests/unit/test_sync_locks.c.)
 *
 * Locking     class_lock, interrupts off, for every change. Reading needs none, because of CLASS-1
 *             and CLASS-2: at worst a new bit is not seen, and looked at again under the lock. It
 *             is a bare ticket: it cannot be checked by what it guards.
 *
 * Cost        Known arrows: one bit test. A new one: a walk over the matrix.
 *
 * Failure     No room for a class: its locks are not checked, and the first time says so.
 *
 * Reading     docs/locking.md; LKD, chapter 9, "Deadlocks".
 */
#include "kernel/sync/lock_class.h"

#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/ticket.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/string.h"

#define WORD_BITS 32u
#define ROW_WORDS (LOCK_CLASS_LIMIT / WORD_BITS)

static_assert(LOCK_CLASS_LIMIT <= 256, "a class number is a byte");

static struct lock_class classes[LOCK_CLASS_LIMIT];     /* [0] is not used */
static unsigned int class_count = 1;
static u32 successors[LOCK_CLASS_LIMIT][ROW_WORDS];
static struct ticket class_lock;

/* Where a walk came from to each class, 0: not there yet. Guarded by class_lock. */
static u8 came_from[LOCK_CLASS_LIMIT];
static u8 to_visit[LOCK_CLASS_LIMIT];

/* Take class_lock. Returns how interrupts were. */
static unsigned long lock_classes(void)
{
        unsigned long flags = local_irq_save();
        u16 drawn;

        if (!ticket_draw(&class_lock, &drawn))
                while (!ticket_serves(&class_lock, drawn)) {
                        cpu_relax();
                        smp_poll();
                }
        return flags;
}

/* Give class_lock back. */
static void unlock_classes(unsigned long flags)
{
        ticket_serve_next(&class_lock);
        local_irq_restore(flags);
}

/* The class with this name and rank; makes one if there is none. class_lock is held. */
static unsigned int find_class(const struct lock_tag *tag)
{
        unsigned int number;

        for (number = 1; number < class_count; number++)
                if (classes[number].rank == tag->rank && !strcmp(classes[number].name, tag->name))
                        return number;
        if (class_count == LOCK_CLASS_LIMIT)
                return 0;
        classes[number].name = tag->name;
        classes[number].rank = tag->rank;
        __atomic_store_n(&class_count, number + 1, __ATOMIC_RELEASE);
        return number;
}

unsigned int lock_class_number(struct lock_tag *tag)
{
        unsigned int number = READ_ONCE(tag->class_number);

        if (likely(number))
                return number;

        unsigned long flags = lock_classes();

        number = find_class(tag);
        WRITE_ONCE(tag->class_number, (u8)number);
        unlock_classes(flags);
        return number;
}

struct lock_class *lock_class(unsigned int number)
{
        unsigned int count = __atomic_load_n(&class_count, __ATOMIC_ACQUIRE);

        return number && number < count ? &classes[number] : NULL;
}

unsigned int lock_class_successor_count(unsigned int number)
{
        unsigned int count = 0;

        for (unsigned int word = 0; word < ROW_WORDS; word++)
                for (u32 bits = READ_ONCE(successors[number][word]); bits; bits &= bits - 1)
                        count++;
        return count;
}

bool lock_class_follows(unsigned int held, unsigned int next)
{
        return READ_ONCE(successors[held][next / WORD_BITS]) & BIT(next % WORD_BITS);
}

/* Add the successors of one class to those to visit. Returns how many there are now. */
static unsigned int visit_class(unsigned int number, unsigned int count)
{
        for (unsigned int next = 1; next < class_count; next++) {
                if (came_from[next] || !lock_class_follows(number, next))
                        continue;
                came_from[next] = (u8)number;
                to_visit[count++] = (u8)next;
        }
        return count;
}

/* Fill came_from[] with all classes that can be reached from start; start itself only by a way. */
static void walk_from(unsigned int start)
{
        unsigned int count;

        memset(came_from, 0, sizeof(came_from));
        count = visit_class(start, 0);
        for (unsigned int index = 0; index < count; index++)
                count = visit_class(to_visit[index], count);
}

/* Print the way of the last walk from start to end. */
static void __noinline print_way(unsigned int start, unsigned int end, char *text,
                                 unsigned int text_bytes)
{
        unsigned int length = 0, number = end, at = 0;

        /* The way is known backwards only: turn it round in to_visit[], which is free now. */
        do {
                to_visit[length++] = (u8)number;
                number = came_from[number];
        } while (number != start && length < LOCK_CLASS_LIMIT - 1);
        at += (unsigned int)scnprintf(text, text_bytes, "%s", classes[start].name);
        while (length--)
                at += (unsigned int)scnprintf(text + at, text_bytes - at, " -> %s",
                                              classes[to_visit[length]].name);
}

/* Whether a handler may want a class that is also held where the handler can come. */
static bool is_unsafe(unsigned int wanted, unsigned int held, unsigned int in, unsigned int on)
{
        unsigned int wants = classes[wanted].usage, holds = classes[held].usage;
        unsigned int alone_in = wants & in, shared_in = wants & (in << LOCK_USED_SHARED_SHIFT);
        unsigned int alone_on = holds & on, shared_on = holds & (on << LOCK_USED_SHARED_SHIFT);

        return (alone_in && (alone_on || shared_on)) || (shared_in && alone_on);
}

/*
 * A handler takes wanted; a task holds held with interrupts on, and is interrupted. When somebody
 * waits for held while holding wanted, handler and task wait for each other. Between two different
 * classes a reader waits, too.
 */
static bool is_unsafe_way(unsigned int wanted, unsigned int held, unsigned int in, unsigned int on)
{
        unsigned int both_in = in | in << LOCK_USED_SHARED_SHIFT;
        unsigned int both_on = on | on << LOCK_USED_SHARED_SHIFT;

        return classes[wanted].usage & both_in && classes[held].usage & both_on;
}

/* Whether any class that handlers take leads to one that is held while they can come. */
static bool find_unsafe_way(unsigned int in, unsigned int on, char *text, unsigned int text_bytes)
{
        for (unsigned int wanted = 1; wanted < class_count; wanted++) {
                if (!(classes[wanted].usage & (in | in << LOCK_USED_SHARED_SHIFT)))
                        continue;
                walk_from(wanted);
                for (unsigned int held = 1; held < class_count; held++) {
                        if (!came_from[held] || !is_unsafe_way(wanted, held, in, on))
                                continue;
                        print_way(wanted, held, text, text_bytes);
                        return true;
                }
        }
        return false;
}

/* Whether interrupts of any kind can make tasks wait for ever. class_lock is held. */
static bool is_any_unsafe(char *text, unsigned int text_bytes)
{
        return find_unsafe_way(LOCK_USED_IN_IRQ, LOCK_USED_IRQS_ON, text, text_bytes) ||
               find_unsafe_way(LOCK_USED_IN_SOFTIRQ, LOCK_USED_SOFTIRQS_ON, text, text_bytes);
}

/* Judge a new arrow, and add it. class_lock is held. */
static enum lock_order judge_order(unsigned int held, unsigned int next, char *text,
                                   unsigned int text_bytes)
{
        bool was_unsafe = is_any_unsafe(text, text_bytes);
        bool is_cycle;

        walk_from(next);
        is_cycle = held == next || came_from[held];
        if (is_cycle && held != next)
                print_way(next, held, text, text_bytes);
        successors[held][next / WORD_BITS] |= BIT(next % WORD_BITS);
        if (classes[next].rank && classes[next].rank <= classes[held].rank)
                return LOCK_ORDER_RANK;
        if (is_cycle)
                return LOCK_ORDER_CYCLE;
        return !was_unsafe && is_any_unsafe(text, text_bytes) ? LOCK_ORDER_UNSAFE
                                                              : LOCK_ORDER_GOOD;
}

enum lock_order lock_class_add_order(unsigned int held, unsigned int next, char *text,
                                     unsigned int text_bytes)
{
        enum lock_order order = LOCK_ORDER_GOOD;

        if (likely(lock_class_follows(held, next)))
                return order;

        unsigned long flags = lock_classes();

        text[0] = '\0';
        if (!lock_class_follows(held, next))
                order = judge_order(held, next, text, text_bytes);
        unlock_classes(flags);
        return order;
}

/* Print the name of a class. */
static void __noinline print_class(unsigned int number, char *text, unsigned int text_bytes)
{
        scnprintf(text, text_bytes, "%s", classes[number].name);
}

/* Add usage bits, and judge. class_lock is held. */
static bool judge_usage(unsigned int number, unsigned int usage, char *text,
                        unsigned int text_bytes)
{
        bool was_unsafe = is_any_unsafe(text, text_bytes);

        classes[number].usage |= (u8)usage;
        if (is_unsafe(number, number, LOCK_USED_IN_IRQ, LOCK_USED_IRQS_ON) ||
            is_unsafe(number, number, LOCK_USED_IN_SOFTIRQ, LOCK_USED_SOFTIRQS_ON)) {
                print_class(number, text, text_bytes);
                return false;
        }
        return was_unsafe || !is_any_unsafe(text, text_bytes);
}

bool lock_class_add_usage(unsigned int number, unsigned int usage, char *text,
                          unsigned int text_bytes)
{
        bool is_good = true;

        if (likely((READ_ONCE(classes[number].usage) & usage) == usage))
                return true;

        unsigned long flags = lock_classes();

        text[0] = '\0';
        if ((classes[number].usage & usage) != usage)
                is_good = judge_usage(number, usage, text, text_bytes);
        unlock_classes(flags);
        return is_good;
}
