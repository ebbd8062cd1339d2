/*
 * fail.h - making allocations fail on purpose, so that the paths behind are tested.
 *
 * `fail_page_alloc=PROBABILITY,INTERVAL,AFTER` on the kernel's command line, or the monitor's
 * `fail`: after AFTER requests, of every INTERVAL requests one may fail, and does so with
 * PROBABILITY percent. Reproducible: the seed is that of the boot.
 *
 * A leaf, so that every allocator may ask; the body is mm/debug/fail.c.
 */
#pragma once

#include "mm/gfp.h"

/* How often to fail, and what has happened so far. */
struct fail_attributes {
        unsigned int probability_percent;       /* 0: never */
        unsigned int interval;                  /* 1: every request is a candidate */
        unsigned long after_count;              /* so many requests are let through first */
        unsigned long request_count;            /* since the attributes were set */
        unsigned long failed_count;
};

extern struct fail_attributes fail_page_alloc_attributes;

/*
 * fail_page_alloc_setup - set the attributes from text "P,I,N" and the counts to 0. Later parts
 * may be left out: then the interval is 1, and nothing is let through first.
 *
 * Returns: false, and nothing changes, when text is no such thing.
 */
bool fail_page_alloc_setup(const char *text, u64 seed);

/*
 * fail_page_alloc - whether this request is to fail. One with __GFP_NOFAIL never does.
 *
 * Context: any. Called in the debug build only.
 */
bool fail_page_alloc(gfp_t gfp_mask, unsigned int order);
