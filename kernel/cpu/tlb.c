/*
 * Translation caches of all CPUs
 *
 * Idea        Who changes page tables tells the other CPUs what to forget, and waits until they
 *             have. It waits with interrupts off and may hold locks, and so may they: so nothing
 *             here takes a lock, and whoever waits does meanwhile what others wait for.
 *
 * Picture     CPU 0 flushes                     CPU 2, at an interrupt or in smp_poll()
 *
 *             its slot: batch, waiting {1, 2}   takes its set of initiators {0}, leaves it empty
 *             CPU 1's initiators += 0           does what slot 0 says
 *             CPU 2's initiators += 0           leaves waiting of slot 0
 *             interrupts them
 *             until waiting is empty: smp_poll()
 *
 * Data        flush_slot of each CPU: what it wants the others to do, and who has not done it yet.
 *             tlb_initiators of each CPU: whose slots it has to look at.
 *
 * Invariants  TLB-1  the slot of a CPU changes only while its waiting is empty.
 *             TLB-2  a CPU in waiting of slot i has i among its initiators, or is at work on it.
 *             TLB-3  whoever makes a word of initiators non-empty interrupts the CPU.
 *             (Guarded by the tests of the suite smp_tlb.)
 *
 * Locking     None. A slot belongs to its CPU, which keeps interrupts off while it is in use. The
 *             sets are changed by atomic operations, each of which is a full barrier: entries are
 *             written before a request is seen, and forgotten before it is answered.
 *
 * Failure     A CPU that does not answer is named in a message, and waited for all the same: to go
 *             on would hand out a page that it can still write to. In a panic nobody is waited for.
 *
 * Reading     Intel SDM volume 3A, section 4.10.5. docs/07-smp.md.
 */
#include "kernel/cpu/tlb.h"

#include "kernel/cpu/address.h"
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/paging.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/spin_watch.h"
#include "kernel/cpu/trap.h"
#include "kernel/cpu/vectors.h"

#define CR4_GLOBAL_PAGES (1ul << 7)

/* What a CPU wants of the others. */
struct flush_slot {
        const struct tlb_batch *batch;
        struct cpumask waiting;         /* who has not done it yet */
};

static DEFINE_PER_CPU(struct flush_slot, flush_slot);
static DEFINE_PER_CPU(struct cpumask, tlb_initiators);

void tlb_flush_all_local(void)
{
        unsigned long flags = local_irq_save();
        unsigned long cr4 = read_cr4();

        if (cr4 & CR4_GLOBAL_PAGES) {
                write_cr4(cr4 & ~CR4_GLOBAL_PAGES);
                write_cr4(cr4);
        } else {
                page_tables_load(read_cr3());
        }
        this_cpu_inc(ipi_counts.tlb_whole);
        local_irq_restore(flags);
}

/* Forget the pages of a batch on this CPU. */
static void flush_local(const struct tlb_batch *batch)
{
        if (batch->is_whole) {
                tlb_flush_all_local();
                return;
        }
        for (unsigned int index = 0; index < batch->range_count; index++) {
                const struct tlb_range *range = &batch->ranges[index];
                unsigned long page_count = (range->end - range->start) >> PAGE_SHIFT;

                for (unsigned long page = 0; page < page_count; page++)
                        tlb_flush_page(range->start + (page << PAGE_SHIFT));
        }
}

/* Do what another CPU waits for, and tell it. */
static void serve(unsigned int initiator)
{
        struct flush_slot *slot = &per_cpu(flush_slot, initiator);

        flush_local(slot->batch);
        this_cpu_inc(ipi_counts.tlb_requests);
        cpumask_clear_cpu(smp_processor_id(), &slot->waiting);
}

/* Do what the CPUs of one word of this CPU's initiators wait for. */
static void serve_word(unsigned int word)
{
        u32 *pending = &this_cpu_ptr(&tlb_initiators)->words[word];

        if (!READ_ONCE(*pending))
                return;
        for (u32 bits = __atomic_exchange_n(pending, 0, __ATOMIC_SEQ_CST); bits; bits &= bits - 1)
                serve(word * CPUMASK_WORD_BITS + lowest_bit(bits));
}

void smp_poll(void)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                serve_word(word);
}

/* The trap handler of VECTOR_TLB_FLUSH. */
static bool handle_interrupt(struct trap_frame *frame __unused)
{
        irq_enter();
        this_cpu_inc(ipi_counts.tlb_interrupts);
        smp_poll();
        ipi_end();
        irq_exit();
        return true;
}

void tlb_interrupt_init(void)
{
        trap_set_handler(VECTOR_TLB_FLUSH, handle_interrupt);
}

/* Let a CPU look at the slot of this one; interrupt it unless somebody has just done so. */
static void request(unsigned int cpu)
{
        unsigned int self = smp_processor_id();
        u32 *word = &per_cpu(tlb_initiators, cpu).words[self / CPUMASK_WORD_BITS];

        if (!__atomic_fetch_or(word, BIT(self % CPUMASK_WORD_BITS), __ATOMIC_SEQ_CST))
                ipi_send(cpu, VECTOR_TLB_FLUSH);
}

/* Say for whom this CPU has been waiting far too long. */
static void report_waiting(const struct cpumask *waiting)
{
        unsigned int cpu;

        for_each_cpu(cpu, waiting)
                printk("smp: CPU %u still waits for CPU %u to flush its TLB\n",
                       smp_processor_id(), cpu);
}

/* Wait until all CPUs have looked at this CPU's slot, serving theirs. */
static void wait_for_all(const struct flush_slot *slot)
{
        struct spin_watch watch = spin_watch_start();

        while (!cpumask_empty(&slot->waiting) && smp_is_waiting_allowed()) {
                smp_poll();
                cpu_relax();
                if (spin_watch_expired(&watch))
                        report_waiting(&slot->waiting);
        }
}

void tlb_batch_flush(struct tlb_batch *batch)
{
        unsigned long flags = local_irq_save();
        struct flush_slot *slot = this_cpu_ptr(&flush_slot);
        struct cpumask others;
        unsigned int cpu;

        if (batch->range_count || batch->is_whole) {
                /* The entries are written before it is seen who is online: SMP-3. */
                __atomic_thread_fence(__ATOMIC_SEQ_CST);
                cpumask_copy(&others, cpu_online_mask);
                cpumask_clear_cpu(smp_processor_id(), &others);
                slot->batch = batch;
                cpumask_copy(&slot->waiting, &others);
                for_each_cpu(cpu, &others)
                        request(cpu);
                flush_local(batch);
                wait_for_all(slot);
        }
        tlb_batch_init(batch);
        local_irq_restore(flags);
}
