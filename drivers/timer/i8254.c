/*
 * i8254.c - channel 0 makes ticks; channel 2, whose output only the loudspeaker would use, measures
 * times. Bit 0 of port 0x61 lets channel 2 count, bit 1 would make it heard, bit 5 is its output.
 */
#include "drivers/timer/i8254.h"

#include "kernel/cpu/io.h"
#include "lib/assert.h"
#include "lib/bits.h"

#define CHANNEL_0 0x40
#define CHANNEL_2 0x42
#define COMMAND 0x43
#define SYSTEM_PORT 0x61

#define COMMAND_CHANNEL_0_RATE 0x34             /* mode 2: one pulse each time around */
#define COMMAND_CHANNEL_0_ONCE 0x30             /* mode 0: waits for a count that never comes */
#define COMMAND_CHANNEL_2_ONCE 0xB0             /* mode 0: output low until the count is 0 */

#define SYSTEM_GATE_2 BIT(0)
#define SYSTEM_SPEAKER BIT(1)
#define SYSTEM_OUTPUT_2 BIT(5)
#define SYSTEM_WRITABLE 0x0Fu

#define TICK_HZ_LEAST 19u
#define TICK_HZ_MOST 100000u
#define WAIT_TICKS_MOST 65535u

/* Give a channel its count, low byte first. */
static void write_count(u16 channel, unsigned int count)
{
        out8(channel, (u8)count);
        out8(channel, (u8)(count >> 8));
}

void i8254_tick_start(unsigned int hz)
{
        BUG_ON(hz < TICK_HZ_LEAST || hz > TICK_HZ_MOST, "hz=%u", hz);
        out8(COMMAND, COMMAND_CHANNEL_0_RATE);
        write_count(CHANNEL_0, (I8254_HZ + hz / 2) / hz);
}

void i8254_tick_stop(void)
{
        out8(COMMAND, COMMAND_CHANNEL_0_ONCE);
}

void i8254_wait_begin(unsigned int ticks)
{
        BUG_ON(ticks < 1 || ticks > WAIT_TICKS_MOST, "ticks=%u", ticks);
        u8 system = in8(SYSTEM_PORT) & SYSTEM_WRITABLE;

        out8(SYSTEM_PORT, (u8)((system & ~SYSTEM_SPEAKER) | SYSTEM_GATE_2));
        out8(COMMAND, COMMAND_CHANNEL_2_ONCE);
        write_count(CHANNEL_2, ticks);
}

bool i8254_wait_is_over(void)
{
        return in8(SYSTEM_PORT) & SYSTEM_OUTPUT_2;
}
