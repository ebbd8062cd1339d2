/* page_walk.c - following an address through PAE page tables that may be wrong. */
#include "kernel/page_walk.h"

#include "kernel/cpu/fixup.h"
#include "kernel/cpu/paging.h"
#include "lib/bits.h"
#include "lib/panic.h"
#include "mm/layout.h"

#define POINTER_TABLE_ALIGN 32u         /* cr3 has other bits below */

/* The lowest bit of an address that the index into the table of each level takes, and how many. */
static const struct {
        unsigned int shift;
        unsigned int index_count;
        const char *name;
} levels[PAGE_WALK_LEVELS] = {
        { 30, 4, "pointer" },
        { LARGE_PAGE_SHIFT, PTES_PER_TABLE, "directory" },
        { PAGE_SHIFT, PTES_PER_TABLE, "table" },
};

/* The index into the table of a level. */
static unsigned int index_of(unsigned int level, unsigned long address)
{
        return (address >> levels[level].shift) % levels[level].index_count;
}

/* Read an entry of a table by its physical address; false where the direct map does not reach. */
static bool read_entry(phys_addr_t table, unsigned int index, pte_t *entry)
{
        u32 low, high;

        if (table >= DIRECT_MAP_BYTES)
                return false;
        unsigned long address = (unsigned long)__va(table) + index * sizeof(*entry);
        if (!probe_read(address, &low) || !probe_read(address + sizeof(low), &high))
                return false;
        *entry = ((u64)high << 32) | low;
        return true;
}

struct page_walk page_walk(unsigned long cr3, unsigned long address)
{
        struct page_walk walk = { .count = 0 };
        phys_addr_t table = ROUND_DOWN(cr3, POINTER_TABLE_ALIGN);

        for (unsigned int level = 0; level < PAGE_WALK_LEVELS; level++) {
                pte_t entry;

                if (!read_entry(table, index_of(level, address), &entry)) {
                        walk.is_out_of_reach = true;
                        break;
                }
                walk.entry[walk.count++] = entry;
                if (!(entry & PTE_PRESENT) || (level == 1 && (entry & PTE_LARGE)))
                        break;
                table = entry & PTE_ADDRESS_MASK;
        }
        return walk;
}

/* Print what the entry that ended the walk says. */
static void print_meaning(const struct page_walk *walk)
{
        pte_t last = walk->count ? walk->entry[walk->count - 1] : 0;

        if (walk->is_out_of_reach)
                printk("%s the next table is out of reach\n", walk->count ? ";" : "");
        else if (!(last & PTE_PRESENT))
                printk("; not present\n");
        else
                printk("; %s page, %s, %s%s%s%s\n", walk->count == 2 ? "2 MiB" : "4 KiB",
                       last & PTE_WRITE ? "writable" : "read-only",
                       last & PTE_NO_EXECUTE ? "not executable" : "executable",
                       last & PTE_USER ? ", user" : "",
                       last & PTE_GLOBAL ? ", global" : "",
                       last & PTE_CACHE_DISABLE ? ", uncached" : "");
}

void page_walk_print(unsigned long cr3, unsigned long address)
{
        struct page_walk walk = page_walk(cr3, address);

        printk("page tables of %08lx:", address);
        for (unsigned int level = 0; level < walk.count; level++)
                printk(" %s[%u] %016llx", levels[level].name, index_of(level, address),
                       (unsigned long long)walk.entry[level]);
        print_meaning(&walk);
}
