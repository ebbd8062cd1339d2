/*
 * Freezing other CPUs
 *
 * Idea        A CPU that is sent a non-maskable interrupt notes where it was, and stands still in
 *             the handler. The one that asked prints what the other was doing: the frozen CPU
 *             itself may hold any lock, and so must not print.
 *
 * Picture     asks                                   is asked
 *
 *             IDLE -> WANTED, sends NMI  ----------> notes its registers
 *             waits, a second at most    <---------- WANTED -> FROZEN, spins
 *             prints
 *             FROZEN -> IDLE             ----------> goes on
 *
 *             No answer: WANTED -> IDLE. The NMI that comes later still finds that one was sent.
 *
 * Data        freezers: a state for each CPU, and what it noted.
 *
 * Invariants  NMI-1  what was noted does not change while the state is FROZEN.
 *                    (Guarded by the boots of tests/system/smp.py.)
 *
 * Locking     None: states change by compare-and-exchange.
 *
 * Failure     A CPU that does not answer is said to. An NMI that nobody sent is the machine's, and
 *             is reported as it always was.
 *
 * Reading     Intel SDM volume 3A, section 6.7, "Nonmaskable Interrupt (NMI)".
 */
#include "kernel/nmi.h"

#include "kernel/backtrace.h"
#include "kernel/cpu/delay.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/trap.h"
#include "kernel/sync/schedule.h"
#include "lib/symbol.h"

#define ANSWER_MS 1000u
#define POLL_US 50u

enum freezer_state {
        FREEZER_IDLE,
        FREEZER_WANTED,
        FREEZER_FROZEN,
};

struct freezer {
        u32 state;                      /* enum freezer_state, changed atomically */
        u32 sent_count;                 /* NMIs sent, and not seen yet; changed atomically */
        struct backtrace_origin origin; /* where the CPU was */
        struct task_struct *task;       /* what it ran */
        bool interrupts_are_off;
};

static struct freezer freezers[NR_CPUS];
static bool is_for_good;

/* Change a state, if it is still what it was; returns whether it was. */
static bool change_state(struct freezer *freezer, u32 from, u32 to)
{
        return __atomic_compare_exchange_n(&freezer->state, &from, to, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
}

/* Note where this CPU was, and stand still as long as that is wanted. */
static void freeze_here(struct freezer *freezer, const struct trap_frame *frame)
{
        freezer->origin = (struct backtrace_origin){
                .instruction = frame->eip,
                .stack_pointer = trap_stack_pointer(frame),
                .frame_pointer = frame->ebp,
        };
        freezer->task = current;
        freezer->interrupts_are_off = !(frame->eflags & EFLAGS_INTERRUPTS);
        if (!change_state(freezer, FREEZER_WANTED, FREEZER_FROZEN))
                return;
        while (READ_ONCE(freezer->state) == FREEZER_FROZEN || READ_ONCE(is_for_good))
                cpu_relax();
}

/* The trap handler of non-maskable interrupts. */
static bool handle_nmi(struct trap_frame *frame)
{
        struct freezer *freezer = &freezers[smp_processor_id()];

        if (!READ_ONCE(freezer->sent_count))
                return false;
        __atomic_store_n(&freezer->sent_count, 0, __ATOMIC_SEQ_CST);
        if (READ_ONCE(freezer->state) == FREEZER_WANTED)
                freeze_here(freezer, frame);
        return true;
}

void nmi_init(void)
{
        trap_set_handler(TRAP_NMI, handle_nmi);
}

/* Ask a CPU to stand still. Returns: false when it cannot be asked. */
static bool ask(unsigned int cpu)
{
        struct freezer *freezer = &freezers[cpu];

        if (!change_state(freezer, FREEZER_IDLE, FREEZER_WANTED))
                return false;
        __atomic_add_fetch(&freezer->sent_count, 1, __ATOMIC_SEQ_CST);
        return smp_send_nmi(cpu);
}

/* Wait for the answer of a CPU, at most so many polls, of which it takes those it needs. */
static bool wait_for(unsigned int cpu, unsigned int *polls)
{
        while (READ_ONCE(freezers[cpu].state) != FREEZER_FROZEN && *polls) {
                (*polls)--;
                udelay(POLL_US);
        }
        return READ_ONCE(freezers[cpu].state) == FREEZER_FROZEN;
}

bool nmi_freeze(unsigned int cpu)
{
        unsigned int polls = ANSWER_MS * 1000 / POLL_US;

        if (!ask(cpu))
                return false;
        return wait_for(cpu, &polls) ||
               !change_state(&freezers[cpu], FREEZER_WANTED, FREEZER_IDLE);
}

void nmi_release(unsigned int cpu)
{
        change_state(&freezers[cpu], FREEZER_FROZEN, FREEZER_IDLE);
}

void nmi_stop_others(void)
{
        unsigned int polls = ANSWER_MS * 1000 / POLL_US;
        unsigned int self = smp_processor_id();
        unsigned int cpu;

        WRITE_ONCE(is_for_good, true);
        for_each_online_cpu(cpu)
                if (cpu != self)
                        ask(cpu);
        for_each_online_cpu(cpu)
                if (cpu != self)
                        wait_for(cpu, &polls);
}

void nmi_print(unsigned int cpu)
{
        const struct freezer *freezer = &freezers[cpu];
        char place[SYMBOL_TEXT_BYTES];

        if (READ_ONCE(freezer->state) != FREEZER_FROZEN) {
                printk("CPU %u does not answer\n", cpu);
                return;
        }
        symbol_format(place, sizeof(place), freezer->origin.instruction);
        printk("CPU %u: task %s, interrupts %s, in %s\n", cpu, task_name(freezer->task),
               freezer->interrupts_are_off ? "off" : "on", place);
        backtrace_print(freezer->origin);
}
