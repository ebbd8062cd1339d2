/* time.h - ticks on the simulated CPUs. */
#pragma once

/* host_take_ticks - let this CPU take so many ticks, and run what they raise. */
void host_take_ticks(unsigned int count);

/* host_scheduler_ticks - how often the scheduler has been asked in this test. */
unsigned int host_scheduler_ticks(void);

/* host_softirq_wake_ups - how often a thread has been asked to run softirqs in this test. */
unsigned int host_softirq_wake_ups(void);
