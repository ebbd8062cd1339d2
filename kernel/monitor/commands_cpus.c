/* commands_cpus.c - the monitor about the CPUs. */
#include "drivers/firmware/topology.h"
#include "kernel/cpu/cpumask.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/ipi.h"
#include "kernel/monitor/arguments.h"
#include "kernel/monitor/command.h"
#include "kernel/smp_start.h"
#include "kernel/task/sched.h"
#include "kernel/time/sleep.h"
#include "kernel/time/tick.h"
#include "lib/panic.h"
#include "lib/string.h"

#define VIRTUAL_BITS 32u
#define FLAG_COUNT 32u
#define WAIT_MS_MOST 60000u

/* Print the line of a CPU that runs. */
static void print_online(unsigned int cpu)
{
        const struct ipi_counts *counts = &per_cpu(ipi_counts, cpu);

        printk("%3u %4u  %-15s %9lu %8lu %8lu %8lu %8lu %8lu %8lu\n", cpu,
               cpu_topology.apic_ids[cpu], task_name(run_queue_report(cpu).running),
               READ_ONCE(per_cpu(tick_count, cpu)), counts->reschedules, counts->call_interrupts,
               counts->calls, counts->tlb_interrupts, counts->tlb_requests, counts->tlb_whole);
}

MONITOR_COMMAND(cpus, "", "each CPU: state, task, ticks, and what others asked of it")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        printk("CPU APIC  task                ticks  resched    calls      run      tlb"
               "   served    whole\n");
        for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
                if (cpu_online(cpu))
                        print_online(cpu);
                else
                        printk("%3u %4u  %s\n", cpu, cpu_topology.apic_ids[cpu],
                               cpu_start_state_name(cpu_start_state(cpu)));
        }
        printk("%u of %u CPUs online, %u not used\n", num_online_cpus(),
               cpu_topology.cpu_count + cpu_topology.dropped_count,
               cpu_topology.cpu_count + cpu_topology.dropped_count - num_online_cpus());
        return MONITOR_OK;
}

/* Print the names of the CPU's features. */
static void print_flags(void)
{
        printk("flags\t\t:");
        for (unsigned int bit = 0; bit < FLAG_COUNT; bit++)
                if ((cpu_features.leaf1_edx >> bit & 1) && cpu_flag_name(bit))
                        printk(" %s", cpu_flag_name(bit));
        printk("%s\n", cpu_features.has_no_execute ? " nx" : "");
}

/* Print what is known of a CPU; all have the boot CPU's features, or they would not be used. */
static void print_cpu(unsigned int cpu)
{
        const char *brand = cpu_features.brand + strspn(cpu_features.brand, " ");

        printk("processor\t: %u\n", cpu);
        printk("vendor_id\t: %s\n", cpu_features.vendor);
        printk("cpu family\t: %u\n", cpu_features.family);
        printk("model\t\t: %u\n", cpu_features.model);
        printk("model name\t: %s\n", *brand ? brand : "unknown");
        printk("stepping\t: %u\n", cpu_features.stepping);
        printk("apicid\t\t: %u\n", cpu_topology.apic_ids[cpu]);
        print_flags();
        printk("address sizes\t: %u bits physical, %u bits virtual\n\n",
               cpu_features.physical_bits, VIRTUAL_BITS);
}

MONITOR_COMMAND(cpuinfo, "", "each CPU, as /proc/cpuinfo")
{
        unsigned int cpu;

        if (argument_count != 1)
                return MONITOR_USAGE;
        for_each_online_cpu(cpu)
                print_cpu(cpu);
        return MONITOR_OK;
}

MONITOR_COMMAND(wait, "MILLISECONDS", "do nothing for a while")
{
        u64 milliseconds;

        if (argument_count != 2)
                return MONITOR_USAGE;
        if (!argument_number(arguments[1], WAIT_MS_MOST, &milliseconds))
                return MONITOR_FAILED;
        msleep((unsigned int)milliseconds);
        return MONITOR_OK;
}
