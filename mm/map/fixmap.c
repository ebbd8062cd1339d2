/*
 * Fixmap
 *
 * Idea        The last 2 MiB of the address space have one page table. Who owns a slot writes its
 *             entry; nothing is searched, nothing allocated.
 *
 * Picture     FIXMAP_START   slot 0   slot 1   …   slot n   not mapped …   FIXMAP_END
 *                              |
 *                              +--> any page frame, also above 4 GiB
 *
 * Invariants  FIXMAP-1  all slots fit below FIXMAP_END. (Checked at compile time.)
 *
 * Locking     A slot belongs to one user at a time, by design of the user.
 *
 * Cost        Three stores and one INVLPG.
 *
 * Reading     docs/01-architecture.md, "The kernel's gigabyte".
 */
#include "mm/map/fixmap.h"

#include "lib/assert.h"

static_assert(FIXMAP_SLOT_COUNT < PTES_PER_TABLE, "FIXMAP-1: the slots fit into one table");

static pte_t *fixmap_table;

void fixmap_init(pte_t *table)
{
        fixmap_table = table;
}

void fixmap_set(enum fixmap_slot slot, phys_addr_t address, pte_t bits)
{
        BUG_ON(slot >= FIXMAP_SLOT_COUNT || !fixmap_table, "slot %d", slot);
        pte_write(&fixmap_table[slot], pte_make(address, bits));
        tlb_flush_page(fixmap_address(slot));
}

void fixmap_clear(enum fixmap_slot slot)
{
        BUG_ON(slot >= FIXMAP_SLOT_COUNT || !fixmap_table, "slot %d", slot);
        pte_write(&fixmap_table[slot], 0);
        tlb_flush_page(fixmap_address(slot));
}
