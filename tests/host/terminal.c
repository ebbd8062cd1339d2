/* A model of a VT100: one row, its cursor, the bell. */
#include "tests/host/terminal.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"

/* Blanks the row from a column on. */
static void erase_row(struct terminal *terminal, unsigned int column)
{
        memset(terminal->row + column, ' ', TERMINAL_COLUMNS - column);
}

/* How long the sequence at text is: up to its first capital letter, or to the end. */
static size_t sequence_length(const char *text, size_t length)
{
        size_t end = 0;

        while (end < length && (text[end] < 'A' || text[end] > 'Z'))
                end++;
        return min(end + 1, length);
}

/* Does what one sequence of the few that the editor sends asks for. */
static void take_sequence(struct terminal *terminal, const char *sequence, size_t length)
{
        unsigned int number = (unsigned int)atoi(sequence + 2);

        if (sequence[length - 1] == 'K') {
                erase_row(terminal, terminal->column);
        } else if (sequence[length - 1] == 'C' && number) {
                terminal->column += number;
        } else if (sequence[length - 1] == 'H') {
                terminal->column = 0;
        } else if (sequence[length - 1] == 'J' && number == 2) {
                erase_row(terminal, 0);
                terminal->clear_count++;
        } else {
                terminal->problem = "unknown sequence";
        }
}

/* Shows one character or obeys it. */
static void take_character(struct terminal *terminal, char character)
{
        if (character == '\a') {
                terminal->bell_count++;
        } else if (character == '\r') {
                terminal->column = 0;
        } else if (character == '\n') {
                terminal->row_count++;
                erase_row(terminal, 0);
        } else if (character < ' ' || character > '~') {
                terminal->problem = "strange character";
        } else {
                if (terminal->column >= TERMINAL_COLUMNS)
                        take_character(terminal, '\n');
                terminal->column %= TERMINAL_COLUMNS;
                terminal->row[terminal->column++] = character;
        }
}

void terminal_reset(struct terminal *terminal)
{
        *terminal = (struct terminal){0};
        erase_row(terminal, 0);
}

void terminal_write(void *context, const char *text, size_t length)
{
        struct terminal *terminal = context;
        size_t kept = min(length, TERMINAL_OUTPUT_BYTES - 1 - terminal->output_length);

        memcpy(terminal->output + terminal->output_length, text, kept);
        terminal->output_length += kept;
        terminal->output[terminal->output_length] = '\0';
        for (size_t i = 0; i < length;) {
                size_t taken = 1;
                if (text[i] == '\033') {
                        taken = sequence_length(text + i, length - i);
                        take_sequence(terminal, text + i, taken);
                } else {
                        take_character(terminal, text[i]);
                }
                i += taken;
        }
}
