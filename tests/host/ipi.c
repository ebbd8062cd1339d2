/*
 * ipi.c - the CPUs of the simulated machine take turns, so that a call to another one is made by
 * being that one for a moment. All of them are online.
 */
#include "kernel/cpu/ipi.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/paging.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/tlb.h"
#include "lib/assert.h"
#include "tests/host/mmu.h"

struct cpumask cpu_online_bits = { { BIT(NR_CPUS) - 1 } };

/* Be another CPU, in an interrupt handler, for the time of a call. */
static void call_as(unsigned int cpu, smp_call_func_t call, void *argument)
{
        unsigned int caller = host_cpu;

        host_cpu = cpu;
        unsigned long flags = local_irq_save();
        call(argument);
        local_irq_restore(flags);
        host_cpu = caller;
}

bool smp_call_function_single(unsigned int cpu, smp_call_func_t call, void *argument,
                              bool wait __unused)
{
        if (!cpu_online(cpu))
                return false;
        call_as(cpu, call, argument);
        return true;
}

void smp_call_function_many(const struct cpumask *mask, smp_call_func_t call, void *argument,
                            bool wait __unused)
{
        unsigned int cpu;

        for_each_cpu(cpu, mask)
                if (cpu != host_cpu && cpu_online(cpu))
                        call_as(cpu, call, argument);
}

void smp_call_function(smp_call_func_t call, void *argument, bool wait)
{
        smp_call_function_many(cpu_online_mask, call, argument, wait);
}

void on_each_cpu(smp_call_func_t call, void *argument, bool wait)
{
        BUG_ON(irqs_disabled(), "CPU %u", host_cpu);
        smp_call_function(call, argument, wait);
        call_as(host_cpu, call, argument);
}

void smp_poll(void)
{
}

/* The emulated MMU has one translation cache, which all CPUs share. */
void tlb_flush_all_local(void)
{
        page_tables_load(mmu_tables());
}

void tlb_batch_flush(struct tlb_batch *batch)
{
        if (batch->is_whole)
                tlb_flush_all_local();
        for (unsigned int index = 0; index < batch->range_count && !batch->is_whole; index++)
                for (unsigned long page = batch->ranges[index].start;
                     page != batch->ranges[index].end; page += PAGE_SIZE)
                        tlb_flush_page(page);
        tlb_batch_init(batch);
}
