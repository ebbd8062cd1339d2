/*
 * format.h - printf-style formatting, into a buffer or piece by piece into anything.
 *
 * Conversions  %d %i %u %x %X %o %c %s %p %%
 * Flags        - + space 0 #, width and precision as numbers or *
 * Lengths      hh h l ll z j t
 *
 * Meanings are those of the C standard. %p prints 0x and all digits of an address. %s of a null
 * pointer prints (null). What is no conversion is printed as it stands, %n and floating point
 * included. All may be called in any context, and use less than 512 bytes of stack beside the sink.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/* Takes the next length bytes of formatted text, which is not zero-terminated. */
typedef void (*format_sink_t)(void *context, const char *text, size_t length);

/*
 * format_to - format and hand the result to sink in pieces, in order; context goes with each.
 *
 * Returns: the number of bytes of all pieces. The caller still owns arguments, and ends them.
 */
int format_to(format_sink_t sink, void *context, const char *format, va_list arguments)
        __printf(3, 0);

/*
 * vsnprintf - format into a buffer of buffer_bytes, cut to fit and always terminated.
 *
 * Returns: the length of the whole text; it was cut when that is not less than buffer_bytes. With
 *          buffer_bytes 0 nothing is written and buffer may be NULL.
 */
int vsnprintf(char *buffer, size_t buffer_bytes, const char *format, va_list arguments)
        __printf(3, 0);

/* snprintf - vsnprintf with the arguments themselves. */
int snprintf(char *buffer, size_t buffer_bytes, const char *format, ...) __printf(3, 4);

/* scnprintf - snprintf that returns how many bytes it wrote, without the terminating zero. */
int scnprintf(char *buffer, size_t buffer_bytes, const char *format, ...) __printf(3, 4);
