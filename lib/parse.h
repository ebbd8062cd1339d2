/*
 * parse.h - numbers, sizes, truth values and command lines out of text from outside.
 *
 * Nothing here trusts its text: what does not fit is refused as a whole, and a result is written
 * only when true is returned. All may be called in any context.
 */
#pragma once

#include "lib/types.h"

/*
 * parse_u64 - read the number at the start of text.
 *
 * base is 2 to 36, or 0 for decimal, and hexadecimal after 0x. With base 16 the 0x may be there.
 * end receives the place after the last digit; when end is NULL, the number must be all of text.
 *
 * Returns: false when text starts with no digit, the number needs more than 64 bits, or something
 *          follows though end is NULL.
 */
bool parse_u64(const char *text, const char **end, unsigned int base, u64 *value);

/*
 * parse_size - read a number of bytes such as 4096, 0x1000, 64K, 16M, 2G or 1T, and nothing else.
 *
 * Letters may be small. Returns: false when text is anything else or needs more than 64 bits.
 */
bool parse_size(const char *text, u64 *bytes);

/* parse_bool - read 1 y yes on true, or 0 n no off false. Returns: whether text was one. */
bool parse_bool(const char *text, bool *value);

/* One word of a command line. Both strings lie inside the line and are zero-terminated. */
struct parse_word {
        char *key;
        char *value;    /* what follows the first =; NULL when there is none */
};

/*
 * parse_next_word - take the next word, `key` or `key=value`, off a command line.
 *
 * Words are divided by blanks. Double quotes may stand anywhere in a word; they keep the blanks
 * between them, and are removed. A quote that is never closed reaches to the end. A quote before
 * the key changes nothing: GRUB hands on key="a b" as "key=a b".
 * The line is changed in place, and only between *line and its terminating zero.
 *
 * Returns: false when no word is left; else *line is moved behind the word.
 */
bool parse_next_word(char **line, struct parse_word *word);
