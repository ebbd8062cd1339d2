/* dump_page.c - reads a descriptor without trusting it: it may be what a bug has left. */
#include "mm/debug/dump_page.h"

#include "lib/compiler.h"
#include "lib/panic.h"
#include "mm/claims.h"
#include "mm/memmap.h"
#include "mm/phys/zone.h"

const char *page_state_name(enum page_state state)
{
        static const char *const names[] = {
                [PAGE_RESERVED] = "reserved", [PAGE_FREE] = "free",
                [PAGE_CACHED] = "on a CPU's list", [PAGE_ALLOCATED] = "allocated",
                [PAGE_TAIL] = "inside a block",
        };

        return (unsigned int)state < ARRAY_SIZE(names) ? names[state] : "in no known state";
}

/* What a reserved frame is reserved for. */
static const char *reserved_for(phys_addr_t address)
{
        const struct memory_claim *claim = memory_claim_find(address, address + PAGE_SIZE);

        if (claim)
                return claim->name;
        return memmap_contains(&memmap, address, address + PAGE_SIZE, MEMORY_RAM)
                ? "boot allocations" : "no RAM of the page allocator's";
}

/* Print where a frame lies. */
static void print_place(const struct page *page)
{
        phys_addr_t address = page_to_phys(page);

        printk("pfn:%#x phys:%#llx", page_to_pfn(page), (unsigned long long)address);
        if (PageHighMem(page))
                printk(" address:none\n");
        else
                printk(" address:%p\n", __va(address));
}

/* Print the block that a head describes. */
static void print_block(const struct page *head)
{
        pfn_t first = page_to_pfn(head);

        printk("  block   order %u, pfn:%#x to pfn:%#x\n", page_order(head), first,
               first + (1u << page_order(head)) - 1);
        printk("  head    %s, refcount %d\n", page_state_name(page_state(head)),
               atomic_read(&head->refcount));
}

void dump_page(struct page *page)
{
        struct page *head = page_block_head(page);

        print_place(page);
        printk("  state   %s\n", page_state_name(page_state(page)));
        printk("  flags   %#x%s\n", page->flags,
               page->flags & PAGE_POISONED ? ", filled with the pattern of free pages" : "");
        if (page_state(page) == PAGE_RESERVED) {
                printk("  for     %s\n", reserved_for(page_to_phys(page)));
                return;
        }
        printk("  zone    %s\n", zone_of_page(page)->name);
        if (head)
                print_block(head);
        else
                printk("  block   none: the descriptors are damaged\n");
}
