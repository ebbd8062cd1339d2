/*
 * page_ops.h - pages, and rows of machine words, at the speed of the CPU's string instructions.
 * Context: any.
 */
#pragma once

#include "kernel/cpu/address.h"

/* clear_page - fill the page at a mapped, page-aligned address with zeros. */
static inline void clear_page(void *page)
{
        unsigned long words = PAGE_SIZE / 4;

        __asm__ volatile("rep stosl" : "+D"(page), "+c"(words) : "a"(0) : "memory");
}

/* fill_words - fill word_count 32-bit words from start with value. */
static inline void fill_words(void *start, u32 value, unsigned long word_count)
{
        __asm__ volatile("rep stosl" : "+D"(start), "+c"(word_count) : "a"(value) : "memory");
}

/* copy_page - copy one page-aligned page to another. */
static inline void copy_page(void *destination, const void *source)
{
        unsigned long words = PAGE_SIZE / 4;

        __asm__ volatile("rep movsl" : "+D"(destination), "+S"(source), "+c"(words) : : "memory");
}

/* move_words_down - copy words to a lower address, where the two ranges may overlap. */
static inline void move_words_down(void *destination, const void *source, unsigned long word_count)
{
        __asm__ volatile("rep movsl"
                         : "+D"(destination), "+S"(source), "+c"(word_count)
                         : : "memory");
}
