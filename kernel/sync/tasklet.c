/*
 * Tasklets
 *
 * Idea        Two lists for each CPU, run by two softirqs. Two bits make a tasklet safe: one is
 *             set from when it is put on a list until just before its function is called, so
 *             that it is on one list at most; the other while the function runs, so that
 *             another CPU that meets it meanwhile puts it back and comes again.
 *
 * Picture     idle --schedule--> SCHEDULED --softirq--> RUNNING ----------> idle
 *                                    ^                     | scheduled meanwhile
 *                                    +--- SCHEDULED | RUNNING
 *
 * Data        tasklet_lists[], per CPU: first and last of those that wait.
 *
 * Invariants  TASKLET-1  a tasklet on a list is SCHEDULED.
 *             TASKLET-2  only who has set RUNNING calls the function.
 *                        (Guarded by tests/unit/test_softirq.c.)
 *
 * Locking     A list is its CPU's with interrupts off. The bits are changed atomically.
 *
 * Cost        A few instructions; a tasklet that is disabled, or runs elsewhere, is looked at
 *             again at every softirq until it is not.
 *
 * Failure     A function that is NULL panics when it is scheduled.
 *
 * Reading     LDD3, chapter 7, "Tasklets".
 */
#include "kernel/sync/tasklet.h"

#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/softirq.h"
#include "kernel/sync/context.h"
#include "kernel/sync/schedule.h"

/* The tasklets that wait for one softirq of one CPU. */
struct tasklet_list {
        struct tasklet_struct *first;
        struct tasklet_struct *last;    /* means something only if there is a first */
};

static DEFINE_PER_CPU(struct tasklet_list, tasklet_list);
static DEFINE_PER_CPU(struct tasklet_list, tasklet_hi_list);

/* Set bits of a tasklet's state and return what it was. */
static u32 state_set(struct tasklet_struct *tasklet, u32 bits)
{
        return __atomic_fetch_or(&tasklet->state, bits, __ATOMIC_SEQ_CST);
}

/* Clear bits of a tasklet's state and return what it was. */
static u32 state_clear(struct tasklet_struct *tasklet, u32 bits)
{
        return __atomic_fetch_and(&tasklet->state, ~bits, __ATOMIC_SEQ_CST);
}

/* A tasklet's state now. */
static u32 state_of(const struct tasklet_struct *tasklet)
{
        return __atomic_load_n(&tasklet->state, __ATOMIC_SEQ_CST);
}

/* Put a tasklet, SCHEDULED already, on a list of this CPU and raise its softirq. */
static void append(struct tasklet_struct *tasklet, struct tasklet_list *template,
                   enum softirq softirq)
{
        unsigned long flags = local_irq_save();
        struct tasklet_list *list = this_cpu_ptr(template);

        tasklet->next = NULL;
        if (list->first)
                list->last->next = tasklet;
        else
                list->first = tasklet;
        list->last = tasklet;
        raise_softirq_irqoff(softirq);
        local_irq_restore(flags);
}

/* Schedule a tasklet unless it is. */
static void schedule_on(struct tasklet_struct *tasklet, struct tasklet_list *template,
                        enum softirq softirq)
{
        BUG_ON(!tasklet->function, "tasklet %p has no function", (void *)tasklet);
        if (!(state_set(tasklet, TASKLET_SCHEDULED) & TASKLET_SCHEDULED))
                append(tasklet, template, softirq);
}

void tasklet_schedule(struct tasklet_struct *tasklet)
{
        schedule_on(tasklet, &tasklet_list, TASKLET_SOFTIRQ);
}

void tasklet_hi_schedule(struct tasklet_struct *tasklet)
{
        schedule_on(tasklet, &tasklet_hi_list, HI_SOFTIRQ);
}

/*
 * Call a tasklet's function, if it may run now. Once RUNNING is clear the tasklet may be gone.
 * Returns: false when it has to wait longer.
 */
static bool run_one(struct tasklet_struct *tasklet)
{
        if (state_set(tasklet, TASKLET_RUNNING) & TASKLET_RUNNING)
                return false;
        if (atomic_read(&tasklet->count)) {
                state_clear(tasklet, TASKLET_RUNNING);
                return false;
        }
        CHECK_INVARIANT(TASKLET-1, state_clear(tasklet, TASKLET_SCHEDULED) & TASKLET_SCHEDULED,
                        "tasklet %p", (void *)tasklet);
        tasklet->function(tasklet->data);
        state_clear(tasklet, TASKLET_RUNNING);
        return true;
}

/* Run the tasklets of a list that wait now; those that cannot run go back to it. */
static void run_list(struct tasklet_list *template, enum softirq softirq)
{
        local_irq_disable();
        struct tasklet_list *list = this_cpu_ptr(template);
        struct tasklet_struct *tasklet = list->first;

        list->first = NULL;
        local_irq_enable();
        while (tasklet) {
                struct tasklet_struct *next = tasklet->next;

                if (!run_one(tasklet))
                        append(tasklet, template, softirq);
                tasklet = next;
        }
}

/* The action of TASKLET_SOFTIRQ. */
static void run_tasklets(void)
{
        run_list(&tasklet_list, TASKLET_SOFTIRQ);
}

/* The action of HI_SOFTIRQ. */
static void run_hi_tasklets(void)
{
        run_list(&tasklet_hi_list, HI_SOFTIRQ);
}

void tasklets_init(void)
{
        open_softirq(HI_SOFTIRQ, run_hi_tasklets);
        open_softirq(TASKLET_SOFTIRQ, run_tasklets);
}

void tasklet_init(struct tasklet_struct *tasklet, void (*function)(unsigned long data),
                  unsigned long data)
{
        *tasklet = (struct tasklet_struct){ .function = function, .data = data };
}

void tasklet_disable_nosync(struct tasklet_struct *tasklet)
{
        atomic_inc(&tasklet->count);
}

void tasklet_disable(struct tasklet_struct *tasklet)
{
        BUG_ON(in_hardirq(), "tasklet %p", (void *)tasklet);
        tasklet_disable_nosync(tasklet);
        while (state_of(tasklet) & TASKLET_RUNNING)
                smp_relax();
}

void tasklet_enable(struct tasklet_struct *tasklet)
{
        BUG_ON(atomic_read(&tasklet->count) <= 0, "tasklet %p is not disabled", (void *)tasklet);
        atomic_dec_and_test(&tasklet->count);
}

void tasklet_kill(struct tasklet_struct *tasklet)
{
        might_sleep();
        BUG_ON(atomic_read(&tasklet->count), "tasklet %p is disabled", (void *)tasklet);
        while (state_of(tasklet)) {
                set_current_state(TASK_UNINTERRUPTIBLE);
                schedule_timeout(1);
        }
}
