/*
 * Timers
 *
 * Idea        A wheel of moments for each CPU. The tick only looks whether one has come; a softirq
 *             takes the due timers out, one after the other, and calls their functions with
 *             nothing held. So a function may do all that any other code may do to a timer.
 *
 * Picture     tick ---> due? ---> TIMER_SOFTIRQ
 *                                   lock | take out A, running = A | unlock   A's function
 *                                   lock | take out B, running = B | unlock   B's function
 *                                   lock | running = NULL          | unlock
 *
 * Data        struct timer_base, one for each CPU: its lock, its wheel, the timer whose function
 *             runs. A timer knows the CPU whose wheel it is, or was last, in; on the way from one
 *             to another it says TIMER_MOVES.
 *
 * Invariants  TIMER-1  a timer in a wheel has that wheel's CPU, and a function.
 *             TIMER-2  a timer's function is never called before jiffies has reached expires.
 *             TIMER-3  a timer's function does not run on two CPUs at once. (Guarded by
 *                      tests/unit/test_timer.c.)
 *
 * Locking     base->lock, rank LOCK_RANK_TIMER, interrupts off; never two of them. Who wants a
 *             timer's base reads its CPU, locks that CPU's base, and looks whether the timer is
 *             still there. TIMER_MOVES lasts from one unlock to the next lock, interrupts off.
 *
 * Cost        Adding and deleting: a lock and a few stores. A tick on which nothing is due: a lock
 *             and a few bit scans.
 *
 * Failure     Nothing can run short. A timer without a function, one that is added twice, or
 *             deleted for good by its own function, panics.
 *
 * Reading     LDD3, chapter 7, "Kernel Timers"; kernel/time/wheel.c.
 */
#include "kernel/time/timer.h"

#include "kernel/cpu/ipi.h"
#include "kernel/cpu/softirq.h"
#include "kernel/sync/spinlock.h"
#include "lib/symbol.h"

#define TIMER_MOVES UINT32_MAX

struct timer_base {
        struct spinlock lock;
        struct wheel wheel;                     /* [t] this lock */
        const struct timer_list *running;       /* [t] may be freed already: compare, never use */
};

static DEFINE_PER_CPU(struct timer_base, timer_base) = {
        .lock = SPINLOCK_INIT("timers", LOCK_RANK_TIMER),
        .wheel = { .clock = (u32)INITIAL_JIFFIES },
};

/* Call a timer's function, with nothing held. */
static void call(void (*function)(unsigned long data), unsigned long data)
{
        unsigned int count = preempt_count();
        char name[SYMBOL_TEXT_BYTES];

        function(data);
        if (likely(preempt_count() == count))
                return;
        symbol_format(name, sizeof(name), (unsigned long)function);
        panic("timer function %s: preempt count %#x became %#x", name, count, preempt_count());
}

/* Take out the next timer that is due by now. Returns: NULL when none is. */
static struct timer_list *take_due_locked(struct timer_base *base) REQUIRES(&base->lock)
{
        if (!wheel_advance(&base->wheel, (u32)jiffies))
                return NULL;
        return container_of(wheel_take_due(&base->wheel), struct timer_list, node);
}

/* The action of TIMER_SOFTIRQ: this CPU's due timers. */
static void run_timers(void)
{
        struct timer_base *base = this_cpu_ptr(&timer_base);
        unsigned long flags = spin_lock_irqsave(&base->lock);
        struct timer_list *timer;

        while ((timer = take_due_locked(base))) {
                void (*function)(unsigned long data) = timer->function;
                unsigned long data = timer->data;

                CHECK_INVARIANT(TIMER-2, time_after_eq(jiffies, timer->expires),
                                "jiffies=%#lx expires=%#lx", jiffies, timer->expires);
                base->running = timer;
                spin_unlock_irqrestore(&base->lock, flags);
                call(function, data);
                flags = spin_lock_irqsave(&base->lock);
        }
        base->running = NULL;
        spin_unlock_irqrestore(&base->lock, flags);
}

void timers_init(void)
{
        open_softirq(TIMER_SOFTIRQ, run_timers);
}

void timer_tick(void)
{
        struct timer_base *base = this_cpu_ptr(&timer_base);

        spin_lock(&base->lock);
        bool is_due = wheel_advance(&base->wheel, (u32)jiffies);
        spin_unlock(&base->lock);
        if (is_due)
                raise_softirq_irqoff(TIMER_SOFTIRQ);
}

void init_timer(struct timer_list *timer)
{
        *timer = (struct timer_list){ .cpu = smp_processor_id() };
}

void setup_timer(struct timer_list *timer, void (*function)(unsigned long data),
                 unsigned long data)
{
        init_timer(timer);
        timer->function = function;
        timer->data = data;
}

/*
 * Lock the base that a timer belongs to, and turn interrupts off; unlock_base() ends it. Clang
 * cannot follow a lock that is found by looking.
 */
static struct timer_base *lock_base(struct timer_list *timer, unsigned long *flags)
        NO_THREAD_SAFETY_ANALYSIS
{
        for (;;) {
                unsigned int cpu = READ_ONCE(timer->cpu);

                if (cpu != TIMER_MOVES) {
                        BUG_ON(cpu >= nr_cpu_ids, "timer %p has CPU %u", (void *)timer, cpu);
                        struct timer_base *base = per_cpu_ptr(&timer_base, cpu);

                        *flags = spin_lock_irqsave(&base->lock);
                        if (READ_ONCE(timer->cpu) == cpu)
                                return base;
                        spin_unlock_irqrestore(&base->lock, *flags);
                }
                smp_relax();
        }
}

/* The end of lock_base(). */
static void unlock_base(struct timer_base *base, unsigned long flags) NO_THREAD_SAFETY_ANALYSIS
{
        spin_unlock_irqrestore(&base->lock, flags);
}

/*
 * Give a timer that waits nowhere to the base of a CPU, unless its function runs: then it stays
 * with the CPU that runs it. The old base is locked; returns the new one, locked instead.
 */
static struct timer_base *move(struct timer_list *timer, struct timer_base *base, unsigned int cpu)
        NO_THREAD_SAFETY_ANALYSIS
{
        struct timer_base *next = per_cpu_ptr(&timer_base, cpu);

        if (next == base || base->running == timer)
                return base;
        WRITE_ONCE(timer->cpu, TIMER_MOVES);
        spin_unlock(&base->lock);
        spin_lock(&next->lock);
        __atomic_store_n(&timer->cpu, cpu, __ATOMIC_RELEASE);
        return next;
}

/* Take a timer out of the wheel, if it is in it; base is locked. Returns: whether it was. */
static bool detach_locked(struct timer_base *base, struct timer_list *timer)
{
        bool was_pending = timer_pending(timer);

        if (was_pending)
                wheel_remove(&base->wheel, &timer->node);
        return was_pending;
}

/* Let a timer expire on a CPU; it must not wait if is_new. Returns: whether it did. */
static bool arm(struct timer_list *timer, unsigned long expires, unsigned int cpu, bool is_new)
        NO_THREAD_SAFETY_ANALYSIS
{
        unsigned long flags;

        BUG_ON(!timer->function, "timer %p has no function", (void *)timer);
        BUG_ON(cpu >= nr_cpu_ids, "cpu=%u", cpu);
        struct timer_base *base = lock_base(timer, &flags);
        bool was_pending = detach_locked(base, timer);

        BUG_ON(was_pending && is_new, "timer %p waits already", (void *)timer);
        base = move(timer, base, cpu);
        timer->expires = expires;
        wheel_add(&base->wheel, &timer->node, (u32)expires);
        unlock_base(base, flags);
        return was_pending;
}

void add_timer_on(struct timer_list *timer, unsigned int cpu)
{
        arm(timer, timer->expires, cpu, true);
}

/* A CPU that the task leaves before the timer is in is as good as any: it takes ticks. */
void add_timer(struct timer_list *timer)
{
        arm(timer, timer->expires, smp_processor_id(), true);
}

bool mod_timer(struct timer_list *timer, unsigned long expires)
{
        return arm(timer, expires, smp_processor_id(), false);
}

bool del_timer(struct timer_list *timer)
{
        unsigned long flags;
        struct timer_base *base = lock_base(timer, &flags);
        bool was_pending = detach_locked(base, timer);

        unlock_base(base, flags);
        return was_pending;
}

int try_to_del_timer_sync(struct timer_list *timer)
{
        unsigned long flags;
        struct timer_base *base = lock_base(timer, &flags);
        int result = base->running == timer ? -1 : detach_locked(base, timer);

        unlock_base(base, flags);
        return result;
}

/* Whether this is the timer's function, or what it called. */
static bool is_in_function_of(const struct timer_list *timer)
{
        return in_serving_softirq() && READ_ONCE(this_cpu_ptr(&timer_base)->running) == timer;
}

bool del_timer_sync(struct timer_list *timer)
{
        int result;

        BUG_ON(in_hardirq(), "timer %p deleted for good in an interrupt handler", (void *)timer);
        BUG_ON(is_in_function_of(timer), "timer %p waits for itself", (void *)timer);
        while ((result = try_to_del_timer_sync(timer)) < 0)
                smp_relax();
        return result;
}

/* Where the next report goes. */
struct report_room {
        struct timer_report *next;
        unsigned int left;
};

/* Copy what is known of one timer, if there is room. */
static void report_one(const struct wheel_node *node, void *context)
{
        const struct timer_list *timer = container_of(node, const struct timer_list, node);
        struct report_room *room = context;

        if (!room->left)
                return;
        *room->next++ = (struct timer_report){
                .timer = timer,
                .expires = timer->expires,
                .function = timer->function,
                .data = timer->data,
        };
        room->left--;
}

unsigned int timers_report(unsigned int cpu, struct timer_report *reports, unsigned int room)
{
        struct timer_base *base = per_cpu_ptr(&timer_base, cpu);
        struct report_room rest = { .next = reports, .left = room };
        unsigned long flags = spin_lock_irqsave(&base->lock);
        unsigned int count = base->wheel.count;

        wheel_for_each(&base->wheel, report_one, &rest);
        spin_unlock_irqrestore(&base->lock, flags);
        return count;
}

/* TIMER-1 for one timer of the wheel of a CPU. */
static void check_one(const struct wheel_node *node, void *context)
{
        const struct timer_list *timer = container_of(node, const struct timer_list, node);
        unsigned int cpu = *(const unsigned int *)context;

        CHECK_INVARIANT(TIMER-1, timer->cpu == cpu && timer->function,
                        "timer %p of CPU %u in the wheel of %u", (const void *)timer, timer->cpu,
                        cpu);
}

void timer_check(void)
{
        unsigned int cpu;

        for_each_possible_cpu(cpu) {
                struct timer_base *base = per_cpu_ptr(&timer_base, cpu);
                unsigned long flags = spin_lock_irqsave(&base->lock);

                wheel_check(&base->wheel);
                wheel_for_each(&base->wheel, check_one, &cpu);
                spin_unlock_irqrestore(&base->lock, flags);
        }
}
