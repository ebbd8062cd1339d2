/*
 * printk
 *
 * Idea        A line goes into a ring of the last bytes printed, and to every console in use. A
 *             console that comes later is first sent what the ring still has.
 *
 * Data        consoles: those in use; idle_consoles: those that console= does not name.
 *
 * Locking     Interrupts off, and a lock of its own, while a message is formatted and written, so
 *             that two messages do not mix. It comes after all other locks: printing takes none.
 *             It is not a spin lock, whose checks would print: its owner may take it again, for a
 *             bug found while printing; and who has waited for it far too long takes it over,
 *             since the owner may stand still. In a panic, the CPU that panics ignores it, and
 *             the others print no more.
 *             A message that does not end its line leaves the line open; what another task or
 *             an interrupt prints meanwhile begins a line of its own.
 *
 * Reading     docs/01-architecture.md; LDD3, chapter 4, "printk".
 */
#include "kernel/printk.h"

#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/spin_watch.h"
#include "kernel/panic.h"
#include "kernel/sync/schedule.h"
#include "lib/compiler.h"
#include "lib/console.h"
#include "lib/format.h"
#include "lib/string.h"

#define LOG_BYTES 16384u

static char log_ring[LOG_BYTES];
static unsigned int log_length_bytes;           /* all that was ever printed; wraps in 4 GiB */
static LIST_HEAD(consoles);
static LIST_HEAD(idle_consoles);
static const char *selection;                   /* the consoles to use; NULL: all */
static bool is_mute;
static unsigned int owner;                      /* the CPU that prints, plus 1; 0: nobody */
static unsigned long open_line;                 /* who has begun a line, and not ended it; or 0 */

/* What is noted so that the lock can be given back. */
struct turn {
        unsigned long flags;
        bool is_taken;                          /* false: it is somebody else's, or was ours */
};

/* Change the owner, if it is still who it was. *from is who it really is. */
static bool change_owner(unsigned int *from, unsigned int to)
{
        return __atomic_compare_exchange_n(&owner, from, to, false, __ATOMIC_ACQUIRE,
                                           __ATOMIC_RELAXED);
}

/*
 * Wait until nobody prints, or one CPU does so far too long. It is that one which loses its turn:
 * another waiter may have taken it over already, and just begun to print.
 */
static void wait_for_turn(unsigned int self)
{
        struct spin_watch watch = spin_watch_start();
        unsigned int seen = 0, printing = 0;

        while (!change_owner(&seen, self)) {
                if (seen != printing)
                        watch = spin_watch_start();
                printing = seen;
                seen = 0;
                if (panic_in_progress() && !panic_is_here())
                        panic_wait_for_end();
                if (spin_watch_expired(&watch))
                        change_owner(&(unsigned int){ printing }, 0);
                smp_poll();
                cpu_relax();
        }
}

/* Turn interrupts off, and be the only one who prints. */
static struct turn begin(void)
{
        struct turn turn = { .flags = local_irq_save() };
        unsigned int self = smp_processor_id() + 1;

        if (panic_in_progress() && !panic_is_here())
                panic_wait_for_end();
        if (READ_ONCE(owner) != self && !panic_in_progress()) {
                wait_for_turn(self);
                turn.is_taken = true;
        }
        return turn;
}

/* The end of begin(). The lock may have been taken over meanwhile. */
static void end(struct turn turn)
{
        unsigned int self = smp_processor_id() + 1;

        if (turn.is_taken)
                __atomic_compare_exchange_n(&owner, &self, 0, false, __ATOMIC_RELEASE,
                                            __ATOMIC_RELAXED);
        local_irq_restore(turn.flags);
}

/* Show bytes on every console in use. */
static void show(const char *text, size_t length_bytes)
{
        struct console *console;

        if (is_mute && !panic_in_progress())
                return;
        list_for_each_entry(console, &consoles, list)
                console->write(text, length_bytes);
}

/* Keep bytes in the ring and show them. The sink of format_to(). */
static void log_write(void *context __unused, const char *text, size_t length_bytes)
{
        for (size_t index = 0; index < length_bytes; index++)
                log_ring[log_length_bytes++ % LOG_BYTES] = text[index];
        show(text, length_bytes);
}

/* Who prints here: a task, or what interrupted it. */
static unsigned long printer(void)
{
        return (unsigned long)current + in_interrupt() + 1;
}

/* End the line that somebody else has begun. */
static void close_line(void)
{
        if (open_line && open_line != printer())
                log_write(NULL, "\n", 1);
}

/* Note whether what has been printed leaves a line open. */
static void note_open_line(int length)
{
        if (length)
                open_line = log_ring[(log_length_bytes - 1) % LOG_BYTES] == '\n' ? 0 : printer();
}

int printk(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        struct turn turn = begin();
        close_line();
        int length = format_to(log_write, NULL, format, arguments);
        note_open_line(length);
        end(turn);
        va_end(arguments);
        return length;
}

void console_write(const char *text, size_t length_bytes)
{
        struct turn turn = begin();

        show(text, length_bytes);
        end(turn);
}

void console_mute(bool is_muted)
{
        WRITE_ONCE(is_mute, is_muted);
}

unsigned int log_end(void)
{
        return READ_ONCE(log_length_bytes);
}

size_t log_read(unsigned int *position, char *buffer, size_t buffer_bytes)
{
        struct turn turn = begin();
        size_t length_bytes = 0;

        if (log_length_bytes - *position > LOG_BYTES)
                *position = log_length_bytes - LOG_BYTES;
        while (length_bytes < buffer_bytes && *position != log_length_bytes)
                buffer[length_bytes++] = log_ring[(*position)++ % LOG_BYTES];
        end(turn);
        return length_bytes;
}

/* Whether the first length_bytes of name are the whole name of console. */
static bool is_named(const struct console *console, const char *name, size_t length_bytes)
{
        return strlen(console->name) == length_bytes &&
               !strncmp(console->name, name, length_bytes);
}

/* Take the next name off a list divided by commas; returns its length, 0 at the end. */
static size_t next_name(const char **names, const char **name)
{
        *names += strspn(*names, ",");
        *name = *names;
        *names += strcspn(*names, ",");
        return (size_t)(*names - *name);
}

/* Whether a list of names has that of console. */
static bool is_selected(const struct console *console, const char *names)
{
        const char *name;
        size_t length_bytes;

        while ((length_bytes = next_name(&names, &name)))
                if (is_named(console, name, length_bytes))
                        return true;
        return false;
}

/* Whether a console in use has this name. */
static bool is_known(const char *name, size_t length_bytes)
{
        struct console *console;

        list_for_each_entry(console, &consoles, list)
                if (is_named(console, name, length_bytes))
                        return true;
        return false;
}

void consoles_select(const char *names)
{
        unsigned int known_count = 0;
        const char *rest = names;
        struct console *console, *next;
        const char *name;
        size_t length_bytes;

        while ((length_bytes = next_name(&rest, &name))) {
                if (is_known(name, length_bytes))
                        known_count++;
                else
                        printk("warning: console=%.*s: there is no such console\n",
                               (int)length_bytes, name);
        }
        if (!known_count)
                return;
        selection = names;
        list_for_each_entry_safe(console, next, &consoles, list) {
                if (is_selected(console, names))
                        continue;
                list_del(&console->list);
                list_add_tail(&console->list, &idle_consoles);
        }
}

/* Send a console that is new what the ring still has. */
static void replay(struct console *console)
{
        unsigned int position = 0;
        char piece[64];
        size_t length_bytes;

        while ((length_bytes = log_read(&position, piece, sizeof(piece))))
                console->write(piece, length_bytes);
}

void console_register(struct console *console)
{
        if (selection && !is_selected(console, selection)) {
                list_add_tail(&console->list, &idle_consoles);
                return;
        }
        replay(console);
        list_add_tail(&console->list, &consoles);
}
