/*
 * Line editing
 *
 * Idea        The line is an array with a cursor. Each key is a small function that changes them;
 *             then the whole line is drawn again: carriage return, prompt, the part that fits the
 *             terminal, erase the rest, put the cursor. That is right whatever was there before,
 *             and short lines make it cheap. Only a letter typed at the end is just printed.
 *
 * Picture     text      a l l o c ;   b u d d y i n f o \0
 *                                 ^view       ^cursor   ^length
 *             terminal  prompt> ; buddyinfo
 *
 * Data        struct line_edit. The history is a ring; line n of it lies in slot n % size.
 *
 * Invariants  EDIT-1  length is less than LINE_EDIT_BYTES, and text[length] is the first zero.
 *             EDIT-2  view <= cursor <= length.
 *             EDIT-3  text holds printable ASCII only.
 *             EDIT-4  history_age is at most the number of lines that the ring holds.
 *
 * Failure     What cannot be done rings the bell: a line that is full, no older line, no candidate.
 *
 * Reading     VT100 user guide, chapter 3 (what the terminal is sent).
 */
#include "kernel/monitor/line_edit.h"

#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/string.h"

#define BELL "\a"
#define NEW_LINE "\r\n"
#define CLEAR_SCREEN "\033[H\033[2J"
#define ERASE_TO_END "\033[K"

/* What separates words for Control-W and for completion. */
#define WORD_ENDS " ;"

/* A key: changes the line, and shows the change. */
typedef void (*key_action_t)(struct line_edit *edit);

/* Prints a string on the terminal. */
static void show(struct line_edit *edit, const char *text)
{
        edit->config->write(edit->config->context, text, strlen(text));
}

/* Rings the bell. */
static void refuse(struct line_edit *edit)
{
        show(edit, BELL);
}

/* How many characters of the line fit behind the prompt; the last column stays free. */
static size_t view_width(const struct line_edit *edit)
{
        return edit->config->columns - 1 - strlen(edit->config->prompt);
}

/* Chooses the part of the line to show: as much as fits, with the cursor in it. */
static void move_view(struct line_edit *edit)
{
        size_t width = view_width(edit);

        if (edit->view + width > edit->length)
                edit->view = edit->length > width ? edit->length - width : 0;
        if (edit->cursor < edit->view)
                edit->view = edit->cursor;
        if (edit->cursor > edit->view + width)
                edit->view = edit->cursor - width;
}

void line_edit_redraw(struct line_edit *edit)
{
        char place[24];

        move_view(edit);
        size_t shown = min(edit->length - edit->view, view_width(edit));
        size_t column = strlen(edit->config->prompt) + edit->cursor - edit->view;

        show(edit, "\r");
        show(edit, edit->config->prompt);
        edit->config->write(edit->config->context, edit->text + edit->view, shown);
        show(edit, ERASE_TO_END);
        if (edit->cursor == edit->view + shown)
                return;
        snprintf(place, sizeof(place), column ? "\r\033[%uC" : "\r", (unsigned int)column);
        show(edit, place);
}

/* Empties the line. */
static void clear_line(struct line_edit *edit)
{
        edit->text[0] = '\0';
        edit->length = 0;
        edit->cursor = 0;
        edit->view = 0;
        edit->history_age = 0;
        edit->finished = false;
}

void line_edit_init(struct line_edit *edit, const struct line_edit_config *config)
{
        memset(edit, 0, sizeof(*edit));
        edit->config = config;
}

void line_edit_prompt(struct line_edit *edit)
{
        clear_line(edit);
        line_edit_redraw(edit);
}

/* Inserts length characters at the cursor; false, with a bell, when they do not all fit. */
static bool insert(struct line_edit *edit, const char *text, size_t length)
{
        char *place = edit->text + edit->cursor;

        if (edit->length + length >= LINE_EDIT_BYTES) {
                refuse(edit);
                return false;
        }
        memmove(place + length, place, edit->length - edit->cursor + 1);
        memcpy(place, text, length);
        edit->length += length;
        edit->cursor += length;
        return true;
}

/* A letter: one that is typed at the end, where there is room to show it, is just printed. */
static void type_character(struct line_edit *edit, char character)
{
        if (!insert(edit, &character, 1))
                return;
        if (edit->cursor == edit->length && edit->length - edit->view <= view_width(edit))
                edit->config->write(edit->config->context, &character, 1);
        else
                line_edit_redraw(edit);
}

/* Takes out the characters from first up to last, and leaves the cursor in their place. */
static void remove_range(struct line_edit *edit, size_t first, size_t last)
{
        memmove(edit->text + first, edit->text + last, edit->length - last + 1);
        edit->length -= last - first;
        edit->cursor = first;
        line_edit_redraw(edit);
}

/* The same, and keeps what it takes for Control-Y. Keeps the former text when nothing is taken. */
static void kill_range(struct line_edit *edit, size_t first, size_t last)
{
        if (first == last)
                return;
        memcpy(edit->killed, edit->text + first, last - first);
        edit->killed[last - first] = '\0';
        remove_range(edit, first, last);
}

/* Where the word starts that ends at from. */
static size_t find_word_start(const struct line_edit *edit, size_t from)
{
        while (from && !strchr(WORD_ENDS, edit->text[from - 1]))
                from--;
        return from;
}

/* Control-B, arrow left. */
static void move_left(struct line_edit *edit)
{
        if (edit->cursor)
                edit->cursor--;
        line_edit_redraw(edit);
}

/* Control-F, arrow right. */
static void move_right(struct line_edit *edit)
{
        if (edit->cursor < edit->length)
                edit->cursor++;
        line_edit_redraw(edit);
}

/* Control-A, Home. */
static void move_home(struct line_edit *edit)
{
        edit->cursor = 0;
        line_edit_redraw(edit);
}

/* Control-E, End. */
static void move_end(struct line_edit *edit)
{
        edit->cursor = edit->length;
        line_edit_redraw(edit);
}

/* Backspace. */
static void delete_before(struct line_edit *edit)
{
        if (edit->cursor)
                remove_range(edit, edit->cursor - 1, edit->cursor);
}

/* Delete. */
static void delete_at(struct line_edit *edit)
{
        if (edit->cursor < edit->length)
                remove_range(edit, edit->cursor, edit->cursor + 1);
}

/* Control-K. */
static void kill_to_end(struct line_edit *edit)
{
        kill_range(edit, edit->cursor, edit->length);
}

/* Control-U. */
static void kill_to_start(struct line_edit *edit)
{
        kill_range(edit, 0, edit->cursor);
}

/* Control-W: the word before the cursor, and what separates it from the cursor. */
static void kill_word(struct line_edit *edit)
{
        size_t end = edit->cursor;

        while (end && strchr(WORD_ENDS, edit->text[end - 1]))
                end--;
        kill_range(edit, find_word_start(edit, end), edit->cursor);
}

/* Control-Y. */
static void bring_back(struct line_edit *edit)
{
        if (insert(edit, edit->killed, strlen(edit->killed)))
                line_edit_redraw(edit);
}

/* Control-L. */
static void clear_screen(struct line_edit *edit)
{
        show(edit, CLEAR_SCREEN);
        line_edit_redraw(edit);
}

/* How many old lines there are to go back to. */
static unsigned int history_held(const struct line_edit *edit)
{
        return min(edit->history_count, (unsigned int)LINE_EDIT_HISTORY);
}

/* The slot of the line that is age lines old; age is 1 for the last line. */
static char *history_slot(struct line_edit *edit, unsigned int age)
{
        return edit->history[(edit->history_count - age) % LINE_EDIT_HISTORY];
}

/* Keeps the line, unless it is empty or the same as the last one. */
static void remember_line(struct line_edit *edit)
{
        if (!edit->length)
                return;
        if (edit->history_count && strcmp(history_slot(edit, 1), edit->text) == 0)
                return;
        edit->history_count++;
        memcpy(history_slot(edit, 1), edit->text, LINE_EDIT_BYTES);
}

/* Shows the line of the given age, of which 0 is the one being written, with the cursor behind. */
static void show_age(struct line_edit *edit, unsigned int age)
{
        if (!edit->history_age)
                memcpy(edit->unfinished, edit->text, LINE_EDIT_BYTES);
        edit->history_age = age;
        memcpy(edit->text, age ? history_slot(edit, age) : edit->unfinished, LINE_EDIT_BYTES);
        edit->length = strlen(edit->text);
        move_end(edit);
}

/* Control-P, arrow up. */
static void show_older(struct line_edit *edit)
{
        if (edit->history_age < history_held(edit))
                show_age(edit, edit->history_age + 1);
        else
                refuse(edit);
}

/* Control-N, arrow down. */
static void show_newer(struct line_edit *edit)
{
        if (edit->history_age)
                show_age(edit, edit->history_age - 1);
        else
                refuse(edit);
}

/* Whether text has nothing but what a line may hold. */
static bool is_printable(const char *text)
{
        while (*text >= ' ' && *text <= '~')
                text++;
        return *text == '\0';
}

/* The candidates that begin with what has been typed of a word. */
struct completion {
        size_t start;           /* of the word */
        size_t typed;           /* characters of it before the cursor */
        unsigned int index;     /* of the next candidate to look at */
};

/* The next candidate that fits, or NULL. */
static const char *next_fitting(struct line_edit *edit, struct completion *completion)
{
        const struct line_edit_config *config = edit->config;
        const char *word = edit->text + completion->start;
        const char *candidate;

        do {
                candidate = config->candidate(config->context, edit->text, completion->start,
                                              completion->index++);
        } while (candidate && (strncmp(candidate, word, completion->typed) != 0 ||
                               !is_printable(candidate)));
        return candidate;
}

/* How many characters two strings have in common at their start. */
static size_t common_length(const char *left, const char *right)
{
        size_t length = 0;

        while (left[length] && left[length] == right[length])
                length++;
        return length;
}

/* Lists the candidates below the line, and the line again below them. */
static void list_candidates(struct line_edit *edit, struct completion completion)
{
        const char *candidate;

        show(edit, NEW_LINE);
        while ((candidate = next_fitting(edit, &completion))) {
                show(edit, candidate);
                show(edit, "  ");
        }
        show(edit, NEW_LINE);
        line_edit_redraw(edit);
}

/* Tab: adds what all fitting candidates agree on; if that is nothing, a second Tab lists them. */
static void complete_word(struct line_edit *edit)
{
        size_t start = find_word_start(edit, edit->cursor);
        const struct completion all = { .start = start, .typed = edit->cursor - start };
        struct completion rest = all;
        const char *first = edit->config->candidate ? next_fitting(edit, &rest) : NULL;

        if (!first) {
                refuse(edit);
                return;
        }
        const char *other = next_fitting(edit, &rest);
        bool only_one = !other;
        size_t common = strlen(first);
        for (; other; other = next_fitting(edit, &rest))
                common = min(common, common_length(first, other));

        if (common > all.typed || only_one) {
                if (insert(edit, first + all.typed, common - all.typed) && only_one)
                        insert(edit, " ", 1);
                line_edit_redraw(edit);
        } else if (edit->last_key == LINE_KEY_TAB) {
                list_candidates(edit, all);
        } else {
                refuse(edit);
        }
}

/* Enter. */
static void finish_line(struct line_edit *edit)
{
        show(edit, NEW_LINE);
        remember_line(edit);
        edit->finished = true;
        edit->event = LINE_READY;
}

/* Control-C. */
static void interrupt(struct line_edit *edit)
{
        show(edit, "^C" NEW_LINE);
        clear_line(edit);
        edit->event = LINE_INTERRUPT;
}

/* Control-D. */
static void delete_or_end(struct line_edit *edit)
{
        if (edit->length)
                delete_at(edit);
        else
                edit->event = LINE_END_OF_INPUT;
}

static const key_action_t key_actions[LINE_KEY_COUNT] = {
        [LINE_KEY_ENTER] = finish_line,
        [LINE_KEY_TAB] = complete_word,
        [LINE_KEY_LEFT] = move_left,
        [LINE_KEY_RIGHT] = move_right,
        [LINE_KEY_HOME] = move_home,
        [LINE_KEY_END] = move_end,
        [LINE_KEY_OLDER] = show_older,
        [LINE_KEY_NEWER] = show_newer,
        [LINE_KEY_BACKSPACE] = delete_before,
        [LINE_KEY_DELETE] = delete_at,
        [LINE_KEY_DELETE_OR_END] = delete_or_end,
        [LINE_KEY_KILL_TO_START] = kill_to_start,
        [LINE_KEY_KILL_TO_END] = kill_to_end,
        [LINE_KEY_KILL_WORD] = kill_word,
        [LINE_KEY_BRING_BACK] = bring_back,
        [LINE_KEY_CLEAR_SCREEN] = clear_screen,
        [LINE_KEY_INTERRUPT] = interrupt,
};

enum line_event line_edit_feed(struct line_edit *edit, u8 byte)
{
        enum line_key key = line_key_decode(&edit->decoder, byte);

        edit->event = LINE_NOTHING;
        if (key == LINE_KEY_NONE)
                return LINE_NOTHING;
        if (edit->finished)
                clear_line(edit);
        if (key == LINE_KEY_LETTER)
                type_character(edit, (char)byte);
        else
                key_actions[key](edit);
        edit->last_key = key;
        return edit->event;
}

void line_edit_check(const struct line_edit *edit)
{
        CHECK_INVARIANT(EDIT-1, edit->length < LINE_EDIT_BYTES, "length=%zu", edit->length);
        CHECK_INVARIANT(EDIT-1, strnlen(edit->text, LINE_EDIT_BYTES) == edit->length,
                        "length=%zu strlen=%zu", edit->length,
                        strnlen(edit->text, LINE_EDIT_BYTES));
        CHECK_INVARIANT(EDIT-2, edit->view <= edit->cursor && edit->cursor <= edit->length,
                        "view=%zu cursor=%zu length=%zu", edit->view, edit->cursor, edit->length);
        CHECK_INVARIANT(EDIT-3, is_printable(edit->text), "text=%s", edit->text);
        CHECK_INVARIANT(EDIT-4, edit->history_age <= history_held(edit), "age=%u count=%u",
                        edit->history_age, edit->history_count);
}
