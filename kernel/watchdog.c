/*
 * Watchdog
 *
 * Idea        Every CPU watches the next one, in a ring: at each of its own ticks it looks whether
 *             the other's count of ticks has changed. A CPU that loops with interrupts off takes
 *             none, and cannot report itself; its watcher can, and lets it say by an NMI where it
 *             is.
 *
 * Picture     CPU 0 --watches--> CPU 1 --watches--> CPU 3 --watches--> CPU 0      (2 is not online)
 *
 * Data        watches, one for each CPU: whom it watches, the count it saw last, and since when.
 *
 * Locking     Each CPU touches its own watch, in its tick. The other's count is one word.
 *
 * Cost        A few instructions a tick.
 *
 * Failure     Of several CPUs in a row that hang, the first is reported: its watcher is well. When
 *             all hang, or there is only one, nobody is left to say so.
 *
 * Reading     docs/07-smp.md.
 */
#include "kernel/watchdog.h"

#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/smp.h"
#include "kernel/nmi.h"
#include "kernel/options.h"
#include "kernel/time/tick.h"
#include "lib/panic.h"

/* What a CPU knows of the one that it watches. */
struct watch {
        unsigned int cpu;
        unsigned long seen_count;       /* the other's ticks when they last changed */
        unsigned long seen_at;          /* the own ticks then */
        bool is_reported;
};

static DEFINE_PER_CPU(struct watch, watch);

/* The next online CPU, or the only one. */
static unsigned int next_cpu(unsigned int cpu)
{
        unsigned int next = cpumask_next((int)cpu, cpu_online_mask);

        return next < NR_CPUS ? next : cpumask_first(cpu_online_mask);
}

/* Say that a CPU hangs, and where. */
static void report(unsigned int cpu)
{
        bug_report("watchdog", "CPU %u takes no ticks for %u s", cpu, options.watchdog_seconds);
        if (!nmi_freeze(cpu)) {
                printk("CPU %u does not answer\n", cpu);
                return;
        }
        nmi_print(cpu);
        nmi_release(cpu);
}

void watchdog_tick(void)
{
        struct watch *own = this_cpu_ptr(&watch);
        unsigned int self = smp_processor_id();
        unsigned int cpu = next_cpu(self);
        unsigned long ticks = this_cpu_read(tick_count);
        unsigned long other_ticks = READ_ONCE(per_cpu(tick_count, cpu));

        if (cpu == self || !options.watchdog_seconds)
                return;
        if (cpu != own->cpu || other_ticks != own->seen_count) {
                *own = (struct watch){ .cpu = cpu, .seen_count = other_ticks, .seen_at = ticks };
        } else if (!own->is_reported &&
                   ticks - own->seen_at >= (unsigned long)options.watchdog_seconds * tick_hz()) {
                own->is_reported = true;
                report(cpu);
        }
}
