/*
 * commands_pages.c - single pages: what one is, taking and giving back.
 *
 * `free` obeys whatever it is told, so that bugs can be planted: the page allocator is to catch
 * them. What `alloc` took is remembered in a table, for `allocs`, and for `free`, which then knows
 * the order.
 */
#include "kernel/monitor/arguments.h"
#include "kernel/monitor/monitor.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/debug/dump_page.h"
#include "mm/phys/page_alloc.h"

#define BLOCKS_MAX 256u

/* A block that `alloc` took. */
struct block {
        pfn_t first;
        unsigned int order;
};

static struct block blocks[BLOCKS_MAX];
static unsigned int block_count;
static struct page *last_page;          /* what `alloc` took last, given back or not */

/* The remembered block that begins with page, or NULL. */
static struct block *find_block(const struct page *page)
{
        for (unsigned int index = 0; index < block_count; index++)
                if (pfn_to_page(blocks[index].first) == page)
                        return &blocks[index];
        return NULL;
}

/* Forget a block if it is not allocated any more, as its own descriptor says. */
static void forget_if_free(struct page *page)
{
        struct block *block = find_block(page);

        if (block && page_state(page) != PAGE_ALLOCATED)
                *block = blocks[--block_count];
}

/* Print where a block is, in words that the other commands understand. */
static void print_block(const struct page *page, unsigned int order)
{
        phys_addr_t address = page_to_phys(page);

        printk("pfn:%#x phys:%#llx ", page_to_pfn(page), (unsigned long long)address);
        if (PageHighMem(page))
                printk("address:none");
        else
                printk("address:%p", page_address(page));
        printk(" order:%u\n", order);
}

/* The page of a frame number, if it has a descriptor. */
static bool page_of_number(const char *text, unsigned int shift, struct page **page)
{
        u64 number;

        if (!argument_number(text, UINT64_MAX, &number))
                return false;
        number >>= shift;
        if (number >= mem_map_count) {
                printk("frame %#llx has no descriptor: there are %#x\n",
                       (unsigned long long)number, mem_map_count);
                return false;
        }
        *page = pfn_to_page((pfn_t)number);
        return true;
}

/* The page that pfn:N, phys:N or last means. *is_known tells whether text is one of these. */
static bool named_page(const char *text, bool *is_known, struct page **page)
{
        const char *pfn = argument_suffix(text, "pfn:");
        const char *physical = argument_suffix(text, "phys:");

        *is_known = true;
        if (pfn)
                return page_of_number(pfn, 0, page);
        if (physical)
                return page_of_number(physical, PAGE_SHIFT, page);
        *is_known = !strcmp(text, "last");
        if (*is_known && !last_page)
                printk("nothing was allocated yet\n");
        *page = last_page;
        return *is_known && last_page;
}

/* The page that an argument means: a name as above, a logical address, or a frame's number. */
static bool argument_page(const char *text, struct page **page)
{
        unsigned long address;
        bool is_known;

        if (named_page(text, &is_known, page))
                return true;
        if (is_known)
                return false;
        if (!argument_address(text, &address))
                return false;
        if (address < PAGE_OFFSET)
                return page_of_number(text, 0, page);
        if (!virt_addr_valid((void *)address)) {
                printk("%#lx is no logical address of a page\n", address);
                return false;
        }
        *page = virt_to_page((void *)address);
        return true;
}

MONITOR_COMMAND(page, "PFN|ADDRESS|phys:N|last", "say what a page frame is")
{
        struct page *page = NULL;

        if (argument_count != 2)
                return MONITOR_USAGE;
        if (!argument_page(arguments[1], &page))
                return MONITOR_FAILED;
        dump_page(page);
        return MONITOR_OK;
}

MONITOR_COMMAND(alloc, "ORDER [GFP|GFP...]", "take a block of 2^ORDER pages")
{
        gfp_t gfp_mask = GFP_KERNEL;
        struct page *page;
        u64 order;

        if (argument_count < 2 || argument_count > 3)
                return MONITOR_USAGE;
        if (!argument_number(arguments[1], UINT32_MAX, &order) ||
            (argument_count == 3 && !argument_gfp(arguments[2], &gfp_mask)))
                return MONITOR_FAILED;
        if (block_count == BLOCKS_MAX) {
                printk("%u blocks are remembered already: free some\n", BLOCKS_MAX);
                return MONITOR_FAILED;
        }
        page = alloc_pages(gfp_mask, (unsigned int)order);
        if (!page) {
                printk("no block of order %u\n", (unsigned int)order);
                return MONITOR_FAILED;
        }
        blocks[block_count++] = (struct block){ page_to_pfn(page), (unsigned int)order };
        last_page = page;
        print_block(page, (unsigned int)order);
        return MONITOR_OK;
}

MONITOR_COMMAND(allocs, "", "list what alloc has taken")
{
        if (argument_count != 1)
                return MONITOR_USAGE;
        for (unsigned int index = 0; index < block_count; index++)
                print_block(pfn_to_page(blocks[index].first), blocks[index].order);
        printk("%u block%s\n", block_count, block_count == 1 ? "" : "s");
        return MONITOR_OK;
}

/* The order to free page by, when nobody says one: that of the allocation, as far as known. */
static unsigned int likely_order(const struct page *page)
{
        const struct block *block = find_block(page);

        if (block)
                return block->order;
        return page_state(page) == PAGE_ALLOCATED ? page_order(page) : 0;
}

/* Free by descriptor. */
static void free_by_page(struct page *page, const char *order_text, unsigned int order)
{
        __free_pages(page, order_text ? order : likely_order(page));
        forget_if_free(page);
}

/* Free by address, whatever lies there. */
static void free_by_address(unsigned long address, const char *order_text, unsigned int order)
{
        struct page *page = virt_addr_valid((void *)address) ? virt_to_page((void *)address) : NULL;

        if (!order_text && page)
                order = likely_order(page);
        free_pages(address, order);
        if (page)
                forget_if_free(page);
}

MONITOR_COMMAND(free, "ADDRESS|pfn:N|last [ORDER]", "give back a block, or try to")
{
        const char *order_text = argument_count == 3 ? arguments[2] : NULL;
        unsigned int bug_count = bug_report_count();
        struct page *page = NULL;
        unsigned long address;
        u64 order = 0;
        bool is_known;

        if (argument_count < 2 || argument_count > 3)
                return MONITOR_USAGE;
        if (order_text && !argument_number(order_text, UINT32_MAX, &order))
                return MONITOR_FAILED;
        if (named_page(arguments[1], &is_known, &page))
                free_by_page(page, order_text, (unsigned int)order);
        else if (!is_known && argument_address(arguments[1], &address))
                free_by_address(address, order_text, (unsigned int)order);
        else
                return MONITOR_FAILED;
        return bug_report_count() == bug_count ? MONITOR_OK : MONITOR_FAILED;
}
