/*
 * page_debug.h - what the debug build does at every allocation and free of pages: who did it, and
 * has anybody written to a page that was free?
 *
 * A leaf, so that mm/phys may call it; the body, which sees all of mm, is mm/debug/page_debug.c.
 */
#pragma once

#include "mm/page.h"

/* What a free page is filled with. */
#define PAGE_POISON_WORD 0xAAAAAAAAu

/*
 * Whether pages are filled as they become free; true from the start. When it is false, giving
 * back a block costs the same whatever its size: for a test that takes all of a large machine.
 */
extern bool page_poison_enabled;

/*
 * page_debug_init - note owners from now on, in a table for mem_map_count pages, if low memory
 * can afford it. Context: boot, with bootmem. limit_bytes: what the table may cost.
 */
void page_debug_init(unsigned long limit_bytes);

/*
 * page_debug_alloc - a block was handed out to the code at caller: check the poison and note it.
 * page_debug_free - a block is about to be free: poison it and note who freed it.
 *
 * Context: any; the block is the caller's and nobody else's, and on no list.
 */
void page_debug_alloc(struct page *page, unsigned int order, unsigned long caller);
void page_debug_free(struct page *page, unsigned int order, unsigned long caller);

/* page_debug_report_bad_free - say what is wrong with freeing page by that order. Context: any. */
void page_debug_report_bad_free(struct page *page, unsigned int order) __cold;
