/*
 * Calibration
 *
 * Idea        Let channel 2 of the i8254 count 5 ms, and see how far another counter comes. The
 *             counter is read before and after each access, so that it is known how far off the
 *             result can be.
 *
 * Picture     counter read:   a   b      …      c              d
 *             i8254:            set                 not over  over
 *                               |<---------- 5 ms ------->|
 *
 *             The wait began between a and b, and ended between c and d. So the counter made at
 *             least c - b steps meanwhile, and at most d - a. The difference is the doubt.
 *
 * Failure     An emulator may be held up at any moment, firmware may take the CPU away, a counter
 *             may go in leaps: then the doubt is great. A result is believed at once when its doubt
 *             is below 1/512. Else more are made, longer ones too, on which a hold-up weighs less;
 *             the one with the least doubt is taken, if that is below 1/4. A counter that keeps
 *             standing still or running back is given up, and so is a wait that does not end
 *             within a bounded number of polls.
 *
 * Cost        Reading a port takes about a microsecond, which makes a doubt of 1/2500.
 *
 * Reading     Intel 8254 data sheet, mode 0.
 */
#include "drivers/timer/calibrate.h"

#include "drivers/timer/i8254.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"

#define SHORT_TICKS (I8254_HZ / 200)
#define LONG_TICKS (I8254_HZ / 20)
#define SHORT_COUNT 10u
#define LONG_COUNT 10u
#define POLLS_MOST_PER_TICK 200u
#define BAD_COUNT_MOST 3u
#define DOUBT_GOOD_SHIFT 9
#define DOUBT_MOST_SHIFT 2

enum outcome {
        MEASURED,
        NO_END,                         /* channel 2 goes on for ever */
        NO_COUNTER,                     /* the counter does not count up */
};

struct measurement {
        unsigned int ticks;             /* of the i8254 */
        u64 least;                      /* steps that the counter made meanwhile, at least */
        u64 most;
};

/*
 * Wait for the end, and note between which values of the counter it came. When it is over at once,
 * *before_end stays as it is. Returns: false when the end does not come.
 */
static bool wait_for_end(u64 (*read)(void), unsigned int polls_most, u64 *before_end,
                         u64 *after_end)
{
        u64 now = read();

        for (unsigned int polls = 0; polls < polls_most; polls++) {
                bool is_over = i8254_wait_is_over();

                if (is_over) {
                        *after_end = read();
                        return true;
                }
                *before_end = now;
                cpu_relax();
                now = read();
        }
        return false;
}

/* Measure once. */
static enum outcome measure(u64 (*read)(void), unsigned int ticks, struct measurement *result)
{
        unsigned long flags = local_irq_save();
        u64 before_begin = read();
        u64 after_end = 0;

        i8254_wait_begin(ticks);
        u64 after_begin = read();
        u64 before_end = after_begin;
        bool has_end = wait_for_end(read, ticks * POLLS_MOST_PER_TICK, &before_end, &after_end);

        local_irq_restore(flags);
        result->ticks = ticks;
        result->least = before_end - after_begin;
        result->most = after_end - before_begin;
        if (!has_end)
                return NO_END;
        return before_end >= after_begin && after_end > before_begin ? MEASURED : NO_COUNTER;
}

/* How far off a measurement can be. */
static u64 doubt_of(const struct measurement *measurement)
{
        return measurement->most - measurement->least;
}

/* Whether the doubt is less than a share of the whole, a power of two. */
static bool is_within(const struct measurement *measurement, unsigned int share_shift)
{
        return doubt_of(measurement) < measurement->most >> share_shift;
}

/* Whether one measurement is more certain than the other. */
static bool is_better(const struct measurement *one, const struct measurement *other)
{
        return doubt_of(one) * other->ticks < doubt_of(other) * one->ticks;
}

u64 calibrate_rate(u64 (*read)(void))
{
        struct measurement best = { 0 };
        unsigned int bad_count = 0;

        for (unsigned int count = 0; count < SHORT_COUNT + LONG_COUNT; count++) {
                struct measurement next;

                enum outcome outcome = measure(read, count < SHORT_COUNT ? SHORT_TICKS : LONG_TICKS,
                                               &next);

                if (outcome == NO_END || (outcome == NO_COUNTER && ++bad_count == BAD_COUNT_MOST))
                        return 0;
                if (outcome == NO_COUNTER)
                        continue;
                if (!best.ticks || is_better(&next, &best))
                        best = next;
                if (is_within(&best, DOUBT_GOOD_SHIFT))
                        break;
        }
        if (!is_within(&best, DOUBT_MOST_SHIFT))
                return 0;
        return (best.least + best.most) / 2 * I8254_HZ / best.ticks;
}
