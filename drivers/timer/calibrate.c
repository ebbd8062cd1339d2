/*
 * Calibration
 *
 * Idea        Let channel 2 of the i8254 count 2.5 ms, and see how far another counter comes.
 *
 * Failure     An emulator may be held up at any moment, firmware may take the CPU away: then the
 *             measurement is too long by any amount, or too short. Two in a row that agree to
 *             1/256 are believed, and their mean is the answer; else another one is made, up to
 *             ten in all. If channel 2 never ends, polling stops after a bounded number of reads.
 *
 * Cost        Reading a port takes about a microsecond, which is the error: 1/2500.
 *
 * Reading     Intel 8254 data sheet, mode 0.
 */
#include "drivers/timer/calibrate.h"

#include "drivers/timer/i8254.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"

#define WAIT_TICKS (I8254_HZ / 400)
#define POLLS_MOST 2000000u
#define MEASUREMENTS_MOST 10u
#define AGREE_SHIFT 8

/* Wait for the end of what channel 2 counts. Returns: false when it does not come. */
static bool wait_for_end(void)
{
        for (unsigned int polls = 0; polls < POLLS_MOST; polls++) {
                if (i8254_wait_is_over())
                        return polls != 0;
                cpu_relax();
        }
        return false;
}

/* How far the counter comes during one wait, or 0. */
static u64 measure(u64 (*read)(void))
{
        unsigned long flags = local_irq_save();

        i8254_wait_begin(WAIT_TICKS);
        u64 start = read();
        bool is_good = wait_for_end();
        u64 steps = read() - start;
        local_irq_restore(flags);
        return is_good ? steps : 0;
}

/* Whether two measurements are as good as the same. */
static bool agree(u64 one, u64 other)
{
        u64 difference = one > other ? one - other : other - one;

        return one && other && difference <= one >> AGREE_SHIFT;
}

u64 calibrate_rate(u64 (*read)(void))
{
        u64 previous = measure(read);

        for (unsigned int count = 1; count < MEASUREMENTS_MOST; count++) {
                u64 steps = measure(read);

                if (agree(previous, steps))
                        return (previous + steps) * I8254_HZ / (2 * WAIT_TICKS);
                if (!steps)
                        return 0;
                previous = steps;
        }
        return 0;
}
