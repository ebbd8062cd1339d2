/*
 * Calls from CPU to CPU
 *
 * Idea        Every CPU has a queue of functions that others want it to run. A request is pushed
 *             without a lock; who pushes onto an empty queue interrupts the CPU, which takes the
 *             whole queue at once. However many ask, one interrupt is enough.
 *
 * Picture     CPU 2's queue --> request of CPU 5 --> request of CPU 0
 *                               call, argument       call, argument
 *                                                    left --> 3, on CPU 0's stack: three CPUs
 *                                                             have not finished yet
 *
 * Data        call_requests of each CPU: one request for each CPU that it may ask. It is busy from
 *             the moment it is claimed until the other CPU has read it, before the function runs.
 *
 * Invariants  CALL-1  a busy request is in one queue, or being put there with interrupts off.
 *             CALL-2  left is 0 when no CPU will touch it again: only then does its frame end.
 *             (Guarded by the tests of the suite smp.)
 *
 * Locking     None. The queue is a list that grows by compare-and-exchange at its head and is
 *             taken as a whole, so that no entry can come back between the two. Who waits does so
 *             with interrupts on, so that two CPUs may call each other at once.
 *
 * Failure     A call with interrupts off is a bug of the caller, and reported; it is made all the
 *             same. A CPU that does not answer is named in a message.
 *
 * Reading     Intel SDM volume 3A, section 10.6, "Issuing Interprocessor Interrupts".
 */
#include "kernel/cpu/ipi.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/spin_watch.h"
#include "kernel/cpu/tlb.h"
#include "kernel/cpu/trap.h"
#include "kernel/cpu/vectors.h"

/* What one CPU wants one other CPU to run. */
struct call_request {
        struct call_request *next;
        smp_call_func_t call;
        void *argument;
        u32 *left;                      /* counted down after the call; NULL: nobody waits */
        bool is_busy;
};

DEFINE_PER_CPU(struct ipi_counts, ipi_counts);

static DEFINE_PER_CPU(struct call_request[NR_CPUS], call_requests);
static DEFINE_PER_CPU(struct call_request *, call_queue);

struct cpumask cpu_online_bits = { { 1 } };

static const struct ipi_transport *transport;
static bool waiting_is_over;

bool smp_is_waiting_allowed(void)
{
        return !READ_ONCE(waiting_is_over);
}

void smp_stop_waiting(void)
{
        WRITE_ONCE(waiting_is_over, true);
}

void ipi_send(unsigned int cpu, unsigned int vector)
{
        transport->send(cpu, vector);
}

void ipi_end(void)
{
        transport->end();
}

bool smp_send_nmi(unsigned int cpu)
{
        if (!transport)
                return false;
        transport->send_nmi(cpu);
        return true;
}

/* ---- The CPU that is asked ---- */

/* Read a request, give it back, and then do what it asks for. */
static void run(struct call_request *request)
{
        struct call_request copy = *request;

        __atomic_store_n(&request->is_busy, false, __ATOMIC_RELEASE);
        copy.call(copy.argument);
        this_cpu_inc(ipi_counts.calls);
        if (copy.left)
                __atomic_sub_fetch(copy.left, 1, __ATOMIC_SEQ_CST);
}

/*
 * Run all that is in this CPU's queue, the newest first. Each is of another CPU, since a request is
 * busy while it is there; so the calls of each run in the order in which they were made.
 */
static void run_queue(void)
{
        struct call_request *request =
                __atomic_exchange_n(this_cpu_ptr(&call_queue), NULL, __ATOMIC_SEQ_CST);

        while (request) {
                struct call_request *next = request->next;

                run(request);
                request = next;
        }
}

/* The trap handler of VECTOR_CALL. */
static bool handle_call(struct trap_frame *frame __unused)
{
        irq_enter();
        this_cpu_inc(ipi_counts.call_interrupts);
        run_queue();
        ipi_end();
        irq_exit();
        return true;
}

/* The trap handler of VECTOR_RESCHEDULE. */
static bool handle_reschedule(struct trap_frame *frame __unused)
{
        irq_enter();
        this_cpu_inc(ipi_counts.reschedules);
        scheduler_ipi();
        ipi_end();
        irq_exit();
        return true;
}

void ipi_init(const struct ipi_transport *new_transport)
{
        transport = new_transport;
        trap_set_handler(VECTOR_CALL, handle_call);
        trap_set_handler(VECTOR_RESCHEDULE, handle_reschedule);
        tlb_interrupt_init();
}

/* ---- The CPU that asks ---- */

/*
 * Claim this CPU's request to another one, and turn interrupts off. An interrupt's own calls use
 * the same request: it waits here only for the other CPU, never for what it has interrupted.
 */
static unsigned long claim(struct call_request *request, unsigned int cpu)
{
        struct spin_watch watch = spin_watch_start();

        for (;;) {
                unsigned long flags = local_irq_save();

                if (!__atomic_load_n(&request->is_busy, __ATOMIC_ACQUIRE))
                        return flags;
                local_irq_restore(flags);
                smp_poll();
                cpu_relax();
                if (spin_watch_expired(&watch))
                        printk("smp: CPU %u takes no calls of CPU %u\n", cpu, smp_processor_id());
        }
}

/* Put a request into a CPU's queue; interrupt the CPU if the queue was empty. */
static void push(unsigned int cpu, struct call_request *request)
{
        struct call_request **queue = &per_cpu(call_queue, cpu);
        struct call_request *head = READ_ONCE(*queue);

        do
                request->next = head;
        while (!__atomic_compare_exchange_n(queue, &head, request, false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_RELAXED));
        if (!head)
                ipi_send(cpu, VECTOR_CALL);
}

/* Ask another CPU, unless none answers any more. Preemption is off. */
static void post(unsigned int cpu, smp_call_func_t call, void *argument, u32 *left)
{
        struct call_request *request = &(*this_cpu_ptr(&call_requests))[cpu];

        if (!smp_is_waiting_allowed())
                return;
        unsigned long flags = claim(request, cpu);

        *request = (struct call_request){
                .call = call, .argument = argument, .left = left, .is_busy = true,
        };
        if (left)
                __atomic_add_fetch(left, 1, __ATOMIC_SEQ_CST);
        push(cpu, request);
        local_irq_restore(flags);
}

/* Wait until all have finished. */
static void wait_for_all(const u32 *left)
{
        struct spin_watch watch = spin_watch_start();

        while (__atomic_load_n(left, __ATOMIC_ACQUIRE) && smp_is_waiting_allowed()) {
                smp_poll();
                cpu_relax();
                if (spin_watch_expired(&watch))
                        printk("smp: CPU %u still waits for %u CPUs to run a call\n",
                               smp_processor_id(), READ_ONCE(*left));
        }
}

/* Report a caller who could make two CPUs wait for each other. */
static void check_context(void)
{
        if (unlikely(irqs_disabled() || in_hardirq()))
                bug_report("smp-call-atomic", "call to other CPUs with interrupts %s",
                           in_hardirq() ? "being handled" : "off");
}

/* Run a call here as it runs elsewhere. */
static void run_here(smp_call_func_t call, void *argument)
{
        unsigned long flags = local_irq_save();

        call(argument);
        local_irq_restore(flags);
}

/* Ask the online CPUs of a set, except this one. Preemption is off. */
static void post_to_others(const struct cpumask *mask, smp_call_func_t call, void *argument,
                           u32 *left)
{
        unsigned int cpu;

        for_each_cpu(cpu, mask)
                if (cpu != smp_processor_id() && cpu_online(cpu))
                        post(cpu, call, argument, left);
}

bool smp_call_function_single(unsigned int cpu, smp_call_func_t call, void *argument, bool wait)
{
        u32 left = 0;
        bool is_online = cpu_online(cpu);

        check_context();
        preempt_disable();
        if (cpu == smp_processor_id())
                run_here(call, argument);
        else if (is_online)
                post(cpu, call, argument, wait ? &left : NULL);
        wait_for_all(&left);
        preempt_enable();
        return is_online;
}

void smp_call_function_many(const struct cpumask *mask, smp_call_func_t call, void *argument,
                            bool wait)
{
        u32 left = 0;

        check_context();
        preempt_disable();
        post_to_others(mask, call, argument, wait ? &left : NULL);
        wait_for_all(&left);
        preempt_enable();
}

void smp_call_function(smp_call_func_t call, void *argument, bool wait)
{
        smp_call_function_many(cpu_online_mask, call, argument, wait);
}

void on_each_cpu(smp_call_func_t call, void *argument, bool wait)
{
        u32 left = 0;

        check_context();
        preempt_disable();
        post_to_others(cpu_online_mask, call, argument, wait ? &left : NULL);
        run_here(call, argument);
        wait_for_all(&left);
        preempt_enable();
}

void smp_send_reschedule(unsigned int cpu)
{
        if (cpu != smp_processor_id() && cpu_online(cpu))
                ipi_send(cpu, VECTOR_RESCHEDULE);
}
