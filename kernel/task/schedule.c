/* schedule.c - which task runs. */
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/preempt.h"

void preempt_schedule(void)
{
}

void scheduler_ipi(void)
{
}
