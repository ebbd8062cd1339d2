/*
 * printk
 *
 * Idea        A line goes into a ring of the last bytes printed, and to every console that is
 *             registered. A console that comes later is first sent what the ring still has.
 *
 * Locking     Interrupts off while a message is formatted and written, so that two messages do
 *             not mix. A panic inside a console finds the same function working again.
 *
 * Reading     docs/01-architecture.md; LDD3, chapter 4, "printk".
 */
#include "kernel/cpu/irqflags.h"
#include "lib/console.h"
#include "lib/format.h"
#include "lib/panic.h"

#define LOG_BYTES 16384u

static char log_ring[LOG_BYTES];
static unsigned int log_length_bytes;           /* all that was ever printed; wraps in 4 GiB */
static LIST_HEAD(consoles);

/* Keep bytes in the ring and show them. The sink of format_to(). */
static void log_write(void *context __unused, const char *text, size_t length_bytes)
{
        struct console *console;

        for (size_t index = 0; index < length_bytes; index++)
                log_ring[log_length_bytes++ % LOG_BYTES] = text[index];
        list_for_each_entry(console, &consoles, list)
                console->write(text, length_bytes);
}

int printk(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        unsigned long flags = local_irq_save();
        int length = format_to(log_write, NULL, format, arguments);
        local_irq_restore(flags);
        va_end(arguments);
        return length;
}

void console_register(struct console *console)
{
        unsigned int start = log_length_bytes > LOG_BYTES ? log_length_bytes - LOG_BYTES : 0;

        for (unsigned int position = start; position != log_length_bytes; position++)
                console->write(&log_ring[position % LOG_BYTES], 1);
        list_add_tail(&console->list, &consoles);
}
