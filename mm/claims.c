/* claims.c - a small table, kept sorted by address. Claims may overlap; the first one is found. */
#include "mm/claims.h"

#include "lib/assert.h"

struct memory_claim memory_claims[MEMORY_CLAIMS_MAX];
unsigned int memory_claim_count;

/* Insert a claim behind all that begin before it or with it. */
static void insert_claim(const struct memory_claim *claim)
{
        unsigned int index = memory_claim_count;

        BUG_ON(memory_claim_count == MEMORY_CLAIMS_MAX, "no room to claim memory for %s",
               claim->name);
        if (claim->start >= claim->end)
                return;
        while (index > 0 && memory_claims[index - 1].start > claim->start) {
                memory_claims[index] = memory_claims[index - 1];
                index--;
        }
        memory_claims[index] = *claim;
        memory_claim_count++;
}

void memory_claim_add(u64 start, u64 end, const char *name)
{
        insert_claim(&(struct memory_claim){ .start = start, .end = end, .name = name });
}

void memory_claim_keep(u64 start, u64 end, const char *name)
{
        insert_claim(&(struct memory_claim){ .start = start, .end = end, .name = name,
                                             .is_permanent = true });
}

bool memory_claim_is_kept(u64 start, u64 end)
{
        for (unsigned int index = 0; index < memory_claim_count; index++) {
                const struct memory_claim *claim = &memory_claims[index];

                if (claim->is_permanent && claim->start < end && start < claim->end)
                        return true;
        }
        return false;
}

const struct memory_claim *memory_claim_find(u64 start, u64 end)
{
        for (unsigned int index = 0; index < memory_claim_count; index++) {
                const struct memory_claim *claim = &memory_claims[index];

                if (claim->start < end && start < claim->end)
                        return claim;
        }
        return NULL;
}
