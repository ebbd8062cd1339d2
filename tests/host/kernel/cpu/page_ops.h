/* page_ops.h - stand-in for hosted tests: plain loops over pages and words. */
#pragma once

#include "kernel/cpu/address.h"

/* fill_words - fill word_count 32-bit words from start with value. */
static inline void fill_words(void *start, u32 value, unsigned long word_count)
{
        u32 *words = start;

        for (unsigned long index = 0; index < word_count; index++)
                words[index] = value;
}

/* clear_page - fill the page at a mapped, page-aligned address with zeros. */
static inline void clear_page(void *page)
{
        fill_words(page, 0, PAGE_SIZE / 4);
}

/* copy_page - copy one page-aligned page to another. */
static inline void copy_page(void *destination, const void *source)
{
        const u32 *from = source;
        u32 *to = destination;

        for (unsigned long index = 0; index < PAGE_SIZE / 4; index++)
                to[index] = from[index];
}

/* move_words_down - copy machine words to a lower address, where the two ranges may overlap. */
static inline void move_words_down(void *destination, const void *source, unsigned long word_count)
{
        const unsigned long *from = source;
        unsigned long *to = destination;

        for (unsigned long index = 0; index < word_count; index++)
                to[index] = from[index];
}
