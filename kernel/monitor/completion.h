/* completion.h - what a word of a command may become when Tab is pressed. */
#pragma once

#include "lib/types.h"

/*
 * completion_candidate - the index-th candidate for the word at line + word_start; NULL behind the
 * last one.
 *
 * The first word of a command is a command's name. For the others the command's own description of
 * its arguments tells: where it says ADDRESS, symbols; and so on. As line_candidate_t wants it.
 */
const char *completion_candidate(void *context, const char *line, size_t word_start,
                                 unsigned int index);
