/*
 * The tick
 *
 * Idea        Each CPU's own timer interrupts it. That gives the scheduler its chance, and the
 *             first CPU's moves the clock on. How often it comes is an option: the more often,
 *             the more places at which a task can be replaced; under QEMU's -icount, the same ones
 *             in each run. Time does not depend on it.
 *
 * Picture     tick=300, HZ 100      CPU 0   |  |  |  |  |  |  |
 *                                   jiffies       +1       +1      every third
 *                                   CPU 1    |  |  |  |  |  |  |   looks what jiffies is
 *
 * Data        tick_count, one for each CPU; the part of a jiffy that has gone by, the first CPU's.
 *
 * Invariants  TICK-1  so many times tick_hz() ticks of the first CPU make so many times HZ
 *                     jiffies. (Guarded by tests/unit/test_tick.c.)
 *
 * Locking     None: interrupts are off, and jiffies has one writer.
 *
 * Cost        A look at the CPU's wheel, and the scheduler's part.
 *
 * Failure     Ticks that are lost, because interrupts were off for more than one, make jiffies late
 *             and timers with it, never early.
 *
 * Reading     LKD, chapter 11, "The Timer Interrupt Handler".
 */
#include "kernel/time/tick.h"

#include "kernel/cpu/smp.h"
#include "kernel/time/jiffies.h"
#include "kernel/time/timer.h"

DEFINE_PER_CPU(unsigned long, tick_count);

static unsigned int ticks_per_second = TICK_HZ_DEFAULT;
static unsigned int passed;                     /* of a jiffy, in parts of ticks_per_second */

void tick_init(unsigned int hz)
{
        BUG_ON(hz < TICK_HZ_LEAST || hz > TICK_HZ_MOST, "%u ticks a second", hz);
        ticks_per_second = hz;
        passed = 0;
}

unsigned int tick_hz(void)
{
        return ticks_per_second;
}

/* One tick more of the first CPU: none, one or several jiffies. */
static void advance_jiffies(void)
{
        passed += HZ;
        jiffies += passed / ticks_per_second;
        passed %= ticks_per_second;
}

void tick_handle(void)
{
        this_cpu_inc(tick_count);
        if (smp_processor_id() == 0)
                advance_jiffies();
        timer_tick();
        scheduler_tick();
}
