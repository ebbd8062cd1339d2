/*
 * Panic
 *
 * Idea        One CPU takes the machine down: it stops the others, prints one line `panic:
 *             message`, its call chain, what each of the others was doing, whatever subsystems
 *             have registered, and leaves a failure status for whoever started the machine.
 *
 * Data        panic_owner: the CPU that does so, plus 1; set once, by compare-and-exchange.
 *
 * Locking     Interrupts off, for good. No lock is taken: whoever holds it may have been stopped.
 *             Of two CPUs that panic at once one owns the panic; the other waits to be stopped.
 *
 * Failure     A panic while one is in progress on the same CPU, of a hook most likely, prints one
 *             line and ends; one while even that line is printed only ends. One while the other
 *             CPUs are being stopped prints the first message, too.
 */
#include "kernel/panic.h"

#include "drivers/qemu/debug_exit.h"
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/nmi.h"
#include "lib/format_line.h"

#define PANIC_TEXT_BYTES 512

static unsigned int panic_owner;                /* the CPU, plus 1; 0: nobody */
static unsigned int panic_depth;                /* by the owner only */
static bool is_printed;                         /* the first message is out */
static char panic_text[PANIC_TEXT_BYTES];
static LIST_HEAD(hooks);

void panic_register_hook(struct panic_hook *hook)
{
        list_add_tail(&hook->list, &hooks);
}

bool panic_in_progress(void)
{
        return READ_ONCE(panic_owner) != 0;
}

bool panic_is_here(void)
{
        return READ_ONCE(panic_owner) == smp_processor_id() + 1;
}

void panic_wait_for_end(void)
{
        for (;;)
                cpu_relax();
}

/* Become the CPU that takes the machine down; if there is one, come to rest. */
static void take_over(void)
{
        unsigned int nobody = 0;

        if (!__atomic_compare_exchange_n(&panic_owner, &nobody, smp_processor_id() + 1, false,
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
            !panic_is_here())
                panic_wait_for_end();
}

/* Leave the failure status; where nobody takes it, stand still. */
static void __noreturn end_machine(void)
{
        debug_exit(DEBUG_EXIT_PANIC);
        for (;;)
                cpu_halt();
}

/* Say what the other CPUs were doing. */
static void print_others(void)
{
        unsigned int self = smp_processor_id();
        unsigned int cpu;

        for_each_online_cpu(cpu)
                if (cpu != self)
                        nmi_print(cpu);
}

/* Print the first message, once. */
static void print_message(void)
{
        if (!is_printed)
                printk("panic: %s\n", panic_text);
        is_printed = true;
}

/* Everything after the message. */
static void __noreturn finish(struct backtrace_origin origin)
{
        struct panic_hook *hook;

        printk("call chain:\n");
        backtrace_print(origin);
        print_others();
        list_for_each_entry(hook, &hooks, list)
                hook->run();
        end_machine();
}

/* The whole of a panic; if one is in progress already, less and less. */
static void __noreturn panic_with(struct backtrace_origin origin, const char *format,
                                  va_list arguments)
{
        local_irq_disable();
        take_over();
        if (panic_depth++ > 1)
                end_machine();
        if (panic_depth > 1) {
                print_message();
                format_line(panic_text, sizeof(panic_text), format, arguments);
                printk("panic inside panic: %s\n", panic_text);
                end_machine();
        }
        format_line(panic_text, sizeof(panic_text), format, arguments);
        smp_stop_waiting();
        nmi_stop_others();
        print_message();
        finish(origin);
}

void panic(const char *format, ...)
{
        struct backtrace_origin origin = {
                .frame_pointer = (unsigned long)__builtin_frame_address(0),
        };
        va_list arguments;

        va_start(arguments, format);
        panic_with(origin, format, arguments);
}

void panic_from(struct backtrace_origin origin, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        panic_with(origin, format, arguments);
}
