/*
 * string.h - blocks of bytes and zero-terminated strings.
 *
 * Names and meanings are those of the C library, of BSD for strlcpy and of Linux for memchr_inv.
 * Everything here may be called in any context, and never allocates. Blocks are the work of
 * lib/memory.c, strings that of lib/string.c.
 */
#pragma once

#include "lib/types.h"

/* A word whose every byte is byte, a number from 0 to 255. */
#define WORD_OF_BYTES(byte) (~0ul / 0xff * (byte))

/* memcpy - copy bytes from source to destination, which do not overlap. Returns destination. */
void *memcpy(void *restrict destination, const void *restrict source, size_t bytes);

/* memmove - the same for blocks that may overlap. */
void *memmove(void *destination, const void *source, size_t bytes);

/* memset - fill destination with the low eight bits of byte. Returns destination. */
void *memset(void *destination, int byte, size_t bytes);

/* memcmp - the order of two blocks at their first difference: negative, 0 or positive. */
int memcmp(const void *left, const void *right, size_t bytes);

/*
 * memchr_inv - the first byte of block that is not the low eight bits of byte.
 *
 * Returns: its address, or NULL when the whole block is filled with byte. Made for poison checks,
 *          so it is quick where nothing differs.
 */
void *memchr_inv(const void *block, int byte, size_t bytes);

/* memswap - exchange the contents of two blocks, which do not overlap or are the same. */
void memswap(void *left, void *right, size_t bytes);

/* strlen - the number of bytes before the terminating zero. */
size_t strlen(const char *text);

/* strnlen - the same, but limit when there is no zero among the first limit bytes. */
size_t strnlen(const char *text, size_t limit);

/* strcmp - the order of two strings, bytes taken as unsigned: negative, 0 or positive. */
int strcmp(const char *left, const char *right);

/* strncmp - the same for at most the first limit bytes of each. */
int strncmp(const char *left, const char *right, size_t limit);

/*
 * strlcpy - copy source into a buffer of buffer_bytes, cut to fit and always terminated.
 *
 * Returns: strlen(source); the copy was cut when that is not less than buffer_bytes. With
 *          buffer_bytes 0 nothing is written.
 */
size_t strlcpy(char *destination, const char *source, size_t buffer_bytes);

/* strchr - the first place of character in text, or NULL. The terminating zero counts. */
char *strchr(const char *text, int character);

/* strrchr - the last place of character in text, or NULL. The terminating zero counts. */
char *strrchr(const char *text, int character);

/* strstr - the first place of part in text, or NULL. An empty part is found at the start. */
char *strstr(const char *text, const char *part);

/* strspn - how many bytes at the start of text are all among the characters of set. */
size_t strspn(const char *text, const char *set);

/* strcspn - how many bytes at the start of text are none of the characters of set. */
size_t strcspn(const char *text, const char *set);
