/*
 * Monitor
 *
 * Idea        A line from the serial port goes through the line editor, is cut into commands and
 *             words, and each command is looked up in the array that the linker gathered. The
 *             kernel's command line (run=) enters in the middle.
 *
 * Picture     uart_read -> line_edit -> words_next_command -> words_split -> command->run()
 *                                           ^
 *                                   run="…" +
 *
 * Data        command_texts[]: the commands that run now, one inside the other: a self test runs
 *             commands, and a command ran the self test. They are no local variables because
 *             stacks are small.
 *
 * Locking     None: one monitor. A command may call monitor_execute() again.
 *
 * Failure     A command that is unknown, too long or wrongly used is answered with a sentence.
 *
 * Reading     README.md, "The monitor".
 */
#include "kernel/monitor/monitor.h"

#include "drivers/serial/uart16550.h"
#include "kernel/bench/bench.h"
#include "kernel/monitor/completion.h"
#include "kernel/monitor/line_edit.h"
#include "kernel/monitor/words.h"
#include "lib/panic.h"
#include "lib/string.h"

#define TERMINAL_COLUMNS 80
#define NESTING_MOST 3u

static char command_texts[NESTING_MOST][MONITOR_COMMAND_BYTES];
static unsigned int nesting;

const struct monitor_command *monitor_command_find(const char *name)
{
        for (const struct monitor_command *command = __start_monitor_commands;
             command < __stop_monitor_commands; command++)
                if (!strcmp(command->name, name))
                        return command;
        return NULL;
}

/* Run a command that has been cut into words. Returns whether it succeeded. */
static bool run_words(int count, char **words)
{
        const struct monitor_command *command = monitor_command_find(words[0]);

        if (!command) {
                printk("%s: no such command; `help` lists them\n", words[0]);
                return false;
        }
        enum monitor_status status = command->run(count, words);
        if (status == MONITOR_USAGE)
                printk("usage: %s%s%s\n", command->name, *command->arguments ? " " : "",
                       command->arguments);
        return status == MONITOR_OK;
}

/* Run one command, whose text is changed. Returns whether it succeeded. */
static bool run_command(char *text)
{
        char *words[MONITOR_WORDS_MAX + 1];
        int count = words_split(text, words, MONITOR_WORDS_MAX + 1);

        switch (count) {
        case WORDS_TOO_MANY:
                printk("a command has at most %u words\n", MONITOR_WORDS_MAX);
                return false;
        case WORDS_OPEN_QUOTE:
                printk("a double quote is not closed\n");
                return false;
        default:
                return run_words(count, words);
        }
}

/* Run the commands of text by way of a buffer, printing each before it runs if that is wanted. */
static bool run_each(const char *text, char *command, bool is_shown)
{
        bool all_succeeded = true;
        size_t length_bytes;

        while (words_next_command(&text, command, MONITOR_COMMAND_BYTES, &length_bytes)) {
                if (is_shown)
                        printk(MONITOR_PROMPT "%s\n", command);
                if (length_bytes < MONITOR_COMMAND_BYTES) {
                        all_succeeded &= run_command(command);
                        continue;
                }
                printk("a command has at most %u characters\n", MONITOR_COMMAND_BYTES - 1);
                all_succeeded = false;
        }
        return all_succeeded;
}

/* The same by way of a buffer that no command around this one uses. */
static bool run_text(const char *text, bool is_shown)
{
        if (nesting == NESTING_MOST) {
                printk("commands run each other %u deep at most\n", NESTING_MOST);
                return false;
        }
        bool all_succeeded = run_each(text, command_texts[nesting++], is_shown);
        nesting--;
        return all_succeeded;
}

bool monitor_run_commands(const char *text)
{
        bench_note_prompt();
        return run_text(text, true);
}

bool monitor_execute(const char *text)
{
        return run_text(text, false);
}

/* Show what the editor draws. Only on the serial line: other consoles know no cursor movements. */
static void show_editing(void *context __unused, const char *text, size_t length_bytes)
{
        uart_write(text, length_bytes);
}

void monitor_run(void)
{
        static const struct line_edit_config config = {
                .prompt = MONITOR_PROMPT,
                .columns = TERMINAL_COLUMNS,
                .write = show_editing,
                .candidate = completion_candidate,
        };
        static struct line_edit edit;

        line_edit_init(&edit, &config);
        line_edit_prompt(&edit);
        bench_note_prompt();
        for (;;) {
                switch (line_edit_feed(&edit, uart_wait_for_byte())) {
                case LINE_NOTHING:
                        continue;
                case LINE_READY:
                        monitor_execute(edit.text);
                        break;
                case LINE_END_OF_INPUT:
                        printk("\n`poweroff` ends the machine\n");
                        break;
                case LINE_INTERRUPT:
                        break;
                }
                line_edit_prompt(&edit);
        }
}
