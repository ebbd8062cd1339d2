/* dump_page.h - what a page frame is, in words. */
#pragma once

#include "mm/page.h"

/* page_state_name - such as "allocated". Context: any. */
const char *page_state_name(enum page_state state);

/*
 * dump_page - print where a frame lies, what its descriptor says, and to which block it belongs.
 *
 * page is a descriptor in mem_map. Context: any; exact only while the block stays as it is.
 */
void dump_page(struct page *page);
