/*
 * The page allocator against a model that knows of each frame only whose it is. After each step
 * every invariant is checked, at the end everything is freed and must be as it was at first.
 */
#include "kernel/cpu/ipi.h"
#include "lib/bits.h"
#include "lib/bug_expect.h"
#include "lib/string.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/page_wait.h"
#include "mm/phys/pcp.h"
#include "mm/phys/shrinker.h"
#include "mm/phys/zone.h"
#include "tests/fuzz/fuzz.h"
#include "tests/host/machine.h"
#include "tests/host/picture.h"
#include "tests/host/ram.h"

#define BLOCKS_MOST 512u
#define STEPS_MOST 150u
#define FRAMES_MOST ((900 * MIB >> PAGE_SHIFT) + 1024)

/* A block that is held. */
struct block {
        struct page *page;
        unsigned int order;
        unsigned int references;
        u32 number;                     /* written to its first and last word */
};

static struct block blocks[BLOCKS_MOST];
static unsigned int block_count;
static u32 next_number;
static bool is_closed;

/* The number of the block that holds a frame; 0 for none. */
static u32 holder_of[FRAMES_MOST];

/* Start one of three machines. */
static void start(unsigned int which)
{
        static const struct machine_range holes[] = {
                { MIB, 3 * MIB + 100, MEMORY_RAM },
                { 4 * MIB - 0x3000, 16 * MIB + 0x5000, MEMORY_RAM },
                { 7 * MIB, 7 * MIB + 1, MEMORY_RESERVED },
                { 19 * MIB, 20 * MIB, MEMORY_RAM },
        };
        static const struct machine_range with_high_memory[] = {
                { MIB, 20 * MIB, MEMORY_RAM },
                { 898 * MIB + 0x7000, 900 * MIB, MEMORY_RAM },
        };

        if (which == 0)
                machine_boot_pc(5 * MIB);
        else if (which == 1)
                machine_boot(holes, ARRAY_SIZE(holes));
        else
                machine_boot(with_high_memory, ARRAY_SIZE(with_high_memory));
        memset(holder_of, 0, sizeof(holder_of));
        block_count = 0;
}

/* Write a block's number to its ends. */
static void write_number(const struct block *block)
{
        phys_addr_t address = page_to_phys(block->page);

        ram_write(address, &block->number, 4);
        ram_write(address + (PAGE_SIZE << block->order) - 4, &block->number, 4);
}

/* Read a block's number at its ends. */
static void require_number(const struct block *block)
{
        phys_addr_t address = page_to_phys(block->page);
        u32 first, last;

        ram_read(address, &first, 4);
        ram_read(address + (PAGE_SIZE << block->order) - 4, &last, 4);
        FUZZ_REQUIRE(first == block->number && last == block->number);
}

/* Note that a block's frames are held, or free again. */
static void set_holder(const struct block *block, u32 expected, u32 number)
{
        pfn_t first = page_to_pfn(block->page);

        for (pfn_t pfn = first; pfn < first + BIT(block->order); pfn++) {
                FUZZ_REQUIRE(holder_of[pfn] == expected);
                holder_of[pfn] = number;
        }
}

/* Keep a new block. */
static void hold(struct page *page, unsigned int order)
{
        struct block *block = &blocks[block_count++];

        *block = (struct block){ page, order, 1, ++next_number };
        FUZZ_REQUIRE(IS_ALIGNED(page_to_pfn(page), BIT(order)));
        FUZZ_REQUIRE(page_state(page) == PAGE_ALLOCATED && page_order(page) == order);
        FUZZ_REQUIRE(memmap_contains(&memmap, page_to_phys(page),
                                     page_to_phys(page) + (PAGE_SIZE << order), MEMORY_RAM));
        set_holder(block, 0, block->number);
        write_number(block);
}

/* Take one more reference of a block. */
static void hold_again(struct block *block)
{
        get_page(block->page);
        block->references++;
}

/* Whether a zone of a request's list could have served it. Nothing is left on the CPUs' lists. */
static bool could_be_served(gfp_t gfp_mask, unsigned int order)
{
        struct zone *const *zone = zone_lists[gfp_mask & GFP_ZONE_MASK].zones;
        enum zone_kind preferred = (*zone)->kind;

        for (; *zone; zone++) {
                unsigned long mark = (*zone)->watermark[WATERMARK_MIN];

                if (gfp_mask & __GFP_HIGH)
                        mark -= mark / 2;
                if ((*zone)->free_orders >> order &&
                    (*zone)->free_pages >= mark + (*zone)->reserve[preferred] + BIT(order))
                        return true;
        }
        return false;
}

/* Request a block by any mask. */
static void do_allocate(struct fuzz_stream *stream)
{
        static const gfp_t depths[] = {
                GFP_KERNEL, GFP_ATOMIC, GFP_NOWAIT, GFP_KERNEL | __GFP_HIGH,
        };
        gfp_t gfp_mask = depths[fuzz_below(stream, ARRAY_SIZE(depths))] | __GFP_NOWARN;

        gfp_mask |= fuzz_below(stream, GFP_ZONE_LISTS);
        gfp_mask |= fuzz_below(stream, 4) ? 0 : __GFP_ZERO;
        unsigned int order = fuzz_below(stream, fuzz_below(stream, 4) ? 4 : MAX_ORDER);
        struct page *page = alloc_pages(gfp_mask, order);

        if (!page) {
                FUZZ_REQUIRE(!(gfp_mask & __GFP_WAIT) || !could_be_served(gfp_mask, order));
                return;
        }
        if (gfp_mask & __GFP_DMA)
                FUZZ_REQUIRE(page_to_phys(page) < 16 * MIB);
        if (!(gfp_mask & (__GFP_HIGHMEM | __GFP_DMA32)))
                FUZZ_REQUIRE(page_address(page));
        hold(page, order);
}

/* Drop one reference of a block, by one of the calls that do so. */
static void drop_reference(struct block *block, unsigned int how)
{
        void *address = page_address(block->page);

        if (how == 0 && address)
                free_pages((unsigned long)address, block->order);
        else if (how == 1)
                put_page(block->page);
        else
                __free_pages(block->page, block->order);
}

/* Drop one reference of a block; forget it with the last. */
static void release(unsigned int index, unsigned int how)
{
        struct block *block = &blocks[index];

        require_number(block);
        drop_reference(block, how);
        if (--block->references) {
                FUZZ_REQUIRE(page_state(block->page) == PAGE_ALLOCATED);
                return;
        }
        set_holder(block, block->number, 0);
        *block = blocks[--block_count];
}

/* Make single pages of a block that has one reference. */
static void do_split(struct block *block)
{
        struct page *page = block->page;
        unsigned int order = block->order;

        if (block->references > 1 || block_count + BIT(order) > BLOCKS_MOST)
                return;
        split_page(page, order);
        set_holder(block, block->number, 0);
        *block = blocks[--block_count];
        for (unsigned int index = 0; index < BIT(order); index++)
                hold(page + index, 0);
}

/* The class of the bug that it is to free a page by an order that is not right. */
static const char *class_of_mistake(const struct page *page)
{
        switch (page_state(page)) {
        case PAGE_RESERVED:
                return "free-reserved";
        case PAGE_ALLOCATED:
                return "wrong-order";
        case PAGE_TAIL:
                return holder_of[page_to_pfn(page)] ? "bad-address" : "double-free";
        default:
                return "double-free";
        }
}

/* Free something by mistake: one report, and nothing changes. */
static void do_mistake(struct fuzz_stream *stream)
{
        struct page *page = mem_map + fuzz_below(stream, mem_map_count);
        unsigned int order = fuzz_below(stream, 12);
        struct picture before = picture_take();

        if (page_state(page) == PAGE_ALLOCATED && page_order(page) == order)
                return;
        bug_expect_begin();
        __free_pages(page, order);
        FUZZ_REQUIRE(bug_expect_end(class_of_mistake(page), NULL));
        struct picture after = picture_take();
        FUZZ_REQUIRE(picture_same(&before, &after));
}

/* A shrinker that lets go of what was taken last. */
static unsigned long give_last(struct shrinker *shrinker __unused,
                               unsigned long wanted_count __unused, gfp_t gfp_mask __unused)
{
        if (!block_count || blocks[block_count - 1].references > 1)
                return 0;
        unsigned long page_count = BIT(blocks[block_count - 1].order);
        release(block_count - 1, 2);
        return page_count;
}

/* Make a CPU's lists as pcp_set_closed() wants them. */
static void update_lists(void *argument __unused)
{
        pcp_update_this_cpu();
}

/*
 * Close the lists of all CPUs, or open them: as a request does that was served, and that stays in
 * the line until it is closed no longer.
 */
static void set_closed(bool closed)
{
        if (closed == is_closed)
                return;
        is_closed = closed;
        page_waiter_count += closed ? 1u : -1u;
        pcp_set_closed(closed);
        on_each_cpu(update_lists, NULL, true);
}

/* Empty one CPU's lists or all, or close them or open them. */
static void do_lists(unsigned int how)
{
        if (how == 0)
                drain_all_pages();
        else if (how == 1)
                drain_local_pages();
        else if (how < 4)
                set_closed(!is_closed);
}

/* One step. */
static void do_step(struct fuzz_stream *stream)
{
        unsigned int what = fuzz_below(stream, 16);
        unsigned int index = block_count ? fuzz_below(stream, block_count) : 0;

        if (what < 7 && block_count < BLOCKS_MOST)
                do_allocate(stream);
        else if (what == 7)
                host_cpu = fuzz_below(stream, NR_CPUS);
        else if (what == 8)
                do_mistake(stream);
        else if (what == 9 || what == 10)
                do_lists(fuzz_below(stream, 8));
        else if (!block_count)
                return;
        else if (what == 11)
                do_split(&blocks[index]);
        else if (what == 12)
                hold_again(&blocks[index]);
        else
                release(index, fuzz_below(stream, 3));
}

/* Allocate, hold and free pages as the bytes say; in the end all is as it was. */
void fuzz_page_alloc(const u8 *data, size_t length)
{
        struct fuzz_stream stream = fuzz_open(data, length);
        struct shrinker shrinker = { .name = "fuzz", .shrink = give_last };

        start(fuzz_below(&stream, 3));
        struct picture before = picture_take();
        if (fuzz_below(&stream, 2))
                register_shrinker(&shrinker);
        else
                shrinker.shrink = NULL;
        for (unsigned int step = 0; fuzz_has_more(&stream) && step < STEPS_MOST; step++) {
                do_step(&stream);
                mm_check();
        }
        if (shrinker.shrink)
                unregister_shrinker(&shrinker);
        set_closed(false);
        while (block_count)
                release(block_count - 1, 2);
        drain_all_pages();
        mm_check();
        struct picture after = picture_take();
        FUZZ_REQUIRE(picture_same(&before, &after));
}
