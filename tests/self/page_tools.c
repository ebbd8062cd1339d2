/*
 * page_tools.c - see the header.
 *
 * Cost        A hoard of a whole machine takes one step for each block. Contents are written to a
 *             bounded number of pages, and the poisoning of freed pages is off meanwhile, because
 *             the machine may be larger than the host's memory.
 */
#include "tests/self/page_tools.h"

#include "kernel/cpu/page_ops.h"
#include "lib/bits.h"
#include "mm/debug/check.h"
#include "mm/page_debug.h"
#include "mm/map/page_window.h"
#include "mm/phys/buddy.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u32))

/* Spreads neighbouring numbers over all 32 bits; odd, so that none is lost. */
#define SIGNATURE_FACTOR 0x9E3779B1u

/* Shuffling deals blocks onto so many heaps, so many times: enough for a million blocks. */
#define SHUFFLE_HEAPS 16u
#define SHUFFLE_ROUNDS 5u

/* Where contents are looked at: so many pages of a zone, in so many regions. */
#define SAMPLES_PER_ZONE 1024u
#define SAMPLE_REGIONS_PER_ZONE 8u
#define SAMPLE_REGION_PAGES (LARGE_PAGE_SIZE / PAGE_SIZE)

/* More pages than this are not poisoned as a hoard is given back. */
#define POISONED_PAGES_MOST 1024u

/* The whole-structure checks of one boot may look at so many page descriptors. */
#define CHECKED_PAGES_MOST 100000000ull

void page_tools_run(struct test_state *test, struct zone *zone,
                    void (*check)(struct test_state *test, struct zone *zone))
{
        if (!zone->managed_pages)
                SKIP("this machine has no memory there");
        check(test, zone);
}

gfp_t page_tools_gfp(const struct zone *zone)
{
        static const gfp_t modifiers[MAX_NR_ZONES] = {
                [ZONE_DMA] = __GFP_DMA, [ZONE_NORMAL] = 0, [ZONE_DMA32] = __GFP_DMA32,
                [ZONE_HIGHMEM] = __GFP_HIGHMEM,
        };

        return modifiers[zone->kind] | GFP_NOWAIT | __GFP_NOWARN;
}

unsigned long page_tools_floor(const struct zone *zone, gfp_t gfp_mask,
                               const struct zone *preferred)
{
        unsigned long mark = zone->watermark[WATERMARK_MIN];

        if (gfp_mask & __GFP_HIGH)
                mark -= mark / 2;
        if ((gfp_mask & __GFP_HIGH) && !(gfp_mask & __GFP_WAIT))
                mark -= mark / 4;
        return mark + (zone == preferred ? 0 : zone->reserve[preferred->kind]);
}

struct page *page_tools_take_in_zone(struct zone *zone, unsigned int order)
{
        struct page *page = alloc_pages(page_tools_gfp(zone), order);

        if (!page || zone_of_page(page) == zone)
                return page;
        __free_pages(page, order);
        return NULL;
}

/* Count the free blocks of one zone. */
static void count_blocks(struct free_picture *picture, struct zone *zone)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        for (unsigned int order = 0; order < MAX_ORDER; order++)
                picture->blocks[zone->kind][order] = buddy_block_count(zone, order);
        spin_unlock_irqrestore(&zone->lock, flags);
}

void free_picture_take(struct free_picture *picture)
{
        struct zone *zone;

        drain_all_pages();
        *picture = (struct free_picture){ 0 };
        for_each_populated_zone(zone)
                count_blocks(picture, zone);
}

void free_picture_compare(struct test_state *test, const struct free_picture *before)
{
        static struct free_picture now;

        free_picture_take(&now);
        for (unsigned int kind = 0; kind < MAX_NR_ZONES; kind++)
                for (unsigned int order = 0; order < MAX_ORDER; order++)
                        if (now.blocks[kind][order] != before->blocks[kind][order])
                                test_fail(test, __FILE__, __LINE__,
                                          "zone %s has %lu free blocks of order %u, had %lu",
                                          zones[kind].name, now.blocks[kind][order], order,
                                          before->blocks[kind][order]);
}

void hoard_init(struct hoard *hoard)
{
        *hoard = (struct hoard){ .block_count = 0 };
        INIT_LIST_HEAD(&hoard->blocks);
}

void hoard_add(struct hoard *hoard, struct page *page)
{
        unsigned long page_count = 1ul << page_order(page);

        page->flags |= PAGE_HOARDED;
        list_add_tail(&page->list, &hoard->blocks);
        hoard->block_count++;
        hoard->page_count += page_count;
        hoard->zone_pages[page_zone_index(page)] += page_count;
}

void hoard_remove(struct hoard *hoard, struct page *page)
{
        unsigned long page_count = 1ul << page_order(page);

        page->flags &= ~PAGE_HOARDED;
        list_del(&page->list);
        hoard->block_count--;
        hoard->page_count -= page_count;
        hoard->zone_pages[page_zone_index(page)] -= page_count;
}

bool hoard_take(struct hoard *hoard, gfp_t gfp_mask, unsigned int order)
{
        struct page *page = alloc_pages(gfp_mask, order);

        if (page)
                hoard_add(hoard, page);
        return page != NULL;
}

/* The free pages in all zones that serve a request. */
static unsigned long free_pages_for(gfp_t gfp_mask)
{
        struct zone *const *zone = zone_lists[gfp_mask & GFP_ZONE_MASK].zones;
        unsigned long page_count = 0;

        for (; *zone; zone++)
                page_count += (*zone)->free_pages;
        return page_count;
}

void hoard_take_all(struct hoard *hoard, gfp_t gfp_mask, unsigned long single_pages)
{
        for (unsigned int order = MAX_ORDER - 1; order > 0; order--)
                while (free_pages_for(gfp_mask) > single_pages &&
                       hoard_take(hoard, gfp_mask, order))
                        ;
        while (hoard_take(hoard, gfp_mask, 0))
                ;
}

/* Deal the blocks of a hoard onto heaps at random, and put the heaps one on the other. */
static void deal_once(struct hoard *hoard, struct random *random)
{
        struct list_head heaps[SHUFFLE_HEAPS];
        struct page *page, *following;

        for (unsigned int heap = 0; heap < SHUFFLE_HEAPS; heap++)
                INIT_LIST_HEAD(&heaps[heap]);
        list_for_each_entry_safe(page, following, &hoard->blocks, list)
                list_add_tail(&page->list, &heaps[random_below(random, SHUFFLE_HEAPS)]);
        INIT_LIST_HEAD(&hoard->blocks);
        for (unsigned int heap = 0; heap < SHUFFLE_HEAPS; heap++)
                list_for_each_entry_safe(page, following, &heaps[heap], list)
                        list_add_tail(&page->list, &hoard->blocks);
}

/* Put the blocks of a hoard into random order. */
static void shuffle(struct hoard *hoard, u64 seed)
{
        struct random random;

        random_seed(&random, seed);
        for (unsigned int round = 0; round < SHUFFLE_ROUNDS; round++)
                deal_once(hoard, &random);
}

void hoard_give_back(struct hoard *hoard, enum hoard_order order, u64 seed)
{
        bool poison_was_enabled = page_poison_enabled;

        if (order == HOARD_SHUFFLED)
                shuffle(hoard, seed);
        if (hoard->page_count > POISONED_PAGES_MOST)
                page_poison_enabled = false;
        while (!list_empty(&hoard->blocks)) {
                struct page *page = order == HOARD_NEWEST_FIRST
                                            ? list_last_entry(&hoard->blocks, struct page, list)
                                            : list_first_entry(&hoard->blocks, struct page, list);

                hoard_remove(hoard, page);
                __free_pages(page, page_order(page));
        }
        page_poison_enabled = poison_was_enabled;
}

/*
 * The first frame at or after pfn in zone whose contents are looked at. The frames lie in a few
 * regions, evenly spread over the zone: a host may give 2 MiB for each page that is touched.
 */
static pfn_t next_sample(const struct zone *zone, pfn_t pfn)
{
        pfn_t region_count = DIV_ROUND_UP(zone->end_pfn - zone->start_pfn, SAMPLE_REGION_PAGES);
        pfn_t region_step = DIV_ROUND_UP(region_count, SAMPLE_REGIONS_PER_ZONE);
        pfn_t sampled_pages = DIV_ROUND_UP(region_count, region_step) * SAMPLE_REGION_PAGES;
        pfn_t page_step = DIV_ROUND_UP(sampled_pages, SAMPLES_PER_ZONE);
        pfn_t offset = DIV_ROUND_UP(pfn - zone->start_pfn, page_step) * page_step;
        pfn_t region = offset / SAMPLE_REGION_PAGES;

        if (region % region_step) {
                region = DIV_ROUND_UP(region, region_step) * region_step;
                offset = DIV_ROUND_UP(region * SAMPLE_REGION_PAGES, page_step) * page_step;
        }
        return zone->start_pfn + offset;
}

/*
 * Call visit for some pages of a hoard, the same ones whenever a hoard has them. Returns how many
 * times visit returned false.
 */
static unsigned long visit_samples(struct hoard *hoard, u32 salt,
                                   bool (*visit)(struct page *page, u32 salt))
{
        unsigned long refused_count = 0;
        struct page *page;

        list_for_each_entry(page, &hoard->blocks, list) {
                const struct zone *zone = zone_of_page(page);
                pfn_t end = page_to_pfn(page) + BIT(page_order(page));
                pfn_t pfn = next_sample(zone, page_to_pfn(page));

                for (; pfn < end; pfn = next_sample(zone, pfn + 1))
                        refused_count += !visit(pfn_to_page(pfn), salt);
        }
        return refused_count;
}

/* The words of a page's pattern: the first one, and what each adds to the one before. */
static u32 first_word(const struct page *page, u32 salt)
{
        return (page_to_pfn(page) + 1) * SIGNATURE_FACTOR ^ salt;
}

void page_sign(struct page *page, u32 salt)
{
        u32 word = first_word(page, salt);
        unsigned long flags;
        u32 *words = page_window_open(page, &flags);

        for (unsigned int index = 0; index < WORDS_PER_PAGE; index++)
                words[index] = word + index;
        page_window_close(page, flags);
}

bool page_is_signed(struct page *page, u32 salt)
{
        u32 word = first_word(page, salt);
        unsigned int index = 0;
        unsigned long flags;
        const u32 *words = page_window_open(page, &flags);

        while (index < WORDS_PER_PAGE && words[index] == word + index)
                index++;
        page_window_close(page, flags);
        return index == WORDS_PER_PAGE;
}

/* page_sign() as a visitor. */
static bool sign_sample(struct page *page, u32 salt)
{
        page_sign(page, salt);
        return true;
}

void hoard_sign(struct hoard *hoard, u32 salt)
{
        visit_samples(hoard, salt, sign_sample);
}

unsigned long hoard_verify(struct hoard *hoard, u32 salt)
{
        return visit_samples(hoard, salt, page_is_signed);
}

void page_fill(struct page *page, u32 word)
{
        unsigned long flags;

        fill_words(page_window_open(page, &flags), word, WORDS_PER_PAGE);
        page_window_close(page, flags);
}

bool page_is_filled(struct page *page, u32 word)
{
        unsigned int index = 0;
        unsigned long flags;
        const u32 *words = page_window_open(page, &flags);

        while (index < WORDS_PER_PAGE && words[index] == word)
                index++;
        page_window_close(page, flags);
        return index == WORDS_PER_PAGE;
}

void page_tools_check(void)
{
        static u64 checked_pages;

        if (checked_pages + mem_map_count > CHECKED_PAGES_MOST)
                return;
        checked_pages += mem_map_count;
        mm_check();
}
