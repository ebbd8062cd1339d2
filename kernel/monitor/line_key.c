/*
 * Keys of a serial terminal
 *
 * Idea        Letters and control characters are keys as they come. Other keys send an escape
 *             sequence, which a small machine follows byte by byte.
 *
 * Picture     PLAIN --ESC--> ESCAPE --[--> CSI --digit--> CSI
 *                              |            +-- ; ? and the like --> REST --(the same)--> REST
 *                              |            +--[--> SWALLOW --any--> PLAIN    (function keys)
 *                              |            +--letter ~--> key, PLAIN         (REST as well)
 *                              +--O--> SS3 --letter--> key, PLAIN
 *                              +--any other--> PLAIN
 *
 *             A control character ends any sequence and means what it always means; so does a
 *             byte beyond ASCII, which means nothing. So a sequence that was cut short never
 *             swallows Enter.
 *
 * Reading     ECMA-48, 5.4 (control sequences); VT100 user guide, chapter 3.
 */
#include "kernel/monitor/line_key.h"

#include "lib/bits.h"
#include "lib/compiler.h"

#define CONTROL(letter) ((letter) - '@')
#define CONTROL_COUNT 32
#define ESCAPE_BYTE 27
#define DELETE_BYTE 127

/* Larger than the number of any key. */
#define NUMBER_LIMIT 1000u

enum state {
        STATE_PLAIN,
        STATE_ESCAPE,
        STATE_CSI,
        STATE_REST,
        STATE_SS3,
        STATE_SWALLOW,
};

static const u8 control_keys[CONTROL_COUNT] = {
        [CONTROL('A')] = LINE_KEY_HOME,
        [CONTROL('B')] = LINE_KEY_LEFT,
        [CONTROL('C')] = LINE_KEY_INTERRUPT,
        [CONTROL('D')] = LINE_KEY_DELETE_OR_END,
        [CONTROL('E')] = LINE_KEY_END,
        [CONTROL('F')] = LINE_KEY_RIGHT,
        [CONTROL('H')] = LINE_KEY_BACKSPACE,
        [CONTROL('I')] = LINE_KEY_TAB,
        [CONTROL('J')] = LINE_KEY_ENTER,
        [CONTROL('K')] = LINE_KEY_KILL_TO_END,
        [CONTROL('L')] = LINE_KEY_CLEAR_SCREEN,
        [CONTROL('M')] = LINE_KEY_ENTER,
        [CONTROL('N')] = LINE_KEY_NEWER,
        [CONTROL('P')] = LINE_KEY_OLDER,
        [CONTROL('U')] = LINE_KEY_KILL_TO_START,
        [CONTROL('W')] = LINE_KEY_KILL_WORD,
        [CONTROL('Y')] = LINE_KEY_BRING_BACK,
};

/* The key of a sequence, by its last letter. */
static enum line_key key_of_letter(u8 letter)
{
        static const u8 keys[] = {
                ['A'] = LINE_KEY_OLDER, ['B'] = LINE_KEY_NEWER, ['C'] = LINE_KEY_RIGHT,
                ['D'] = LINE_KEY_LEFT,  ['F'] = LINE_KEY_END,   ['H'] = LINE_KEY_HOME,
        };

        return letter < ARRAY_SIZE(keys) ? keys[letter] : LINE_KEY_NONE;
}

/* The key of a sequence that ends in ~, by its number. */
static enum line_key key_of_number(unsigned int number)
{
        static const u8 keys[] = {
                [1] = LINE_KEY_HOME, [3] = LINE_KEY_DELETE, [4] = LINE_KEY_END,
                [7] = LINE_KEY_HOME, [8] = LINE_KEY_END,
        };

        return number < ARRAY_SIZE(keys) ? keys[number] : LINE_KEY_NONE;
}

/* A control character: a key, or the start of a sequence. LF right behind CR belongs to it. */
static enum line_key decode_control(struct line_key_decoder *decoder, u8 byte, u8 last_byte)
{
        decoder->state = STATE_PLAIN;
        if (byte == ESCAPE_BYTE) {
                decoder->state = STATE_ESCAPE;
                decoder->number = 0;
        }
        if (byte == '\n' && last_byte == '\r')
                return LINE_KEY_NONE;
        return control_keys[byte];
}

/* The byte behind ESC. */
static enum line_key decode_escape(struct line_key_decoder *decoder, u8 byte)
{
        decoder->state = STATE_PLAIN;
        if (byte == '[')
                decoder->state = STATE_CSI;
        if (byte == 'O')
                decoder->state = STATE_SS3;
        return LINE_KEY_NONE;
}

/* A byte behind ESC [: part of the numbers, or the last one. */
static enum line_key decode_csi(struct line_key_decoder *decoder, u8 byte)
{
        if (byte == '[' && decoder->state == STATE_CSI) {
                decoder->state = STATE_SWALLOW;
                return LINE_KEY_NONE;
        }
        if (byte >= '@') {
                decoder->state = STATE_PLAIN;
                return byte == '~' ? key_of_number(decoder->number) : key_of_letter(byte);
        }
        if (byte < '0' || byte > '9')
                decoder->state = STATE_REST;
        if (decoder->state == STATE_CSI)
                decoder->number = min(decoder->number * 10 + byte - '0', NUMBER_LIMIT);
        return LINE_KEY_NONE;
}

/* A printable byte: a letter, or part of a sequence. */
static enum line_key decode_printable(struct line_key_decoder *decoder, u8 byte)
{
        switch (decoder->state) {
        case STATE_ESCAPE:
                return decode_escape(decoder, byte);
        case STATE_CSI:
        case STATE_REST:
                return decode_csi(decoder, byte);
        case STATE_SS3:
                decoder->state = STATE_PLAIN;
                return key_of_letter(byte);
        case STATE_SWALLOW:
                decoder->state = STATE_PLAIN;
                return LINE_KEY_NONE;
        default:
                return LINE_KEY_LETTER;
        }
}

enum line_key line_key_decode(struct line_key_decoder *decoder, u8 byte)
{
        u8 last_byte = decoder->last_byte;

        decoder->last_byte = byte;
        if (byte < CONTROL_COUNT)
                return decode_control(decoder, byte, last_byte);
        if (byte < DELETE_BYTE)
                return decode_printable(decoder, byte);
        decoder->state = STATE_PLAIN;
        return byte == DELETE_BYTE ? LINE_KEY_BACKSPACE : LINE_KEY_NONE;
}
