/* commands_tasks.c - who runs, and how deep their stacks are. */
#include "kernel/cpu/irq_stack.h"
#include "kernel/monitor/command.h"
#include "kernel/task/run_queue.h"
#include "kernel/task/sched.h"
#include "kernel/task/stack.h"
#include "lib/panic.h"

/* One letter for what a task does, as ps has it. */
static char state_letter(const struct task_struct *task)
{
        switch (task->state) {
        case TASK_RUNNING:
                return 'R';
        case TASK_INTERRUPTIBLE:
                return 'S';
        case TASK_UNINTERRUPTIBLE:
                return 'D';
        default:
                return 'X';
        }
}

/* A line of ps. */
static bool print_task(struct task_struct *task, void *context __unused)
{
        printk("%5d %-15s %c%c %3u %4u %9lu %8lu\n", task->pid, task->name, state_letter(task),
               task->is_on_cpu ? '*' : ' ', task->cpu, task->priority, task->switch_count,
               task->tick_count);
        return true;
}

MONITOR_COMMAND(ps, "", "tasks: state (* has a CPU), CPU, priority, switches, ticks")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        printk("  PID NAME            S  CPU PRIO  SWITCHES    TICKS\n");
        tasks_for_each(print_task, NULL);
        return MONITOR_OK;
}

/* A line of stacks: how much of a stack was ever used. */
static void print_stack(const char *name, struct kernel_stack stack)
{
        unsigned long bytes = stack.top - stack.bottom;

        printk("%-15s %08lx-%08lx %6lu %6lu\n", name, stack.bottom, stack.top, bytes,
               kernel_stack_used_bytes(stack));
}

/* A task's line of stacks. */
static bool print_task_stack(struct task_struct *task, void *context __unused)
{
        print_stack(task->name, task->stack);
        return true;
}

/* The lines of the CPUs' interrupt stacks, where there are any. */
static void print_irq_stacks(void)
{
        unsigned int cpu;

        for_each_online_cpu(cpu)
                if (irq_stack_of(cpu).bottom)
                        print_stack("interrupts", irq_stack_of(cpu));
}

MONITOR_COMMAND(stacks, "", "kernel stacks: size, and the most that was ever used")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        struct kernel_stack_counts counts = kernel_stack_counts();

        printk("NAME            BOTTOM   TOP        SIZE   USED\n");
        tasks_for_each(print_task_stack, NULL);
        print_irq_stacks();
        printk("%u stacks of %lu bytes in use, %u kept, at most %u\n", counts.used,
               (unsigned long)KERNEL_STACK_BYTES, counts.kept, counts.most);
        return MONITOR_OK;
}
