/*
 * delay.c - spins until the time-stamp counter has come far enough. The rate is measured, so it may
 * be a little too low; the delays count with one that is 1/256 higher, to be never too short.
 */
#include "kernel/cpu/delay.h"

#include "kernel/cpu/smp.h"
#include "kernel/cpu/timestamp.h"

#define UNKNOWN_KHZ 10000000ull                 /* 10 GHz */
#define NANOSECONDS_PER_MILLISECOND 1000000u
#define MICROSECONDS_PER_MILLISECOND 1000u
#define MARGIN_SHIFT 8

static u64 rate_hz;
static u64 delay_khz = UNKNOWN_KHZ;             /* with the margin */

void delay_set_rate(u64 hz)
{
        rate_hz = hz;
        delay_khz = hz ? (hz + (hz >> MARGIN_SHIFT)) / 1000 + 1 : UNKNOWN_KHZ;
}

u64 delay_rate(void)
{
        return rate_hz;
}

/* Spin until the counter has made a number of steps. */
static void spin(u64 steps)
{
        u64 start = timestamp_read();

        while (timestamp_read() - start < steps)
                cpu_relax();
}

void ndelay(unsigned long nanoseconds)
{
        spin(nanoseconds * delay_khz / NANOSECONDS_PER_MILLISECOND + 1);
}

void udelay(unsigned long microseconds)
{
        spin(microseconds * delay_khz / MICROSECONDS_PER_MILLISECOND + 1);
}

void mdelay(unsigned long milliseconds)
{
        spin(milliseconds * delay_khz);
}
