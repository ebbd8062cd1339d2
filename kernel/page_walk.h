/*
 * page_walk.h - which page-table entries an address goes through, for reports.
 *
 * Reads with care: tables that are garbage, or out of reach, end the walk.
 *
 * Source: Intel SDM volume 3A, section 4.4, "PAE Paging".
 */
#pragma once

#include "lib/types.h"

#define PAGE_WALK_LEVELS 3u

struct page_walk {
        u64 entry[PAGE_WALK_LEVELS];    /* of the pointer table, the directory and the table */
        unsigned int count;             /* how many of them could be read */
        bool is_out_of_reach;           /* the next table lies where the kernel cannot look */
};

/* page_walk - follow address through the tables at physical address cr3. Context: any. */
struct page_walk page_walk(unsigned long cr3, unsigned long address);

/* page_walk_print - print in one line the entries and what the last one allows. Context: any. */
void page_walk_print(unsigned long cr3, unsigned long address);
