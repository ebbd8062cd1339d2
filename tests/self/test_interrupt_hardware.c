/* test_interrupt_hardware.c - interrupt controllers, timers and delays, by what they really do. */
#include "drivers/firmware/topology.h"
#include "drivers/irq/ioapic.h"
#include "drivers/irq/local_apic.h"
#include "drivers/irq/local_apic_timer.h"
#include "drivers/timer/calibrate.h"
#include "drivers/timer/i8254.h"
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/delay.h"
#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/timestamp.h"
#include "kernel/cpu/trap.h"
#include "kernel/interrupt_setup.h"
#include "lib/bits.h"
#include "lib/test.h"

#define TICK_LINE 0u
#define TICK_HZ 1000u
#define TICKS_WANTED 10u
#define WAIT_MILLISECONDS_MOST 2000u
#define ATTEMPTS 10u
#define ATTEMPTS_MOST 20u              /* an emulator that is held up spoils a few */
#define LOCAL_TICK_HZ 100u
#define LOCAL_TICKS 5u
#define UNUSED_VECTOR 0xE1

static unsigned long seen_count;

/* The handler of a line, which counts itself. */
static void count_line(unsigned int irq __unused, void *context)
{
        ++*(volatile unsigned long *)context;
}

/* The handler of a vector of the local APIC, which counts itself. */
static bool count_vector(struct trap_frame *frame __unused)
{
        WRITE_ONCE(seen_count, seen_count + 1);
        local_apic_end();
        return true;
}

/* Wait until a counter has reached a number. Returns: false when it takes too long. */
static bool wait_for(const unsigned long *counter, unsigned long number)
{
        for (unsigned int time = 0; time < WAIT_MILLISECONDS_MOST; time++) {
                if (READ_ONCE(*counter) >= number)
                        return true;
                mdelay(1);
        }
        return false;
}

/* Whether channel 2 of the i8254, started first, has counted so many microseconds after wait(). */
static bool lasts(void (*wait)(unsigned long), unsigned long argument, unsigned int microseconds)
{
        unsigned long flags = local_irq_save();
        bool is_over;

        i8254_wait_begin((unsigned int)((u64)microseconds * I8254_HZ / 1000000) - 1);
        wait(argument);
        is_over = i8254_wait_is_over();
        local_irq_restore(flags);
        return is_over;
}

TEST(interrupt_hardware, delays_are_never_too_short)
{
        for (unsigned int attempt = 0; attempt < ATTEMPTS; attempt++) {
                EXPECT(lasts(ndelay, 50000, 50));
                EXPECT(lasts(udelay, 20, 20));
                EXPECT(lasts(udelay, 200, 200));
                EXPECT(lasts(udelay, 3000, 3000));
                EXPECT(lasts(mdelay, 2, 2000));
        }
}

TEST(interrupt_hardware, delays_are_not_much_too_long)
{
        bool is_good = false;

        for (unsigned int attempt = 0; attempt < ATTEMPTS_MOST && !is_good; attempt++)
                is_good = !lasts(mdelay, 20, 30000);
        EXPECT(is_good);
}

TEST(interrupt_hardware, delays_before_calibration_are_too_long)
{
        u64 hz = delay_rate();

        delay_set_rate(0);
        EXPECT(lasts(udelay, 100, 100));
        EXPECT_EQ(delay_rate(), 0);
        delay_set_rate(hz);
        EXPECT_EQ(delay_rate(), hz);
}

static u64 step_count;

/* A counter that stands still. */
static u64 read_nothing(void)
{
        return 7;
}

/* A counter that goes to and fro. */
static u64 read_erratic(void)
{
        step_count ^= 0x5555555;
        return step_count;
}

TEST(interrupt_hardware, calibration_agrees_with_itself_and_refuses_nonsense)
{
        u64 hz = calibrate_rate(timestamp_read);
        u64 difference = hz > delay_rate() ? hz - delay_rate() : delay_rate() - hz;

        if (hz && delay_rate() && difference > hz / 4)
                test_fail(test, __FILE__, __LINE__, "%llu Hz, and %llu Hz at boot",
                          (unsigned long long)hz, (unsigned long long)delay_rate());
        EXPECT_EQ(calibrate_rate(read_nothing), 0);
        step_count = 0;
        EXPECT_EQ(calibrate_rate(read_erratic), 0);
}

/* The lines that this machine's chip has. IOAPIC-1 and IOAPIC-2 hold with one of them open. */
TEST(interrupt_hardware, line_0_ticks_wherever_it_is_wired)
{
        unsigned long count = irq_count(TICK_LINE);
        unsigned long seen = 0;

        if (!irq_register(TICK_LINE, count_line, &seen))
                SKIP("line 0 belongs to a driver");
        ioapic_check();
        i8254_tick_start(TICK_HZ);
        EXPECT(wait_for(&seen, TICKS_WANTED));
        EXPECT(!irq_register(TICK_LINE, count_line, &seen));
        irq_unregister(TICK_LINE);
        seen = 0;
        unsigned long spurious = irq_spurious_count();
        mdelay(10);
        i8254_tick_stop();
        EXPECT_EQ(seen, 0);
        EXPECT(irq_spurious_count() <= spurious + 1);
        EXPECT(irq_count(TICK_LINE) >= count + TICKS_WANTED);
        ioapic_check();
}

/* IRQ-1, IRQ-2: a closed line has no handler, and can be had again. */
TEST(interrupt_hardware, lines_open_and_close)
{
        unsigned long seen = 0;

        if (!irq_register(TICK_LINE, count_line, &seen))
                SKIP("line 0 belongs to a driver");
        EXPECT(irq_describe(TICK_LINE).handler == count_line);
        irq_unregister(TICK_LINE);
        EXPECT(irq_describe(TICK_LINE).handler == NULL);
        irq_unregister(TICK_LINE);
        EXPECT(irq_register(TICK_LINE, count_line, &seen));
        irq_unregister(TICK_LINE);
}

TEST(interrupt_hardware, lines_that_lead_nowhere_cannot_be_had)
{
        unsigned int found_count = 0;

        for (unsigned int irq = 0; irq < IRQ_COUNT; irq++) {
                if (irq_describe(irq).exists) {
                        found_count++;
                        continue;
                }
                EXPECT(!irq_register(irq, count_line, NULL));
                EXPECT(!irq_set_affinity(irq, 0));
        }
        EXPECT(found_count >= IRQ_ISA_COUNT - 1);
        EXPECT_EQ(interrupt_hardware.has_ioapic, irq_set_affinity(TICK_LINE, 0));
        for (unsigned int cpu = 1; cpu <= NR_CPUS; cpu++)
                if (!cpu_online(cpu))
                        EXPECT(!irq_set_affinity(TICK_LINE, cpu));
}

TEST(interrupt_hardware, spurious_vectors_are_counted)
{
        unsigned long count = irq_spurious_count();

        if (!interrupt_hardware.has_local_apic)
                SKIP("there is no local APIC");
        __asm__ volatile("int %0" : : "i"(VECTOR_SPURIOUS) : "memory");
        EXPECT_EQ(irq_spurious_count(), count + 1);
}

TEST(interrupt_hardware, errors_of_the_local_apic_are_counted)
{
        unsigned long count = local_apic_error_count();

        if (!interrupt_hardware.has_local_apic)
                SKIP("there is no local APIC");
        __asm__ volatile("int %0" : : "i"(VECTOR_APIC_ERROR) : "memory");
        EXPECT_EQ(local_apic_error_count(), count + 1);
}

TEST(interrupt_hardware, cpu_interrupts_itself)
{
        trap_handler_t previous;

        if (!interrupt_hardware.has_local_apic)
                SKIP("there is no local APIC");
        previous = trap_set_handler(UNUSED_VECTOR, count_vector);
        seen_count = 0;
        unsigned long flags = local_irq_save();
        EXPECT_EQ(local_apic_id(), cpu_topology.apic_ids[smp_processor_id()]);
        EXPECT(local_apic_send(local_apic_id(), UNUSED_VECTOR));
        EXPECT_EQ(seen_count, 0);
        local_irq_enable();
        EXPECT(wait_for(&seen_count, 1));
        local_irq_restore(flags);
        EXPECT(!local_apic_in_service(UNUSED_VECTOR));
        trap_set_handler(UNUSED_VECTOR, previous);
        EXPECT_EQ(seen_count, 1);
}

/* How many microseconds pass until the local APIC's timer has interrupted often enough; or 0. */
static u64 time_of_ticks(void)
{
        u64 start = timestamp_read();
        bool is_done;

        seen_count = 0;
        local_apic_timer_start(LOCAL_TICK_HZ);
        is_done = wait_for(&seen_count, LOCAL_TICKS);
        local_apic_timer_stop();
        return is_done ? (timestamp_read() - start) * 1000 / (delay_rate() / 1000) : 0;
}

/* No tick comes before its time; by how much they may be late is up to the emulator. */
TEST(interrupt_hardware, local_timer_ticks_at_the_rate_that_was_asked_for)
{
        const u64 expected = LOCAL_TICKS * 1000000ull / LOCAL_TICK_HZ;
        trap_handler_t previous;
        u64 least = UINT64_MAX;

        if (!interrupt_hardware.has_local_timer || !delay_rate())
                SKIP("there is no local APIC, or no clock to hold it against");
        previous = trap_set_handler(VECTOR_TIMER, count_vector);
        if (previous) {
                trap_set_handler(VECTOR_TIMER, previous);
                SKIP("the tick has the timer");
        }
        for (unsigned int attempt = 0; attempt < ATTEMPTS && least > 2 * expected; attempt++)
                least = min(least, time_of_ticks());
        EXPECT(least >= expected - expected / 16);
        if (least > 4 * expected)
                test_fail(test, __FILE__, __LINE__, "%u ticks take at least %llu us",
                          LOCAL_TICKS, (unsigned long long)least);
        udelay(1);
        seen_count = 0;
        mdelay(5);
        EXPECT_EQ(seen_count, 0);
        trap_set_handler(VECTOR_TIMER, NULL);
}
