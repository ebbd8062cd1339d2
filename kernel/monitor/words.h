/* words.h - commands and words out of a line. Context of all calls: any. */
#pragma once

#include "lib/types.h"

/* What words_split() answers when a command is none. */
#define WORDS_TOO_MANY (-1)
#define WORDS_OPEN_QUOTE (-2)

/*
 * words_next_command - copy the next command of *text, without the blanks around it and the `;`
 * behind it, into a buffer, cut to fit and terminated. Quotes stay. Commands without a single
 * character are left out.
 *
 * Returns: false when no command is left. Else *text is moved behind the command, and
 *          *length_bytes is its whole length: it was cut when that is not less than buffer_bytes.
 */
bool words_next_command(const char **text, char *buffer, size_t buffer_bytes,
                        size_t *length_bytes);

/*
 * words_split - cut a command into words, in place, and remove the double quotes.
 *
 * words has room for capacity pointers; NULL stands behind the last word.
 *
 * Returns: the number of words, or WORDS_TOO_MANY when they are not fewer than capacity, or
 *          WORDS_OPEN_QUOTE when a quote is never closed.
 */
int words_split(char *command, char **words, unsigned int capacity);
