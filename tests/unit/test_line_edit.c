/*
 * The line editor in front of a small model of a terminal: after each byte, what the terminal
 * shows must be the prompt and the line, with the cursor in its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/monitor/line_edit.h"
#include "lib/bits.h"
#include "lib/compiler.h"
#include "lib/random.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/terminal.h"

#define PROMPT "strata> "

static struct terminal terminal;
static struct line_edit edit;

/* Commands, and for the second word of `free`, what can be freed. */
static const char *offer_candidate(void *context __unused, const char *line, size_t word_start,
                                   unsigned int index)
{
        static const char *const commands[] = {
                "free", "meminfo", "memmap", "buddyinfo", "buddy", NULL,
        };
        static const char *const arguments[] = { "page", "pages", "bad\tword", NULL };

        return strncmp(line, "free ", 5) == 0 && word_start ? arguments[index] : commands[index];
}

static const struct line_edit_config config = {
        .prompt = PROMPT,
        .columns = TERMINAL_COLUMNS,
        .write = terminal_write,
        .candidate = offer_candidate,
        .context = &terminal,
};

/* Starts the editor with an empty terminal and no history. */
static void start(void)
{
        terminal_reset(&terminal);
        line_edit_init(&edit, &config);
        line_edit_prompt(&edit);
}

/* Fails the test unless the terminal shows the prompt, the visible part and the cursor. */
static void check_terminal(struct test_state *test)
{
        char expected[TERMINAL_COLUMNS];
        size_t prompt = strlen(PROMPT);
        size_t visible = min(edit.length - edit.view, TERMINAL_COLUMNS - 1 - prompt);

        if (terminal.problem)
                test_fail(test, __FILE__, __LINE__, "terminal: %s", terminal.problem);
        memset(expected, ' ', TERMINAL_COLUMNS);
        memcpy(expected, PROMPT, prompt);
        memcpy(expected + prompt, edit.text + edit.view, visible);
        if (memcmp(terminal.row, expected, TERMINAL_COLUMNS) != 0)
                test_fail(test, __FILE__, __LINE__, "<%.40s>, not <%.40s>", terminal.row, expected);
        EXPECT_EQ(terminal.column, prompt + edit.cursor - edit.view);
}

/* Feeds bytes, checks everything after each, and returns the last event. */
static enum line_event feed(struct test_state *test, const char *bytes, size_t count)
{
        enum line_event event = LINE_NOTHING;

        for (size_t i = 0; i < count; i++) {
                if (edit.finished && bytes[i] != '\n')
                        line_edit_prompt(&edit);
                event = line_edit_feed(&edit, (u8)bytes[i]);
                line_edit_check(&edit);
                if (event == LINE_INTERRUPT)
                        line_edit_prompt(&edit);
                if (!edit.finished)
                        check_terminal(test);
        }
        return event;
}

/* Feeds a string. */
static enum line_event type(struct test_state *test, const char *text)
{
        return feed(test, text, strlen(text));
}

/* What keys make of an empty line. */
struct keys {
        const char *keys;
        const char *text;
        size_t cursor;
};

/* Types each row into a new editor and compares. */
static void expect_edits(struct test_state *test, const struct keys *rows, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                start();
                EXPECT_EQ(type(test, rows[i].keys), LINE_NOTHING);
                if (strcmp(edit.text, rows[i].text) != 0 || edit.cursor != rows[i].cursor)
                        test_fail(test, __FILE__, __LINE__, "row %zu: \"%s\", cursor %zu", i,
                                  edit.text, edit.cursor);
        }
}

TEST(line_edit, keys_move_and_delete)
{
        static const struct keys rows[] = {
                { "abc", "abc", 3 },                    { "abc\002X", "abXc", 3 },
                { "abc\001X", "Xabc", 1 },              { "abc\001\006X", "aXbc", 2 },
                { "abc\001\005X", "abcX", 4 },          { "abc\177", "ab", 2 },
                { "abc\010\010", "a", 1 },              { "abc\002\177", "ac", 1 },
                { "abc\001\177", "abc", 0 },            { "abc\001\004", "bc", 0 },
                { "abc\004", "abc", 3 },                { "abc\006\006", "abc", 3 },
                { "abc\001\002", "abc", 0 },            { "abc\002\002\013", "a", 1 },
                { "abc\002\025", "c", 0 },              { "one two\027", "one ", 4 },
                { "one two  \027", "one ", 4 },         { "one; two\027\027", "", 0 },
                { "a b\002\027", "b", 0 },              { "one two\027X\031", "one Xtwo", 8 },
                { "ab\025\031\031", "abab", 4 },        { "ab\001\013\013\031", "ab", 2 },
                { "\031", "", 0 },                      { "ab\001\027\025c", "cab", 1 },
        };

        expect_edits(test, rows, ARRAY_SIZE(rows));
}

TEST(line_edit, escape_sequences)
{
        static const struct keys rows[] = {
                { "abc\033[DX", "abXc", 3 },            { "abc\033ODX", "abXc", 3 },
                { "abc\033[HX", "Xabc", 1 },            { "abc\033[1~X", "Xabc", 1 },
                { "abc\033[7~X", "Xabc", 1 },           { "abc\001\033[F", "abc", 3 },
                { "abc\001\033[4~", "abc", 3 },         { "abc\001\033OF", "abc", 3 },
                { "abc\001\033[8~", "abc", 3 },         { "abc\001\033[C\033[3~", "ac", 1 },
                { "abc\033[1;5DX", "abXc", 3 },         { "abc\002\033[3;5~", "ab", 2 },
                { "a\033[5~\033[2~\033[~b", "ab", 2 },  { "a\033[?25hb", "ab", 2 },
                { "a\033[[Ab", "ab", 2 },               { "a\033xb", "ab", 2 },
                { "a\033OZ\033[Ib", "ab", 2 },          { "a\033[10~b", "ab", 2 },
                { "a\033[9~b", "ab", 2 },               { "a\033[999999999999999999~b", "ab", 2 },
                { "a\033[@b", "ab", 2 },                { "a\033[5;@b", "ab", 2 },
                { "a\033\033[Db", "ba", 1 },            { "a\033[\001b", "ba", 1 },
                { "ab\033[\377[", "ab[", 3 },           { "ab\033\177", "a", 1 },
        };

        expect_edits(test, rows, ARRAY_SIZE(rows));
}

TEST(line_edit, noise_is_ignored)
{
        static const char noise[] = "a\0b\200\377c\003\034\035\037\021\023d";

        start();
        EXPECT_EQ(feed(test, noise, sizeof(noise) - 1), LINE_NOTHING);
        EXPECT_EQ(strcmp(edit.text, "d"), 0);
        EXPECT_EQ(terminal.bell_count, 0);
}

TEST(line_edit, line_ends_are_one_enter_each)
{
        static const char ends[] = "a\rb\nc\r\nd\r\n\n\r";
        static const char *const lines[] = { "a", "b", "c", "d", "", "" };
        size_t count = 0;

        start();
        for (size_t i = 0; i < sizeof(ends) - 1; i++) {
                if (line_edit_feed(&edit, (u8)ends[i]) != LINE_READY)
                        continue;
                REQUIRE(count < ARRAY_SIZE(lines));
                EXPECT_EQ(strcmp(edit.text, lines[count]), 0);
                EXPECT_EQ(edit.length, strlen(lines[count]));
                count++;
                EXPECT_EQ(terminal.row_count, count);
                EXPECT_EQ(terminal.column, 0);
                line_edit_prompt(&edit);
        }
        EXPECT_EQ(count, ARRAY_SIZE(lines));
}

TEST(line_edit, line_stays_until_the_next_key)
{
        start();
        EXPECT_EQ(type(test, "first\001\r"), LINE_READY);
        EXPECT_EQ(line_edit_feed(&edit, '\n'), LINE_NOTHING);
        EXPECT_EQ(strcmp(edit.text, "first"), 0);
        line_edit_feed(&edit, 'x');
        EXPECT_EQ(strcmp(edit.text, "x"), 0);
}

TEST(line_edit, end_of_input_only_on_an_empty_line)
{
        start();
        EXPECT_EQ(type(test, "\004"), LINE_END_OF_INPUT);
        EXPECT_EQ(type(test, "a\004"), LINE_NOTHING);
        EXPECT_EQ(type(test, "\177\004"), LINE_END_OF_INPUT);
}

TEST(line_edit, interrupt_gives_up_the_line)
{
        start();
        EXPECT_EQ(type(test, "abc\003"), LINE_INTERRUPT);
        EXPECT_EQ(edit.length, 0);
        EXPECT(strstr(terminal.output, "abc^C\r\n"));
        EXPECT_EQ(type(test, "\033[A"), LINE_NOTHING);
        EXPECT_EQ(edit.length, 0);
}

TEST(line_edit, letters_at_the_end_are_just_printed)
{
        start();
        terminal.output_length = 0;
        type(test, "meminfo");
        EXPECT_EQ(strcmp(terminal.output, "meminfo"), 0);
}

TEST(line_edit, full_line_rings_the_bell)
{
        start();
        for (unsigned int i = 0; i < LINE_EDIT_BYTES - 1; i++)
                type(test, "x");
        EXPECT_EQ(terminal.bell_count, 0);
        EXPECT_EQ(edit.length, LINE_EDIT_BYTES - 1);
        type(test, "y\001z");
        EXPECT_EQ(terminal.bell_count, 2);
        EXPECT_EQ(edit.length, LINE_EDIT_BYTES - 1);
        EXPECT(!strchr(edit.text, 'y') && !strchr(edit.text, 'z'));
        EXPECT_EQ(type(test, "\r"), LINE_READY);
        EXPECT_EQ(strlen(edit.text), LINE_EDIT_BYTES - 1);
}

TEST(line_edit, killed_text_comes_back_whole_or_not_at_all)
{
        start();
        for (unsigned int i = 0; i < 200; i++)
                type(test, "x");
        type(test, "\025\031\031");
        EXPECT_EQ(edit.length, 200);
        EXPECT_EQ(terminal.bell_count, 1);
}

TEST(line_edit, history_goes_back_and_forth)
{
        start();
        type(test, "one\rtwo\rtwo\r\r");
        type(test, "thr\033[A");
        EXPECT_EQ(strcmp(edit.text, "two"), 0);
        type(test, "\020");
        EXPECT_EQ(strcmp(edit.text, "one"), 0);
        EXPECT_EQ(terminal.bell_count, 0);
        type(test, "\033[A");
        EXPECT_EQ(terminal.bell_count, 1);
        type(test, "!\033OB");
        EXPECT_EQ(strcmp(edit.text, "two"), 0);
        type(test, "\016");
        EXPECT_EQ(strcmp(edit.text, "thr"), 0);
        EXPECT_EQ(edit.cursor, 3);
        type(test, "\016");
        EXPECT_EQ(terminal.bell_count, 2);
        type(test, "\020\020");
        EXPECT_EQ(strcmp(edit.text, "one"), 0);
        EXPECT_EQ(type(test, "!\r"), LINE_READY);
        EXPECT_EQ(strcmp(edit.text, "one!"), 0);
        type(test, "\020");
        EXPECT_EQ(strcmp(edit.text, "one!"), 0);
}

TEST(line_edit, history_keeps_the_last_lines)
{
        char line[20];

        start();
        for (int i = 0; i < LINE_EDIT_HISTORY + 10; i++) {
                snprintf(line, sizeof(line), "line %d\r", i);
                type(test, line);
        }
        for (int i = LINE_EDIT_HISTORY + 9; i >= 10; i--) {
                snprintf(line, sizeof(line), "line %d", i);
                type(test, "\020");
                EXPECT_EQ(strcmp(edit.text, line), 0);
        }
        type(test, "\020");
        EXPECT_EQ(terminal.bell_count, 1);
        EXPECT_EQ(strcmp(edit.text, "line 10"), 0);
}

TEST(line_edit, tab_completes)
{
        static const struct keys rows[] = {
                { "f\t", "free ", 5 },                  { "free\t", "free ", 5 },
                { "m\t", "mem", 3 },                    { "memi\t", "meminfo ", 8 },
                { "bu\t", "buddy", 5 },                 { "buddy\t", "buddy", 5 },
                { "x\t", "x", 1 },                      { "m; f\t", "m; free ", 8 },
                { "free p\t", "free page", 9 },         { "free pages\t", "free pages ", 11 },
                { "free b\t", "free b", 6 },            { "mem\001f\t", "free mem", 5 },
                { "\t", "", 0 },                        { "m; \t", "m; ", 3 },
                { "memif\002\t", "meminfo f", 8 },      { "freedom\t", "freedom", 7 },
        };

        expect_edits(test, rows, ARRAY_SIZE(rows));
}

TEST(line_edit, second_tab_lists_the_candidates)
{
        start();
        type(test, "m\t");
        EXPECT_EQ(terminal.bell_count, 0);
        EXPECT_EQ(terminal.row_count, 0);
        type(test, "\t");
        EXPECT_EQ(terminal.row_count, 2);
        EXPECT(strstr(terminal.output, "\r\nmeminfo  memmap  \r\n"));
        EXPECT_EQ(strcmp(edit.text, "mem"), 0);
        start();
        type(test, "mem\t");
        EXPECT_EQ(terminal.bell_count, 1);
        type(test, "\005\t");
        EXPECT_EQ(terminal.row_count, 0);
        EXPECT_EQ(terminal.bell_count, 2);
        start();
        type(test, "free \t\t\t");
        EXPECT(strstr(terminal.output, "\r\npage  pages  \r\n"));
}

TEST(line_edit, tab_without_candidates_or_room_rings_the_bell)
{
        const struct line_edit_config plain = {
                .prompt = "", .columns = TERMINAL_COLUMNS, .write = terminal_write,
                .context = &terminal,
        };

        start();
        for (int i = 0; i < LINE_EDIT_BYTES - 6; i++)
                type(test, "x");
        type(test, " bu\t");
        EXPECT_EQ(edit.length, LINE_EDIT_BYTES - 3);
        EXPECT_EQ(terminal.bell_count, 1);
        line_edit_init(&edit, &plain);
        line_edit_prompt(&edit);
        line_edit_feed(&edit, 'b');
        line_edit_feed(&edit, '\t');
        EXPECT_EQ(terminal.bell_count, 2);
        line_edit_feed(&edit, '\001');
        EXPECT_EQ(terminal.column, 0);
        EXPECT(!terminal.problem);
}

TEST(line_edit, clear_screen_draws_the_line_anew)
{
        start();
        type(test, "ab\002\014");
        EXPECT_EQ(terminal.clear_count, 1);
        terminal_write(&terminal, "17 columns of log", 17);
        line_edit_redraw(&edit);
        check_terminal(test);
}

TEST(line_edit, long_lines_scroll_sideways)
{
        start();
        for (int i = 0; i < 100; i++)
                type(test, (const char[]){ (char)('a' + i % 26), '\0' });
        EXPECT(edit.view > 0);
        for (int i = 0; i < 100; i++)
                type(test, "\002");
        EXPECT_EQ(edit.view, 0);
        type(test, "\005\177\001\004\005\025");
        EXPECT_EQ(edit.length, 0);
        EXPECT_EQ(edit.view, 0);
}

/* Draws a key: letters, control characters, pieces of sequences, anything. */
static char draw_byte(struct random *random)
{
        switch (random_below(random, 6)) {
        case 0:
                return (char)random_below(random, 32);
        case 1:
                return "\033[O~ABCDFH3147;\177"[random_below(random, 16)];
        case 2:
                return (char)random_next(random);
        case 3:
                return "\t\t\033\020\016\r"[random_below(random, 6)];
        default:
                return "memfrbu pa;"[random_below(random, 11)];
        }
}

TEST(line_edit, random_bytes_keep_the_invariants)
{
        struct random random;

        random_seed(&random, test->seed);
        for (int round = 0; round < 20; round++) {
                start();
                for (int i = 0; i < 5000 && !test->failure_count; i++) {
                        char byte = draw_byte(&random);
                        if (byte == 3 && !random_one_in(&random, 20))
                                continue;
                        if (feed(test, &byte, 1) == LINE_READY)
                                EXPECT_EQ(terminal.column, 0);
                }
        }
}

/* Letters, moves and deletions alone, so that lines grow long and scroll. */
TEST(line_edit, random_typing_fills_the_line)
{
        struct random random;
        size_t longest = 0;

        random_seed(&random, test->seed);
        start();
        for (int i = 0; i < 20000; i++) {
                char byte = (char)random_between(&random, ' ', '~');
                if (random_one_in(&random, 3))
                        byte = "\001\002\005\006\010\004\002\006\031"[random_below(&random, 9)];
                feed(test, &byte, 1);
                longest = max(longest, edit.length);
        }
        EXPECT_EQ(longest, LINE_EDIT_BYTES - 1);
}

TEST(line_edit, check_finds_what_is_broken)
{
        start();
        type(test, "one\rtwo");
        edit.cursor = 4;
        EXPECT_PANIC(line_edit_check(&edit), "EDIT-2");
        edit.cursor = 3;
        edit.history_age = 2;
        EXPECT_PANIC(line_edit_check(&edit), "EDIT-4");
        edit.history_age = 0;
        edit.text[1] = '\t';
        EXPECT_PANIC(line_edit_check(&edit), "EDIT-3");
        edit.text[1] = '\0';
        EXPECT_PANIC(line_edit_check(&edit), "EDIT-1");
        edit.length = LINE_EDIT_BYTES;
        EXPECT_PANIC(line_edit_check(&edit), "EDIT-1");
}
