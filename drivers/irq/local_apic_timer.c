/* local_apic_timer.c - counts down from a number that is set, by a clock whose rate is measured. */
#include "drivers/irq/local_apic_timer.h"

#include "drivers/irq/local_apic_registers.h"
#include "drivers/timer/calibrate.h"
#include "kernel/cpu/vectors.h"
#include "lib/assert.h"

#define COUNT_MOST 0xFFFFFFFFu
#define RATE_LEAST 100000u                      /* slower than any that ticks could be made of */

static u64 rate_hz;

/* How many counts have gone by since the timer was started from COUNT_MOST. */
static u64 read_elapsed(void)
{
        return COUNT_MOST - apic_read(APIC_TIMER_CURRENT);
}

u64 local_apic_timer_calibrate(void)
{
        u64 rate;

        apic_write(APIC_TIMER_DIVIDER, APIC_DIVIDE_BY_16);
        apic_write(APIC_ENTRY_TIMER, APIC_ENTRY_MASKED | VECTOR_TIMER);
        apic_write(APIC_TIMER_INITIAL, COUNT_MOST);
        rate = calibrate_rate(read_elapsed);
        local_apic_timer_stop();
        rate_hz = rate >= RATE_LEAST ? rate : 0;
        return rate_hz;
}

void local_apic_timer_start(unsigned int hz)
{
        BUG_ON(!hz || rate_hz <= hz, "hz=%u", hz);
        u64 count = (rate_hz + hz / 2) / hz;

        apic_write(APIC_TIMER_DIVIDER, APIC_DIVIDE_BY_16);
        apic_write(APIC_ENTRY_TIMER, APIC_ENTRY_PERIODIC | VECTOR_TIMER);
        apic_write(APIC_TIMER_INITIAL, count < COUNT_MOST ? (u32)count : COUNT_MOST);
}

void local_apic_timer_stop(void)
{
        apic_write(APIC_ENTRY_TIMER, APIC_ENTRY_MASKED | VECTOR_TIMER);
        apic_write(APIC_TIMER_INITIAL, 0);
}
