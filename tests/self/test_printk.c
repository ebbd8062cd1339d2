/* test_printk.c - the log, and who sees what is printed. */
#include "kernel/options.h"
#include "kernel/printk.h"
#include "lib/console.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lib/test.h"

#define LINE "0123456789abcde\n"
#define LINE_COUNT 4096u                /* more than any log keeps */

static unsigned int shown_bytes;
static char last_shown;

/* The console that listens: counts what is shown, and keeps the last byte. */
static void listen(const char *text, size_t length_bytes)
{
        shown_bytes += (unsigned int)length_bytes;
        if (length_bytes)
                last_shown = text[length_bytes - 1];
}

/* Register that console, once; it cannot be taken away again. */
static void start_listening(void)
{
        static struct console listener = { .name = "listener", .write = listen };
        static bool is_registered;

        if (!is_registered)
                console_register(&listener);
        is_registered = true;
}

TEST(printk, new_console_is_shown_the_past)
{
        if (options.console)
                SKIP("console= leaves the listener out");
        start_listening();
        EXPECT(shown_bytes > 0);
}

TEST(printk, mute_keeps_consoles_quiet)
{
        if (options.console)
                SKIP("console= leaves the listener out");
        start_listening();
        unsigned int before = shown_bytes;
        unsigned int position = log_end();

        console_mute(true);
        printk("nobody sees this\n");
        console_write("nor this", 8);
        unsigned int while_mute = shown_bytes;
        console_mute(false);
        EXPECT_EQ(while_mute, before);
        EXPECT_EQ(log_end(), position + strlen("nobody sees this\n"));
        printk("# seen\n");
        EXPECT_EQ(shown_bytes, before + strlen("# seen\n"));
        EXPECT_EQ(last_shown, '\n');
}

TEST(printk, log_gives_back_what_was_printed)
{
        unsigned int position = log_end();
        char text[sizeof(LINE)];

        console_mute(true);
        printk(LINE);
        console_mute(false);
        size_t length_bytes = log_read(&position, text, sizeof(text));
        EXPECT_EQ(length_bytes, strlen(LINE));
        EXPECT(!memcmp(text, LINE, length_bytes));
        EXPECT_EQ(log_read(&position, text, sizeof(text)), 0);
}

TEST(printk, log_leaves_out_what_was_overwritten)
{
        unsigned int position = log_end();
        size_t read_bytes = 0;
        size_t piece_bytes;
        char text[64];

        console_mute(true);
        for (unsigned int line = 0; line < LINE_COUNT; line++)
                printk(LINE);
        console_mute(false);
        while ((piece_bytes = log_read(&position, text, sizeof(text))))
                read_bytes += piece_bytes;
        EXPECT_EQ(position, log_end());
        EXPECT(read_bytes > 0);
        EXPECT(read_bytes < LINE_COUNT * strlen(LINE));
}
