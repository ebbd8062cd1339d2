/*
 * page_window.h - touching the contents of any page frame, high memory included, for a moment.
 */
#pragma once

#include "mm/page.h"

/*
 * page_window_open - make the contents of page readable and writable for this CPU.
 *
 * Context: any. Turns interrupts off, and stores in *flags how they were: keep it short. Not
 * nested. Returns: a page-aligned address that is good until page_window_close().
 */
void *page_window_open(struct page *page, unsigned long *flags);

/* page_window_close - the end of page_window_open(); restores interrupts. */
void page_window_close(struct page *page, unsigned long flags);

/* clear_highpage - fill one page with zeros, wherever it lies. Context: any. */
void clear_highpage(struct page *page);
