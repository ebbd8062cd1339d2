/*
 * Starting the other CPUs
 *
 * Idea        A CPU wakes up in real mode, at a page of the first MiB that another CPU names. It
 *             climbs to where the boot CPU is (kernel/cpu/trampoline.asm), finds its number by its
 *             APIC id, and with it the stack and tables that were made for it. One CPU is started
 *             after the other, and each is waited for, but not for ever.
 *
 * Picture     boot CPU                                  CPU n
 *
 *             STARTING, then INIT, startup, startup
 *             |                                         trampoline, own stack, own tables
 *             |  STARTING -> ARRIVED  <---------------- in time: goes on
 *             |  ARRIVED -> JOINING -> ONLINE <-------- flush, interrupts, idle task
 *             or, after ARRIVAL_MS:
 *                STARTING -> ABANDONED                  comes now: ABANDONED -> LATE, halts
 *             or, after ONLINE_MS:
 *                ARRIVED -> ABANDONED                   joins now: ABANDONED -> LATE, halts
 *
 * Data        starts[]: the state of each CPU, and when it is to come, for tests. The
 *             smp_start_ variables are what the trampoline reads.
 *
 * Invariants  SMP-1  a state leaves STARTING, and ARRIVED, by one compare-and-exchange: either the
 *                    CPU goes on, or it has been abandoned, and both sides know which. So none
 *                    comes online when smp_start_all() has returned: threads and work queues are
 *                    made for those that are there.
 *             SMP-2  the stack and tables of a CPU that was ever sent a startup are its own for
 *                    good: it may still come.
 *             SMP-3  a CPU in cpu_online_mask has emptied its translation cache since it was put
 *                    there, before it used any translation that can change.
 *             (Guarded by the boots of tests/system/smp.py.)
 *
 * Locking     The boot CPU starts the others alone. Each state has at most two writers.
 *
 * Failure     A CPU that does not come in time, or lacks what the boot CPU has, is named in a
 *             message and left out; a machine without local APIC has one CPU.
 *
 * Reading     Intel SDM volume 3A, section 9.4.4, "MP Initialization Example"; Intel
 *             MultiProcessor Specification 1.4, appendix B.4. docs/07-smp.md.
 */
#include "kernel/smp_start.h"

#include "drivers/firmware/topology.h"
#include "drivers/irq/local_apic.h"
#include "kernel/clock_setup.h"
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/delay.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/idt.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/timestamp.h"
#include "kernel/cpu/tlb.h"
#include "kernel/cpu/tss.h"
#include "kernel/nmi.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/smp_trampoline.h"
#include "kernel/task/sched.h"
#include "kernel/task/stack.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "mm/phys/pcp.h"

#define INIT_MS 10u
#define STARTUP_US 200u
#define ARRIVAL_MS 2000u
#define ONLINE_MS 10000u
#define POLL_US 100u
#define UNKNOWN_KHZ 3000000u            /* of the time-stamp counter, if it was not measured */

/* What the trampoline reads; see kernel/cpu/trampoline.asm. */
u32 smp_start_tables;
u32 smp_start_count;
u32 smp_start_apic_ids[NR_CPUS];
u32 smp_start_stacks[NR_CPUS];          /* 0: the CPU is not to be started */

static struct task_struct *idle_tasks[NR_CPUS];
static u32 states[NR_CPUS];             /* enum cpu_start_state, changed atomically */

enum cpu_start_state cpu_start_state(unsigned int cpu)
{
        return READ_ONCE(states[cpu]);
}

const char *cpu_start_state_name(enum cpu_start_state state)
{
        static const char *const names[] = {
                [CPU_NOT_STARTED] = "not started",
                [CPU_STARTING] = "starting",
                [CPU_ARRIVED] = "arrived",
                [CPU_JOINING] = "joining",
                [CPU_ONLINE] = "online",
                [CPU_ABANDONED] = "did not start",
                [CPU_LATE] = "came too late",
                [CPU_UNFIT] = "unfit",
        };

        return names[state];
}

/* Change a state, if it is still what it was; returns whether it was. */
static bool change_state(unsigned int cpu, u32 from, u32 to)
{
        return __atomic_compare_exchange_n(&states[cpu], &from, to, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
}

/* ---- The CPU that starts ---- */

/* Stop for good. The stack stays this CPU's. */
static void __noreturn halt_for_good(void)
{
        for (;;) {
                local_irq_disable();
                cpu_halt();
        }
}

/* Come late, or never, when latecpu= says so: the tests' way to a CPU that is not well. */
static void be_late(unsigned int cpu)
{
        if (cpu != options.late_cpu)
                return;
        if (options.late_never)
                halt_for_good();
        mdelay(options.late_ms);
}

/* Tell the boot CPU that this one has come so far; if it has given up waiting, halt. */
static void advance(unsigned int cpu, enum cpu_start_state from, enum cpu_start_state to)
{
        if (change_state(cpu, from, to))
                return;
        change_state(cpu, CPU_ABANDONED, CPU_LATE);
        halt_for_good();
}

/* Halt unless this CPU has all that the boot CPU has turned on. */
static void check_features(unsigned int cpu)
{
        if (cpu_features_agree())
                return;
        change_state(cpu, CPU_ARRIVED, CPU_UNFIT);
        halt_for_good();
}

/*
 * Be seen by the others. Who changes a page table, or closes the page lists, from now on waits for
 * this CPU; what was changed before is forgotten, and made up for, here.
 */
static void go_online(unsigned int cpu)
{
        advance(cpu, CPU_ARRIVED, CPU_JOINING);
        cpumask_set_cpu(cpu, &cpu_online_bits);
        tlb_flush_all_local();
        pcp_update_this_cpu();
        change_state(cpu, CPU_JOINING, CPU_ONLINE);
}

/* The CPU's own tables come first: %fs leads nowhere before. */
void smp_start_main(unsigned int cpu)
{
        gdt_load(cpu);
        idt_load();
        be_late(cpu);
        advance(cpu, CPU_STARTING, CPU_ARRIVED);
        if (panic_in_progress())
                halt_for_good();
        check_features(cpu);
        cpu_features_enable();
        local_apic_init_cpu();
        sched_adopt(idle_tasks[cpu]);
        go_online(cpu);
        clock_setup_cpu();
        cpu_idle_loop();
}

/* ---- The boot CPU ---- */

/* Who waits for an answer to an interrupt that was never sent would wait for ever. */
#define SEND_TRIES 8u

/* The transport: CPUs' numbers become APIC ids. */
static void send(unsigned int cpu, unsigned int vector)
{
        for (unsigned int tries = 0; tries < SEND_TRIES; tries++)
                if (local_apic_send(smp_start_apic_ids[cpu], (u8)vector))
                        return;
        panic("CPU %u cannot be interrupted: the local APIC does not send", cpu);
}

/* The same for an interrupt that cannot be masked. */
static void send_nmi(unsigned int cpu)
{
        local_apic_send_nmi(smp_start_apic_ids[cpu]);
}

static const struct ipi_transport transport = {
        .send = send,
        .send_nmi = send_nmi,
        .end = local_apic_end,
};

/* Whether a CPU has found out that it lacks something, in the trampoline or later. */
static bool is_unfit(unsigned int cpu)
{
        return cpu_start_state(cpu) == CPU_UNFIT ||
               smp_trampoline_found_unfit(smp_start_apic_ids[cpu]);
}

/* Wait until a CPU's state is no longer what it is, at most so long; returns whether it changed. */
static bool wait_while(unsigned int cpu, enum cpu_start_state state, unsigned long milliseconds)
{
        u64 start = timestamp_read();
        u64 limit = (u64)milliseconds * (delay_rate() ? delay_rate() / 1000 : UNKNOWN_KHZ);

        while (cpu_start_state(cpu) == state && !is_unfit(cpu)) {
                if (timestamp_read() - start > limit)
                        return false;
                smp_poll();
                udelay(POLL_US);
        }
        return true;
}

/* Send a CPU what makes it begin at the trampoline: twice, if once does not do. */
static bool send_startup(unsigned int cpu)
{
        u32 apic_id = smp_start_apic_ids[cpu];
        u8 page_number = smp_trampoline_page_number();

        if (!local_apic_send_init(apic_id))
                return false;
        mdelay(INIT_MS);
        if (!local_apic_send_startup(apic_id, page_number))
                return false;
        udelay(STARTUP_US);
        return cpu_start_state(cpu) != CPU_STARTING ||
               local_apic_send_startup(apic_id, page_number);
}

/* Say why a CPU is not used. */
static void report(unsigned int cpu, const char *reason)
{
        printk("smp: CPU %u (APIC id %u) %s, left out\n", cpu, smp_start_apic_ids[cpu], reason);
}

/* Wait for a CPU that has been sent its startup, and say so if it cannot be used. */
static void wait_for(unsigned int cpu)
{
        if (!wait_while(cpu, CPU_STARTING, ARRIVAL_MS) &&
            change_state(cpu, CPU_STARTING, CPU_ABANDONED)) {
                report(cpu, "did not start in time");
                return;
        }
        if (!wait_while(cpu, CPU_ARRIVED, ONLINE_MS) &&
            change_state(cpu, CPU_ARRIVED, CPU_ABANDONED)) {
                report(cpu, "has arrived, but does not come online");
                return;
        }
        if (is_unfit(cpu)) {
                change_state(cpu, CPU_STARTING, CPU_UNFIT);
                report(cpu, "lacks features of the boot CPU");
                return;
        }
        /* Nothing can stop it now but its flush. */
        while (!wait_while(cpu, CPU_JOINING, ONLINE_MS))
                printk("smp: CPU %u takes long to come online\n", cpu);
}

/* Make the stacks and tables of a CPU; false when memory does not suffice. */
static bool prepare(unsigned int cpu)
{
        struct kernel_stack double_fault_stack = kernel_stack_alloc();
        struct task_struct *idle = idle_task_create(cpu);

        if (!idle || !double_fault_stack.bottom || !irq_stack_prepare(cpu))
                return false;
        idle_tasks[cpu] = idle;
        sched_init_cpu(cpu, idle);
        pcp_init_cpu(cpu);
        tss_init(cpu, idle->stack, double_fault_stack);
        gdt_init(cpu);
        return true;
}

/* Make all that a CPU needs, and start it. */
static void start(unsigned int cpu)
{
        if (!prepare(cpu)) {
                report(cpu, "could not be given stacks");
                return;
        }
        WRITE_ONCE(smp_start_stacks[cpu], kernel_stack_of(cpu).top);
        __atomic_store_n(&states[cpu], CPU_STARTING, __ATOMIC_SEQ_CST);
        if (send_startup(cpu))
                wait_for(cpu);
        else if (change_state(cpu, CPU_STARTING, CPU_ABANDONED))
                report(cpu, "could not be sent its startup");
}

void smp_count_possible(void)
{
        nr_cpu_ids = min(cpu_topology.cpu_count, options.max_cpus);
}

/* Fill in what the trampoline reads. */
static void fill_tables(void)
{
        smp_start_tables = read_cr3();
        smp_start_count = nr_cpu_ids;
        for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
                smp_start_apic_ids[cpu] = cpu_topology.apic_ids[cpu];
}

void smp_start_all(void)
{
        states[0] = CPU_ONLINE;
        fill_tables();
        if (local_apic_is_used()) {
                ipi_init(&transport);
                nmi_init();
        }
        if (nr_cpu_ids > 1 && local_apic_is_used() && smp_trampoline_install())
                for (unsigned int cpu = 1; cpu < nr_cpu_ids; cpu++)
                        start(cpu);
        printk("smp: %u of %u CPUs online\n", num_online_cpus(), nr_cpu_ids);
}
