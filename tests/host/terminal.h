/*
 * terminal.h - a model of a VT100 for hosted tests: one row of it, and the few sequences that the
 * line editor sends.
 */
#pragma once

#include "lib/types.h"

#define TERMINAL_COLUMNS 40u
#define TERMINAL_OUTPUT_BYTES 8192

/* The row of the terminal that the cursor is in, and what went wrong on it. */
struct terminal {
        char row[TERMINAL_COLUMNS + 1];
        unsigned int column;
        unsigned int bell_count;
        unsigned int row_count;
        unsigned int clear_count;
        const char *problem;
        char output[TERMINAL_OUTPUT_BYTES];     /* all that was ever written */
        size_t output_length;
};

/* terminal_reset - an empty row, nothing written. */
void terminal_reset(struct terminal *terminal);

/* terminal_write - show text; a sequence must come in one piece. A format_sink_t. */
void terminal_write(void *context, const char *text, size_t length);
