/* schedule.c - which task runs. */
#include "kernel/cpu/preempt.h"

void preempt_schedule(void)
{
}
