/*
 * line_edit.h - editing one line on a serial terminal: a machine fed with bytes.
 *
 * It knows no device: bytes go in one by one, what the terminal shall show comes out of a
 * callback. Keys: letters, Backspace, Delete, arrows, Home, End, Tab, Enter; Control with A E B F
 * (move), D (delete, or end of input), H K U W Y (delete and bring back), P N (history), L (draw
 * anew), C (give up the line). The terminal is a VT100 or anything that follows it.
 *
 * No locking: one user at a time. Never sleeps, never allocates.
 */
#pragma once

#include "kernel/monitor/line_key.h"
#include "lib/format.h"
#include "lib/types.h"

/* The longest line, with its terminating zero, and how many old lines are kept. */
#define LINE_EDIT_BYTES 256
#define LINE_EDIT_HISTORY 16

enum line_event {
        LINE_NOTHING,           /* the line goes on */
        LINE_READY,             /* Enter: the line is in text */
        LINE_END_OF_INPUT,      /* Control-D on an empty line */
        LINE_INTERRUPT,         /* Control-C: the line is empty again */
};

/*
 * What the word that starts at line + word_start may be completed to.
 *
 * Returns: the index-th candidate, whether or not it fits what has been typed so far, or NULL
 *          behind the last one. The strings stay as they are until line_edit_feed() returns.
 */
typedef const char *(*line_candidate_t)(void *context, const char *line, size_t word_start,
                                        unsigned int index);

struct line_edit_config {
        const char *prompt;             /* printable; shorter than columns by 16 at least */
        unsigned int columns;           /* of the terminal; longer lines scroll sideways */
        format_sink_t write;
        line_candidate_t candidate;     /* or NULL: Tab does nothing */
        void *context;                  /* for write and candidate */
};

/* Of the fields, callers read text and length only. */
struct line_edit {
        char text[LINE_EDIT_BYTES];
        size_t length;
        size_t cursor;                  /* the next character goes before text[cursor] */
        size_t view;                    /* the first character that the terminal shows */
        const struct line_edit_config *config;
        enum line_event event;          /* what the byte that is being fed leads to */
        struct line_key_decoder decoder;
        enum line_key last_key;
        bool finished;                  /* the line was handed out: the next byte starts another */
        char killed[LINE_EDIT_BYTES];   /* what Control-Y brings back */
        char history[LINE_EDIT_HISTORY][LINE_EDIT_BYTES];
        unsigned int history_count;     /* of all lines ever kept; the ring holds the last ones */
        unsigned int history_age;       /* 0: the line being written; n: the n-th last line */
        char unfinished[LINE_EDIT_BYTES];       /* the line being written, while another is shown */
};

/* line_edit_init - an empty line and no history. config stays the caller's, and must stay. */
void line_edit_init(struct line_edit *edit, const struct line_edit_config *config);

/* line_edit_prompt - begin a new line: show the prompt. */
void line_edit_prompt(struct line_edit *edit);

/* line_edit_redraw - show prompt and line again, after something else was printed. */
void line_edit_redraw(struct line_edit *edit);

/*
 * line_edit_feed - take one byte from the terminal.
 *
 * Returns: what it led to. After LINE_READY the line is in edit->text, zero-terminated and without
 *          the line end, until the next call.
 */
enum line_event line_edit_feed(struct line_edit *edit, u8 byte);

/* line_edit_check - panic if EDIT-1 … EDIT-4 of line_edit.c do not hold. */
void line_edit_check(const struct line_edit *edit);
