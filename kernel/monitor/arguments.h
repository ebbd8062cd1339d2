/*
 * arguments.h - what the words of a command mean. What a word does not mean is said on the
 * consoles, and false returned. Context of all calls: any.
 */
#pragma once

#include "lib/types.h"
#include "mm/gfp.h"

/* argument_number - a whole number, decimal or after 0x hexadecimal, of at most `most`. */
bool argument_number(const char *text, u64 most, u64 *value);

/*
 * argument_address - a virtual address: a number, the name of a function or variable, both with a
 * plus between them, or hexadecimal digits without 0x.
 */
bool argument_address(const char *text, unsigned long *address);

/*
 * argument_suffix - the text behind prefix, if text begins with it.
 *
 * Returns: NULL if not. Prints nothing.
 */
const char *argument_suffix(const char *text, const char *prefix);

/*
 * argument_gfp - names such as GFP_KERNEL|__GFP_ZERO, put together. The part before the name
 * proper may be left out: HIGHUSER, ZERO.
 */
bool argument_gfp(const char *text, gfp_t *gfp_mask);

/* gfp_name - the index-th name that argument_gfp() knows; NULL behind the last one. */
const char *gfp_name(unsigned int index);
