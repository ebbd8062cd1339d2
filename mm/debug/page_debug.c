/*
 * Page debugging
 *
 * Idea        A page that is given back is filled with a pattern. If the pattern is damaged when
 *             the page is handed out again, somebody wrote to memory that was not theirs, and the
 *             report names who freed it. Two words a page remember the callers.
 *
 * Data        owners[]: for each frame, who allocated and who freed the block it was last in. The
 *             table is left out on machines where it would cost too much low memory; reports then
 *             say "unknown".
 *
 * Invariants  PAGEDEBUG-1  a page with PAGE_POISONED that nobody owns holds the pattern. (Guarded
 *                          by page_debug_alloc() itself.)
 *
 * Locking     An entry and a page belong to the block's owner; both calls come while the caller
 *             still owns it.
 *
 * Cost        Filling and checking a page: about 2000 instructions. Debug build only.
 *
 * Reading     docs/05-debugging.md, "Classes of bugs".
 */
#include "mm/page_debug.h"

#include "kernel/cpu/page_ops.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/symbol.h"
#include "mm/boot/bootmem.h"
#include "mm/map/page_window.h"
#include "mm/phys/zone.h"

/* The callers that last allocated and freed a block; 0: nobody yet. */
struct page_owner {
        unsigned long allocated_by;
        unsigned long freed_by;
};

static struct page_owner *owners;

bool page_poison_enabled = true;

void page_debug_init(unsigned long limit_bytes)
{
        unsigned long table_bytes = (unsigned long)mem_map_count * sizeof(struct page_owner);

        owners = NULL;
        if (table_bytes <= limit_bytes)
                owners = bootmem_alloc(table_bytes, PAGE_SIZE, ZONE_DMA_END_ADDRESS,
                                       DIRECT_MAP_BYTES);
        if (!owners)
                printk("page owners are not tracked: the table would need %lu KiB\n",
                       table_bytes >> 10);
}

/* Write "by NAME" for an address that a table gave, or "by unknown". */
static const char *caller_name(char *buffer, unsigned long address)
{
        if (!address)
                return "unknown";
        symbol_format(buffer, SYMBOL_TEXT_BYTES, address);
        return buffer;
}

/* Report a bug about a page, with what is known of its past. */
static void __noinline page_debug_report(const char *bug_class, const char *what,
                                         const struct page *page)
{
        char allocated_by[SYMBOL_TEXT_BYTES], freed_by[SYMBOL_TEXT_BYTES];
        struct page_owner owner = owners ? owners[page_to_pfn(page)] : (struct page_owner){ 0, 0 };

        bug_report(bug_class, "%s, page %#x, zone %s, order %u, allocated by %s, freed by %s", what,
                   page_to_pfn(page), zone_of_pfn(page_to_pfn(page))->name, page_order(page),
                   caller_name(allocated_by, owner.allocated_by),
                   caller_name(freed_by, owner.freed_by));
}

/* Check the pattern of one page, report the first byte that differs. */
static void check_poison(struct page *page)
{
        char what[64];
        unsigned long flags;
        const u8 *contents = page_window_open(page, &flags);
        const u8 *damage = memchr_inv(contents, PAGE_POISON_WORD & 0xFF, PAGE_SIZE);
        unsigned int offset = damage ? (unsigned int)(damage - contents) : 0;
        unsigned int found = damage ? *damage : 0;

        page_window_close(page, flags);
        page->flags &= ~PAGE_POISONED;
        if (!damage)
                return;
        snprintf(what, sizeof(what), "offset %#x holds 0x%02x", offset, found);
        page_debug_report("write-after-free", what, page);
}

void page_debug_alloc(struct page *page, unsigned int order, unsigned long caller)
{
        for (unsigned long index = 0; index < 1ul << order; index++) {
                if (page[index].flags & PAGE_POISONED)
                        check_poison(&page[index]);
                if (owners)
                        owners[page_to_pfn(&page[index])].allocated_by = caller;
        }
}

/* Fill one page with the pattern. */
static void poison(struct page *page)
{
        unsigned long flags;

        fill_words(page_window_open(page, &flags), PAGE_POISON_WORD, PAGE_SIZE / 4);
        page_window_close(page, flags);
        page->flags |= PAGE_POISONED;
}

void page_debug_free(struct page *page, unsigned int order, unsigned long caller)
{
        for (unsigned long index = 0; index < 1ul << order; index++) {
                if (page_poison_enabled)
                        poison(&page[index]);
                if (owners)
                        owners[page_to_pfn(&page[index])].freed_by = caller;
        }
}

/* Say whether a page that is no head lies in a free block or in somebody's. */
static void report_tail(struct page *page)
{
        struct page *head = page_block_head(page);

        if (head && page_state(head) == PAGE_ALLOCATED)
                page_debug_report("bad-address", "free of a page inside a block", page);
        else
                page_debug_report("double-free", "free of a page inside a free block", page);
}

void page_debug_report_bad_free(struct page *page, unsigned int order)
{
        char what[64];

        if (!page_is_descriptor(page)) {
                bug_report("bad-address", "free of %p, which is no struct page",
                           (const void *)page);
                return;
        }
        switch (page_state(page)) {
        case PAGE_RESERVED:
                page_debug_report("free-reserved", "free of a page that is reserved", page);
                break;
        case PAGE_FREE:
        case PAGE_CACHED:
                page_debug_report("double-free", "free of a page that is free", page);
                break;
        case PAGE_TAIL:
                report_tail(page);
                break;
        default:
                if (page_order(page) == order) {
                        page_debug_report("double-free", "free of a page that nobody holds", page);
                        break;
                }
                snprintf(what, sizeof(what), "free of order %u", order);
                page_debug_report("wrong-order", what, page);
                break;
        }
}
