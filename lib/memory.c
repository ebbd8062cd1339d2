/*
 * Blocks of bytes. Compilers call the first four of their own accord: memcpy, memmove, memset and
 * memcmp. Words first, bytes for the rest; x86 allows words at any address.
 *
 * A compiler that recognises such a loop turns it into a call of the very function it stands in.
 * HIDE() makes the pointer's next value unknown to it, which costs no instruction.
 */
#include "lib/string.h"

#define HIDE(variable) __asm__("" : "+r"(variable))

/* A word that may lie at any address and overlay objects of any type. */
typedef unsigned long word_t __attribute__((may_alias, aligned(1)));

#define WORD_BYTES sizeof(word_t)
#define BURST_WORDS 8u
#define BURST_BYTES (BURST_WORDS * WORD_BYTES)

/* Stores pattern BURST_WORDS times, without the cost of a loop. */
static inline void fill_burst(word_t *destination, word_t pattern)
{
        destination[0] = pattern;
        destination[1] = pattern;
        destination[2] = pattern;
        destination[3] = pattern;
        destination[4] = pattern;
        destination[5] = pattern;
        destination[6] = pattern;
        destination[7] = pattern;
}

/* Copies BURST_WORDS words, the lowest first. */
static inline void copy_burst(word_t *destination, const word_t *source)
{
        destination[0] = source[0];
        destination[1] = source[1];
        destination[2] = source[2];
        destination[3] = source[3];
        destination[4] = source[4];
        destination[5] = source[5];
        destination[6] = source[6];
        destination[7] = source[7];
}

/* Copies upwards; right for overlapping blocks when destination is the lower one. */
static void copy_upwards(unsigned char *destination, const unsigned char *source, size_t bytes)
{
        for (; bytes >= BURST_BYTES; bytes -= BURST_BYTES) {
                HIDE(destination);
                copy_burst((word_t *)destination, (const word_t *)source);
                destination += BURST_BYTES;
                source += BURST_BYTES;
        }
        for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES) {
                HIDE(destination);
                *(word_t *)destination = *(const word_t *)source;
                destination += WORD_BYTES;
                source += WORD_BYTES;
        }
        for (; bytes; bytes--) {
                HIDE(destination);
                *destination++ = *source++;
        }
}

/* Copies downwards; right for overlapping blocks when destination is the higher one. */
static void copy_downwards(unsigned char *destination, const unsigned char *source, size_t bytes)
{
        destination += bytes;
        source += bytes;
        for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES) {
                HIDE(destination);
                destination -= WORD_BYTES;
                source -= WORD_BYTES;
                *(word_t *)destination = *(const word_t *)source;
        }
        for (; bytes; bytes--) {
                HIDE(destination);
                *--destination = *--source;
        }
}

void *memcpy(void *restrict destination, const void *restrict source, size_t bytes)
{
        copy_upwards(destination, source, bytes);
        return destination;
}

void *memmove(void *destination, const void *source, size_t bytes)
{
        if ((uintptr_t)destination <= (uintptr_t)source)
                copy_upwards(destination, source, bytes);
        else
                copy_downwards(destination, source, bytes);
        return destination;
}

void *memset(void *destination, int byte, size_t bytes)
{
        unsigned char *position = destination;
        word_t pattern = WORD_OF_BYTES((unsigned char)byte);

        for (; bytes >= BURST_BYTES; bytes -= BURST_BYTES) {
                HIDE(position);
                fill_burst((word_t *)position, pattern);
                position += BURST_BYTES;
        }
        for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES) {
                HIDE(position);
                *(word_t *)position = pattern;
                position += WORD_BYTES;
        }
        for (; bytes; bytes--) {
                HIDE(position);
                *position++ = (unsigned char)byte;
        }
        return destination;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
        const unsigned char *a = left;
        const unsigned char *b = right;

        for (; bytes >= WORD_BYTES && *(const word_t *)a == *(const word_t *)b;
             bytes -= WORD_BYTES) {
                HIDE(a);
                a += WORD_BYTES;
                b += WORD_BYTES;
        }
        for (; bytes && *a == *b; bytes--) {
                HIDE(a);
                a++;
                b++;
        }
        return bytes ? *a - *b : 0;
}

void *memchr_inv(const void *block, int byte, size_t bytes)
{
        const unsigned char *position = block;
        const unsigned char *end = position + bytes;
        word_t pattern = WORD_OF_BYTES((unsigned char)byte);

        while ((size_t)(end - position) >= sizeof(word_t) && *(const word_t *)position == pattern)
                position += sizeof(word_t);
        while (position < end && *position == (unsigned char)byte)
                position++;
        return position < end ? (void *)position : NULL;
}

void memswap(void *left, void *right, size_t bytes)
{
        unsigned char *a = left;
        unsigned char *b = right;

        for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES) {
                word_t kept = *(word_t *)a;
                *(word_t *)a = *(word_t *)b;
                *(word_t *)b = kept;
                a += WORD_BYTES;
                b += WORD_BYTES;
        }
        for (; bytes; bytes--) {
                unsigned char kept = *a;
                *a++ = *b;
                *b++ = kept;
        }
}
