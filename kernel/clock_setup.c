/* clock_setup.c - the local APIC's timer, or the i8254 that every PC has, becomes tick_handle(). */
#include "kernel/clock_setup.h"

#include "drivers/irq/local_apic.h"
#include "drivers/irq/local_apic_timer.h"
#include "drivers/timer/i8254.h"
#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/trap.h"
#include "kernel/cpu/vectors.h"
#include "kernel/interrupt_setup.h"
#include "kernel/options.h"
#include "kernel/sync/tasklet.h"
#include "kernel/time/tick.h"
#include "kernel/time/timer.h"
#include "lib/assert.h"

#define I8254_LINE 0u

/* The handler of VECTOR_TIMER. The APIC is told before irq_exit() takes interrupts again. */
static bool handle_local_timer(struct trap_frame *frame __unused)
{
        irq_enter();
        tick_handle();
        local_apic_end();
        irq_exit();
        return true;
}

/* The handler of the i8254's line. */
static void handle_i8254(unsigned int irq __unused, void *context __unused)
{
        tick_handle();
}

void clock_setup_cpu(void)
{
        local_apic_timer_start(tick_hz());
}

void clock_setup(void)
{
        tick_init(options.tick_hz);
        timers_init();
        tasklets_init();
        if (interrupt_hardware.has_local_timer) {
                trap_set_handler(VECTOR_TIMER, handle_local_timer);
                clock_setup_cpu();
                return;
        }
        BUG_ON(!irq_register(I8254_LINE, handle_i8254, NULL), "line %u", I8254_LINE);
        i8254_tick_start(tick_hz());
}
