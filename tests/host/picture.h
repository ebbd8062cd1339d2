/*
 * picture.h - what the zones' free lists and the CPUs' lists hold, to be compared before and after.
 */
#pragma once

#include "mm/phys/zone.h"

/* Which blocks are free, whatever their order on the lists. */
struct picture {
        unsigned long block_count[MAX_NR_ZONES][MAX_ORDER];
        u64 blocks;                             /* a sum of one number for each block */
        unsigned long free_pages;
        unsigned long cached_pages;
};

/* picture_take - look at all zones. */
struct picture picture_take(void);

/* picture_same - whether two pictures show the same free blocks, and as many cached pages. */
bool picture_same(const struct picture *left, const struct picture *right);
