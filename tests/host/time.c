/* time.c - ticks on the simulated CPUs. There is no scheduler, and no thread to run softirqs. */
#include "tests/host/time.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/softirq.h"
#include "kernel/time/tick.h"

static unsigned int scheduler_tick_count, wake_up_count;

void host_take_ticks(unsigned int count)
{
        while (count--) {
                unsigned long flags = local_irq_save();

                irq_enter();
                tick_handle();
                irq_exit();
                local_irq_restore(flags);
        }
}

void scheduler_tick(void)
{
        scheduler_tick_count++;
}

void softirq_wake_thread(void)
{
        wake_up_count++;
}

unsigned int host_scheduler_ticks(void)
{
        return scheduler_tick_count;
}

unsigned int host_softirq_wake_ups(void)
{
        return wake_up_count;
}
