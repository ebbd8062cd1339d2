/* hoard.h - blocks that a test holds, as many as it likes: linked by the owner's own page->list. */
#pragma once

#include "mm/gfp.h"
#include "mm/page.h"

struct hoard {
        struct list_head blocks;
        unsigned long block_count;
};

#define HOARD_INIT(name) { .blocks = LIST_HEAD_INIT((name).blocks) }

/* hoard_add - keep an allocated block. */
void hoard_add(struct hoard *hoard, struct page *page);

/* hoard_take_all - allocate blocks until that fails. Returns: how many there were. */
unsigned long hoard_take_all(struct hoard *hoard, gfp_t gfp_mask, unsigned int order);

/* hoard_give_one - free the block that was kept last. */
void hoard_give_one(struct hoard *hoard);

/* hoard_give_all - free everything, the last first. */
void hoard_give_all(struct hoard *hoard);
