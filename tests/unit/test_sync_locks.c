/* test_sync_locks.c - spin locks, reader-writer locks, and what the debug build checks of them. */
#include "kernel/cpu/preempt.h"
#include "kernel/sync/context.h"
#include "kernel/sync/lock_class.h"
#include "kernel/sync/rwlock.h"
#include "kernel/sync/seqlock.h"
#include "kernel/sync/spinlock.h"
#include "lib/string.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/tasks.h"

#define PAIRS 1000u                     /* more than the numbers of a ticket lock */

static spinlock_t outer = SPINLOCK_INIT("outer", LOCK_RANK_ZONE);
static spinlock_t inner = SPINLOCK_INIT("inner", LOCK_RANK_WAIT);
static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static DEFINE_SPINLOCK(third);
static DEFINE_RWLOCK(rwlock);
static DEFINE_SEQLOCK(seqlock);

/* Take two locks in an order, and give them back. */
static void take_both(spinlock_t *one, spinlock_t *two)
{
        spin_lock(one);
        spin_lock(two);
        spin_unlock(two);
        spin_unlock(one);
}

/* Take a lock in an interrupt handler. */
static void take_in_interrupt(spinlock_t *lock)
{
        unsigned long flags = local_irq_save();

        irq_enter();
        spin_lock(lock);
        spin_unlock(lock);
        irq_exit();
        local_irq_restore(flags);
}

TEST(spinlock, numbers_wrap)
{
        for (unsigned int pair = 0; pair < PAIRS; pair++) {
                EXPECT(!spin_is_locked(&first));
                spin_lock(&first);
                EXPECT(spin_is_locked(&first));
                spin_unlock(&first);
        }
}

TEST(spinlock, holder_is_not_preempted_and_interrupts_are_as_asked)
{
        local_irq_enable();
        spin_lock(&first);
        EXPECT_EQ(preempt_count(), PREEMPT_COUNT_ONE);
        EXPECT(!irqs_disabled());
        spin_unlock(&first);
        EXPECT_EQ(preempt_count(), 0);

        unsigned long flags = spin_lock_irqsave(&second);
        EXPECT(irqs_disabled());
        spin_unlock_irqrestore(&second, flags);
        EXPECT(!irqs_disabled());
        spin_lock_irq(&second);
        EXPECT(irqs_disabled());
        spin_unlock_irq(&second);
        EXPECT(!irqs_disabled());
        EXPECT_EQ(preempt_count(), 0);
}

TEST(spinlock, softirqs_are_off_as_asked)
{
        local_irq_enable();
        spin_lock_bh(&first);
        EXPECT(in_softirq());
        spin_unlock_bh(&first);
        write_lock_bh(&rwlock);
        EXPECT(in_softirq());
        write_unlock_bh(&rwlock);
        read_lock_bh(&rwlock);
        read_unlock_bh(&rwlock);
        EXPECT_EQ(preempt_count(), 0);
}

TEST(spinlock, trying_takes_it_only_when_it_is_free)
{
        EXPECT(spin_trylock(&first));
        EXPECT(!spin_trylock(&first));
        EXPECT_EQ(preempt_count(), PREEMPT_COUNT_ONE);
        spin_unlock(&first);
        EXPECT_EQ(preempt_count(), 0);
}

TEST(spinlock, waiting_for_another_cpu_spins)
{
        spin_lock(&first);
        host_cpu = 1;
        EXPECT_PANIC(spin_lock(&first), "waits for another one");
}

/* RWLOCK-1 */
TEST(rwlock, readers_share_and_a_writer_is_alone)
{
        read_lock(&rwlock);
        host_cpu = 1;
        EXPECT(read_trylock(&rwlock));
        EXPECT(!write_trylock(&rwlock));
        read_unlock(&rwlock);
        host_cpu = 0;
        read_unlock(&rwlock);
        write_lock(&rwlock);
        host_cpu = 1;
        EXPECT(!read_trylock(&rwlock));
        EXPECT(!write_trylock(&rwlock));
        host_cpu = 0;
        write_unlock(&rwlock);
        EXPECT_EQ(rwlock.state, 0);
        EXPECT_EQ(preempt_count(), 0);
}

/* RWLOCK-2 */
TEST(rwlock, readers_stand_behind_a_waiting_writer_but_handlers_do_not)
{
        read_lock(&rwlock);
        rwlock.state |= RWLOCK_WRITER_WAITS;
        host_cpu = 1;
        EXPECT(!read_trylock(&rwlock));
        irq_enter();
        read_lock(&rwlock);
        read_unlock(&rwlock);
        irq_exit();
        host_cpu = 0;
        rwlock.state &= ~RWLOCK_WRITER_WAITS;
        read_unlock(&rwlock);
}

TEST(rwlock, interrupts_are_as_asked)
{
        local_irq_enable();
        unsigned long flags = read_lock_irqsave(&rwlock);
        EXPECT(irqs_disabled());
        read_unlock_irqrestore(&rwlock, flags);
        EXPECT(!irqs_disabled());
        flags = write_lock_irqsave(&rwlock);
        write_unlock_irqrestore(&rwlock, flags);
        EXPECT(!irqs_disabled());
        read_lock_irq(&rwlock);
        read_unlock_irq(&rwlock);
        write_lock_irq(&rwlock);
        write_unlock_irq(&rwlock);
        EXPECT(!irqs_disabled());
}

TEST(seqlock, readers_notice_a_writer)
{
        u32 start = read_seqbegin(&seqlock);
        EXPECT(!read_seqretry(&seqlock, start));
        write_seqlock(&seqlock);
        EXPECT(read_seqretry(&seqlock, start));
        write_sequnlock(&seqlock);
        EXPECT(read_seqretry(&seqlock, start));
        EXPECT(!read_seqretry(&seqlock, read_seqbegin(&seqlock)));
}

TEST(lock_debug, wrong_rank_is_reported_once)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        take_both(&outer, &inner);
        EXPECT_BUG(take_both(&inner, &outer), "lock-order: outer, rank");
        take_both(&inner, &outer);
        EXPECT_EQ(host_unseen_bugs(), 0);
}

TEST(lock_debug, other_order_than_seen_is_reported)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        take_both(&first, &second);
        EXPECT_BUG(take_both(&second, &first), "seen before: first -> second");
}

/* CLASS-1, CLASS-2: what was seen first is still known. */
TEST(lock_debug, circle_of_three_is_reported_with_both_chains)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        take_both(&first, &second);
        take_both(&second, &third);
        EXPECT_BUG(take_both(&third, &first),
                   "third -> first, but seen before: first -> second -> third");
}

TEST(lock_debug, tries_cannot_be_out_of_order)
{
        take_both(&first, &second);
        spin_lock(&second);
        EXPECT(spin_trylock(&first));
        spin_unlock(&first);
        spin_unlock(&second);
}

TEST(lock_debug, two_of_one_class_are_reported_unless_nested)
{
        spinlock_t pair[2] = { outer, outer };

        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        spin_lock(&pair[0]);
        spin_lock_nested(&pair[1]);
        spin_unlock(&pair[1]);
        spin_unlock(&pair[0]);
        EXPECT_BUG(take_both(&pair[0], &pair[1]), "lock-order: outer, rank");
}

TEST(lock_debug, taken_twice_panics)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        spin_lock(&first);
        EXPECT_PANIC(spin_lock(&first), "waits for lock first, which it holds");
        EXPECT(host_text_contains(host_last_bug(), "double-lock: main takes first again") ||
               host_text_contains(host_last_bug(), "double-lock: boot takes first again"));
}

/* HELD-1 */
TEST(lock_debug, released_by_who_does_not_hold_it)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        EXPECT_BUG(spin_unlock(&first), "bad-unlock: first released by");
        EXPECT_EQ(preempt_count(), 0);
        EXPECT(!spin_is_locked(&first));
        spin_lock(&first);
        host_cpu = 1;
        EXPECT_BUG(spin_unlock(&first), "bad-unlock: first released by boot, held by boot");
        host_cpu = 0;
        EXPECT(spin_is_locked(&first));
        spin_unlock(&first);
        EXPECT(!spin_is_locked(&first));
}

TEST(lock_debug, in_a_handler_and_where_handlers_can_come)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        local_irq_enable();
        take_in_interrupt(&first);
        unsigned long flags = spin_lock_irqsave(&first);
        spin_unlock_irqrestore(&first, flags);
        EXPECT_BUG(spin_lock(&first), "lock-context: first is taken by interrupt handlers");
        spin_unlock(&first);
}

TEST(lock_debug, handler_that_may_wait_for_an_interrupted_task)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        local_irq_enable();
        take_in_interrupt(&first);
        spin_lock(&second);
        spin_unlock(&second);
        unsigned long flags = local_irq_save();
        EXPECT_BUG(take_both(&first, &second), "can make these wait for ever: first -> second");
        local_irq_restore(flags);
}

/* HELD-2 */
TEST(lock_debug, handlers_locks_are_no_part_of_the_tasks_order)
{
        local_irq_enable();
        take_both(&second, &first);
        host_forget_output();
        unsigned long flags = spin_lock_irqsave(&first);
        irq_enter();
        spin_lock(&third);
        spin_unlock(&third);
        irq_exit();
        spin_unlock_irqrestore(&first, flags);
        EXPECT(!lock_class_follows(lock_class_number(&first.tag), lock_class_number(&third.tag)));
}

TEST(lock_debug, sleeping_names_the_lock)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        context_allow_sleep();
        local_irq_enable();
        spin_lock(&first);
        EXPECT_BUG(might_sleep(), "holding first");
        spin_unlock(&first);
        might_sleep();
}

TEST(lock_debug, what_is_left_behind_is_reported)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        local_irq_enable();
        context_check_clean("here");
        EXPECT_EQ(host_unseen_bugs(), 0);
        local_irq_disable();
        EXPECT_BUG(context_check_clean("here"), "unclean-context: here: preempt count 0");
        local_irq_enable();
        spin_lock(&first);
        EXPECT_BUG(context_check_clean("here"), "holding first");
        spin_unlock(&first);
}

TEST(lock_debug, held_too_long_is_reported)
{
        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        lock_debug_held_limit = 0;
        spin_lock(&first);
        for (volatile unsigned int spin = 0; spin < 100000; spin++)
                ;
        EXPECT_BUG(spin_unlock(&first), "lock-too-long: first held by");
}

TEST(lock_debug, held_when_another_task_is_to_run)
{
        struct lock_held next = { .name = "next" };

        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        struct lock_held *own = lock_debug_current();
        spin_lock(&first);
        EXPECT_BUG(lock_debug_switch(&next), "lock-at-switch");
        EXPECT_EQ(lock_debug_current()->count, 0);
        lock_debug_switch(own);
        EXPECT(lock_debug_is_held(&first.tag));
        spin_unlock(&first);
}

TEST(lock_debug, more_locks_than_there_is_room_for)
{
        static spinlock_t locks[LOCK_HELD_MAX + 2];
        static char names[LOCK_HELD_MAX + 2][4];

        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        for (unsigned int index = 0; index < LOCK_HELD_MAX; index++) {
                names[index][0] = (char)('a' + index);
                locks[index] = (spinlock_t)SPINLOCK_INIT(names[index], LOCK_RANK_NONE);
                spin_lock(&locks[index]);
        }
        EXPECT_BUG(spin_lock(&first), "lock-depth");
        spin_unlock(&first);
        for (unsigned int index = LOCK_HELD_MAX; index > 0; index--)
                spin_unlock(&locks[index - 1]);
        EXPECT_EQ(lock_debug_current()->count, 0);
}

TEST(lock_debug, more_classes_than_there_is_room_for)
{
        static char names[2 * LOCK_CLASS_LIMIT][4];

        if (!DEBUG_BUILD)
                SKIP("checked in the debug build only");
        for (unsigned int index = 0; index < ARRAY_SIZE(names); index++) {
                names[index][0] = (char)('a' + index % 16);
                names[index][1] = (char)('a' + index / 16);
                spinlock_t lock = SPINLOCK_INIT(names[index], LOCK_RANK_NONE);
                spin_lock(&lock);
                spin_unlock(&lock);
        }
        spin_lock(&first);
        spin_unlock(&first);
        EXPECT(!lock_class(LOCK_CLASS_LIMIT));
}
