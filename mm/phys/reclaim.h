/* reclaim.h - making pages free for a request that may sleep. */
#pragma once

#include "mm/gfp.h"

/*
 * reclaim_pages - empty all CPUs' lists, then ask the shrinkers for at least wanted_count pages.
 *
 * Context: may sleep; no lock held. Returns: how many pages the shrinkers freed.
 */
unsigned long reclaim_pages(gfp_t gfp_mask, unsigned long wanted_count);
