/* format_line.h - formatting for lines that machines read: never more than one. */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/*
 * format_line - vsnprintf() whose result has no line break: line ends at its end are dropped, and
 * every other control character becomes a space.
 *
 * Context: any.
 */
void format_line(char *buffer, size_t buffer_bytes, const char *format, va_list arguments)
        __printf(3, 0);
