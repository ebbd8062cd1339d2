/* stop.c - the other CPUs of the simulated machine stand still anyway. */
#include "kernel/cpu/stop.h"

#include "kernel/cpu/irqflags.h"

void stop_machine(void (*call)(void *argument), void *argument)
{
        unsigned long flags = local_irq_save();

        call(argument);
        local_irq_restore(flags);
}
