/*
 * Page tables
 *
 * Idea        One page directory serves the whole kernel. Below it a table of 512 entries covers
 *             2 MiB; it is made when the first page in there is mapped, and stays. So a mapping
 *             is two look-ups and one entry, and it is everywhere at once.
 *
 * Picture     kernel_page_directory[512]
 *                 f8800000 -> none
 *                 fe800000 -> table[512]          fe800000 -> page frame
 *                             low memory          fe801000 -> none
 *
 * Data        The tables themselves, and table_count. Tables lie in low memory, where the direct
 *             map shows them.
 *
 * Invariants  PGTABLE-1  an entry of the directory outside the direct map changes once, from
 *                        nothing to a table.
 *                        (Guarded by pgtable_populate(), which alone writes there, with the lock.)
 *             PGTABLE-2  nothing is mapped below VMALLOC_START or above FIXMAP_START by these
 *                        calls. (Guarded by entry_of().)
 *
 * Locking     pgtable_lock guards the making of tables alone. Readers of the directory take no
 *             lock: an entry, once there, never changes, and its upper half is 0 because tables
 *             lie below 4 GiB, so the lower half says all. An entry of a table belongs to the
 *             owner of its address. No lock is taken below this one.
 *
 * Cost        About thirty instructions; a new table costs a zeroed page.
 *
 * Failure     No memory for a table: -ENOMEM, nothing has changed.
 *
 * Reading     docs/01-architecture.md, "The kernel's gigabyte".
 */
#include "mm/virt/pgtable.h"

#include "kernel/sync/spinlock.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "mm/boot/direct_map.h"
#include "mm/phys/page_alloc.h"

static struct spinlock pgtable_lock = SPINLOCK_INIT("pgtable", LOCK_RANK_PGTABLE);
static unsigned long table_count;

/* The directory's entry for an address of the windows. */
static pte_t *directory_entry_of(unsigned long address)
{
        return &kernel_page_directory[directory_index(address)];
}

/* The table that covers an address; NULL when there is none. */
static pte_t *table_of(unsigned long address)
{
        u32 entry = __atomic_load_n((const u32 *)directory_entry_of(address), __ATOMIC_ACQUIRE);

        return entry & PTE_PRESENT ? __va(entry & (u32)PTE_ADDRESS_MASK) : NULL;
}

/* The entry that maps an address; NULL when there is no table. */
static pte_t *entry_of(unsigned long address)
{
        BUG_ON(address < VMALLOC_START || address >= FIXMAP_START || address & ~PAGE_MASK,
               "%#lx", address);
        pte_t *table = table_of(address);
        return table ? &table[table_index(address)] : NULL;
}

/* Put a table into the directory, unless another CPU was faster. Returns whether it is in use. */
static bool install_table(unsigned long address, struct page *table)
{
        unsigned long flags = spin_lock_irqsave(&pgtable_lock);
        bool is_first = !table_of(address);

        if (is_first) {
                pte_write(directory_entry_of(address),
                          pte_make(page_to_phys(table),
                                   PTE_PRESENT | PTE_WRITE | PTE_ACCESSED));
                table_count++;
        }
        spin_unlock_irqrestore(&pgtable_lock, flags);
        return is_first;
}

/* Make the table of an address, if there is none. Returns 0 or -ENOMEM. */
static int make_table(unsigned long address)
{
        if (table_of(address))
                return 0;
        struct page *table = alloc_page(GFP_KERNEL | __GFP_ZERO);

        if (!table)
                return -ENOMEM;
        if (!install_table(address, table))
                __free_page(table);
        return 0;
}

int pgtable_populate(unsigned long start, unsigned long end)
{
        for (start = ROUND_DOWN(start, LARGE_PAGE_SIZE); start < end; start += LARGE_PAGE_SIZE)
                if (make_table(start))
                        return -ENOMEM;
        return 0;
}

int pgtable_map_page(unsigned long address, struct page *page, pte_t bits)
{
        pte_t *entry = entry_of(address);

        if (!entry) {
                if (make_table(address))
                        return -ENOMEM;
                entry = entry_of(address);
        }
        BUG_ON(*entry & PTE_PRESENT, "%#lx leads to %#llx", address, (unsigned long long)*entry);
        pte_write(entry, pte_make(page_to_phys(page), bits));
        return 0;
}

struct page *pgtable_lookup(unsigned long address)
{
        pte_t *entry = entry_of(address & PAGE_MASK);

        if (!entry || !(*entry & PTE_PRESENT))
                return NULL;
        return pfn_to_page((pfn_t)((*entry & PTE_ADDRESS_MASK) >> PAGE_SHIFT));
}

struct page *pgtable_unmap_page(unsigned long address)
{
        struct page *page = pgtable_lookup(address);

        if (page)
                pte_write(entry_of(address), 0);
        return page;
}

unsigned long pgtable_table_count(void)
{
        return READ_ONCE(table_count);
}
