/*
 * claims.h - the named parts of RAM that never reach the page allocator, or reach it late: the
 * kernel's image, loaded modules, mem_map. What `iomem` indents below "System RAM".
 *
 * Context: boot, one CPU; reading at any time.
 */
#pragma once

#include "lib/types.h"

#define MEMORY_CLAIMS_MAX 48u

/* [start, end) is claimed; name outlives the claim. */
struct memory_claim {
        u64 start;
        u64 end;
        const char *name;
        bool is_permanent;              /* free_bootmem() must never free it */
};

extern struct memory_claim memory_claims[MEMORY_CLAIMS_MAX];
extern unsigned int memory_claim_count;

/*
 * memory_claim_add - note that [start, end) is taken, as a module is until somebody frees it.
 * memory_claim_keep - note that it is taken for good, as the kernel's own image is.
 *
 * Both panic when the table is full.
 */
void memory_claim_add(u64 start, u64 end, const char *name);
void memory_claim_keep(u64 start, u64 end, const char *name);

/* memory_claim_is_kept - whether anything of [start, end) is taken for good. */
bool memory_claim_is_kept(u64 start, u64 end);

/*
 * memory_claim_find - the first claim, by address, that overlaps [start, end).
 *
 * Returns: NULL when nothing there is claimed.
 */
const struct memory_claim *memory_claim_find(u64 start, u64 end);
