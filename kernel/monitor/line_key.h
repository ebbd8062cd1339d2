/*
 * line_key.h - which key was pressed, out of the bytes that a VT100 or its followers send for it.
 *
 * A machine of its own below the line editor. No locking, no memory beyond the decoder.
 */
#pragma once

#include "lib/types.h"

enum line_key {
        LINE_KEY_NONE,                  /* nothing, or not yet */
        LINE_KEY_LETTER,                /* the byte itself, printable ASCII */
        LINE_KEY_ENTER,
        LINE_KEY_TAB,
        LINE_KEY_LEFT,
        LINE_KEY_RIGHT,
        LINE_KEY_HOME,
        LINE_KEY_END,
        LINE_KEY_OLDER,
        LINE_KEY_NEWER,
        LINE_KEY_BACKSPACE,
        LINE_KEY_DELETE,
        LINE_KEY_DELETE_OR_END,         /* Control-D */
        LINE_KEY_KILL_TO_START,
        LINE_KEY_KILL_TO_END,
        LINE_KEY_KILL_WORD,
        LINE_KEY_BRING_BACK,
        LINE_KEY_CLEAR_SCREEN,
        LINE_KEY_INTERRUPT,
        LINE_KEY_COUNT,
};

/* How far the decoder is into a sequence. All zero is the start. */
struct line_key_decoder {
        u8 state;
        u8 last_byte;
        unsigned int number;            /* the first number of the sequence */
};

/*
 * line_key_decode - take one byte from the terminal.
 *
 * CR, LF and CR LF are one LINE_KEY_ENTER each. Bytes beyond ASCII, unknown control characters and
 * unknown sequences are LINE_KEY_NONE; so is each byte but the last of a sequence.
 */
enum line_key line_key_decode(struct line_key_decoder *decoder, u8 byte);
