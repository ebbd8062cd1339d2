/*
 * Panic
 *
 * Idea        One line `panic: message`, the call chain, whatever subsystems have registered, and a
 *             failure status for whoever started the machine.
 *
 * Locking     Interrupts off, for good.
 *
 * Failure     A panic while one is in progress, of a hook most likely, prints one line and ends;
 *             one while even that line is printed only ends.
 */
#include "kernel/panic.h"

#include "drivers/qemu/debug_exit.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "lib/format_line.h"

#define PANIC_TEXT_BYTES 512

static unsigned int panic_depth;
static char panic_text[PANIC_TEXT_BYTES];
static LIST_HEAD(hooks);

void panic_register_hook(struct panic_hook *hook)
{
        list_add_tail(&hook->list, &hooks);
}

bool panic_in_progress(void)
{
        return READ_ONCE(panic_depth) != 0;
}

/* Leave the failure status; where nobody takes it, stand still. */
static void __noreturn end_machine(void)
{
        debug_exit(DEBUG_EXIT_PANIC);
        for (;;)
                cpu_halt();
}

/* Everything after the message. */
static void __noreturn finish(struct backtrace_origin origin)
{
        struct panic_hook *hook;

        printk("call chain:\n");
        backtrace_print(origin);
        list_for_each_entry(hook, &hooks, list)
                hook->run();
        end_machine();
}

/* The whole of a panic; if one is in progress already, less and less. */
static void __noreturn panic_with(struct backtrace_origin origin, const char *format,
                                  va_list arguments)
{
        local_irq_disable();
        if (panic_depth++ > 1)
                end_machine();

        format_line(panic_text, sizeof(panic_text), format, arguments);
        if (panic_depth > 1) {
                printk("panic inside panic: %s\n", panic_text);
                end_machine();
        }
        printk("panic: %s\n", panic_text);
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
