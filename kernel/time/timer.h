/*
 * timer.h - call a function when a moment has come.
 *
 *      static void give_up(unsigned long data);
 *
 *      setup_timer(&request->timer, give_up, (unsigned long)request);
 *      mod_timer(&request->timer, jiffies + 2 * HZ);
 *      …
 *      del_timer_sync(&request->timer);        give_up() neither runs now nor will
 *
 * The function is called once, on the CPU on which the timer was added, as a softirq with
 * interrupts on: it may not sleep. It is called not before jiffies has reached expires, and at the
 * next tick when that lies in the past. expires may lie up to 2^31 - 1 ticks ahead. The function
 * may add the timer again, delete it, or free the memory that it lies in.
 *
 * Names and meanings are Linux's.
 *
 * Source: LDD3, chapter 7, "The Timer API"; LKD, chapter 11, "Timers".
 */
#pragma once

#include "kernel/cpu/nr_cpus.h"
#include "kernel/time/jiffies.h"
#include "kernel/time/wheel.h"

/* The fields of a timer that waits belong to its CPU's wheel: change them with mod_timer(). */
struct timer_list {
        struct wheel_node node;         /* [t] the lock of the wheel of cpu */
        unsigned long expires;          /* [t] while it waits, its owner's else */
        void (*function)(unsigned long data);
        unsigned long data;
        unsigned int cpu;               /* [t] of that CPU, and of the next one when it changes */
};

#define TIMER_INITIALIZER(timer_function, timer_expires, timer_data)    \
        { .expires = (timer_expires), .function = (timer_function), .data = (timer_data) }
#define DEFINE_TIMER(name, timer_function, timer_expires, timer_data)   \
        struct timer_list name = TIMER_INITIALIZER(timer_function, timer_expires, timer_data)

/* timers_init - let TIMER_SOFTIRQ run the timers. Context: boot. */
void timers_init(void);

/*
 * init_timer - make a timer of any memory; function, data and expires are set afterwards.
 * setup_timer - the same, and set two of them. A timer that waits must not be initialised.
 */
void init_timer(struct timer_list *timer);
void setup_timer(struct timer_list *timer, void (*function)(unsigned long data),
                 unsigned long data);

/*
 * add_timer - let a timer, which does not wait, expire at timer->expires.
 * add_timer_on - the same on another CPU, one that takes ticks.
 *
 * Context: any. Adding a timer that waits, or one without function, panics.
 */
void add_timer(struct timer_list *timer);
void add_timer_on(struct timer_list *timer, unsigned int cpu);

/*
 * mod_timer - let a timer expire at another moment, on this CPU, whether it waits or not. A timer
 * whose function runs on another CPU stays with that one, so that the two cannot meet.
 *
 * Context: any. Returns: whether it did wait. Of several callers at once, one is the last.
 */
bool mod_timer(struct timer_list *timer, unsigned long expires);

/*
 * del_timer - let a timer not expire. Its function may run at this moment on another CPU, and may
 * add the timer anew.
 *
 * Context: any. Returns: whether it did wait.
 */
bool del_timer(struct timer_list *timer);

/*
 * try_to_del_timer_sync - del_timer(), unless the function runs on some CPU.
 *
 * Context: any. Returns: whether it did wait; -1 when the function runs and nothing was done.
 */
int try_to_del_timer_sync(struct timer_list *timer);

/*
 * del_timer_sync - del_timer(), and wait until the function does not run anywhere. The caller
 * makes sure that nobody but the function itself adds the timer anew.
 *
 * Context: task or softirq, not with a lock that the function takes, and not in the function
 * itself, which panics. Returns: whether it did wait.
 */
bool del_timer_sync(struct timer_list *timer);

/* timer_pending - whether a timer waits. Context: any; the answer may be old. */
static inline bool timer_pending(const struct timer_list *timer)
{
        return wheel_holds(&timer->node);
}

/*
 * timer_tick - jiffies may have changed: raise TIMER_SOFTIRQ if a timer of this CPU is due.
 * Context: the tick's handler, interrupts off.
 */
void timer_tick(void);

/* What timers_report() says about a timer; copies, since the timer may be gone. */
struct timer_report {
        const struct timer_list *timer;
        unsigned long expires;
        void (*function)(unsigned long data);
        unsigned long data;
};

/*
 * timers_report - copy what is known of the timers that wait on a CPU, in no order.
 *
 * Context: any. Returns: how many timers wait, which may be more than there is room for.
 */
unsigned int timers_report(unsigned int cpu, struct timer_report *reports, unsigned int room);

/* timer_check - TIMER-1, TIMER-2 and the wheels' own, for all CPUs. Context: any. */
void timer_check(void);
