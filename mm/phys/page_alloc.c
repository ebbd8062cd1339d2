/*
 * Page allocator
 *
 * Idea        A request names where the page may lie and what may be done to get it; from that
 *             follow a zone list and how deep each zone may be drained. The fast path looks only
 *             at this CPU's list of the best zone. Everything else is the slow path's work.
 *
 * Picture     alloc_pages(gfp, order)
 *                |
 *                +- this CPU's list of the best zone has one ------------------> page
 *                |
 *                +- try_zones: each zone of the list, down to its LOW mark ----> page
 *                +- again, down to MIN; GFP_ATOMIC further --------------------> page
 *                +- may sleep: reclaim, and again as long as that helps -------> page
 *                +- may sleep: wait until others free (mm/phys/page_wait.c) ---> page
 *                +- report, NULL
 *
 * Data        None of its own but counts: zones and lists are phys/zone's and phys/pcp's.
 *
 * Invariants  ALLOC-1  a page that is handed out is PAGE_ALLOCATED, of the order asked for, with
 *                      one reference.
 *             ALLOC-2  a zone that is not the request's first choice keeps its reserve. (Guarded
 *                      by the tests that exhaust zones.)
 *             ALLOC-3  what is freed was handed out by the same order; all else is reported.
 *                      (Guarded by the tests that plant callers' bugs.)
 *
 * Locking     A CPU's list is pushed to and popped from by single steps (kernel/cpu/cpu_stack.h),
 *             which find the CPU, too; zone->lock with interrupts off for all else. The state in
 *             page->flags belongs to the owner while PAGE_ALLOCATED. If two contexts free one
 *             page at the same instant, both may pass the check before either changes the state:
 *             the debug build then changes it by one atomic step, and the second is reported. In
 *             the release build the page is on lists twice, which page_census_check() finds
 *             (PCP-1).
 *
 * Cost        Fast path: under 30 instructions each way in the release build.
 *
 * Failure     Shortage returns NULL after the zones' state was printed, once. A caller's bug is
 *             reported and the call does nothing.
 *
 * Reading     docs/03-page-allocator.md; LKD, chapter 12; Gorman, chapter 6.
 */
#include "mm/phys/page_alloc.h"

#include "kernel/cpu/ipi.h"
#include "kernel/sync/context.h"
#include "lib/bits.h"
#include "mm/fail.h"
#include "mm/page_debug.h"
#include "mm/map/page_window.h"
#include "mm/phys/buddy.h"
#include "mm/phys/page_wait.h"
#include "mm/phys/pcp.h"
#include "mm/phys/reclaim.h"
#include "mm/phys/shrinker.h"
#include "mm/phys/zone_report.h"
#include "mm/phys/zone_take.h"

/* Reclaim is tried so many times before a request gives up, if every time frees something. */
#define RECLAIM_ATTEMPTS_MOST 16u

static_assert(MAX_ORDER + RECLAIM_ATTEMPTS_MOST <= 32, "the last attempt's pages can be counted");

struct page *mem_map;
pfn_t mem_map_count;
static DEFINE_PER_CPU(struct page_alloc_counts, own_counts);

/*
 * Whether page heads an allocated block of that order, as far as its own flags tell. An absurd
 * order has bits for which the flags have no room: it is refused first, lest they fall on others.
 */
static inline bool is_allocated_block(const struct page *page, unsigned int order)
{
        return order < MAX_ORDER && page->block == page_block_make(PAGE_ALLOCATED, order);
}

/*
 * Reclaim and try again, as long as reclaim frees anything. Each time twice as much is asked for: a
 * zone that emergencies have drained may need many pages before it has one to give.
 */
static struct page *reclaim_and_try(gfp_t gfp_mask, unsigned int order)
{
        for (unsigned int attempt = 0; attempt < RECLAIM_ATTEMPTS_MOST; attempt++) {
                unsigned long freed_count = reclaim_pages(gfp_mask, 1ul << (order + attempt));
                struct page *page = zones_take(gfp_mask, order, WATERMARK_MIN);

                if (page || !freed_count || (gfp_mask & __GFP_NORETRY))
                        return page;
        }
        return NULL;
}

/* Say that a request failed, if that is wanted, and count it. */
static void __cold report_failure(gfp_t gfp_mask, unsigned int order)
{
        this_cpu_inc(own_counts.failed);
        if (gfp_mask & __GFP_NOFAIL)
                panic("out of memory: order %u, mode %#x, and the caller cannot do without", order,
                      gfp_mask);
        if (!(gfp_mask & __GFP_NOWARN))
                zone_report_failure(gfp_mask, order);
}

/* Fill every page of a block with zeros. */
static void clear_block(struct page *page, unsigned int order)
{
        for (unsigned long index = 0; index < 1ul << order; index++)
                clear_highpage(page + index);
}

/* What is left to do with a new block, where anything is. Returns page. */
static struct page *__noinline finish_block(struct page *page, gfp_t gfp_mask, unsigned int order,
                                            unsigned long caller)
{
        if (DEBUG_BUILD) {
                CHECK_INVARIANT(ALLOC-1, is_allocated_block(page, order) &&
                                atomic_read(&page->refcount) == 1, "pfn %#x flags %#x count %d",
                                page_to_pfn(page), page->flags, atomic_read(&page->refcount));
                page_debug_alloc(page, order, caller);
        }
        if (gfp_mask & __GFP_ZERO)
                clear_block(page, order);
        return page;
}

/* What is free: down to the LOW mark, which is time for the reclaim task; then to MIN. */
static struct page *take_free(gfp_t gfp_mask, unsigned int order)
{
        struct page *page = zones_take(gfp_mask, order, WATERMARK_LOW);

        if (page)
                return page;
        reclaim_wake();
        page = zones_take(gfp_mask, order, WATERMARK_MIN);
        if (page)
                return page;
        drain_local_pages();
        return zones_take(gfp_mask, order, WATERMARK_MIN);
}

/* Whether a request that nothing helped may wait for others to free pages. */
static bool may_wait(gfp_t gfp_mask)
{
        if (gfp_mask & __GFP_NOFAIL)
                return true;
        return !(gfp_mask & __GFP_NORETRY) && !shrinker_runs_here();
}

/* A request that may sleep: it stands behind older ones, else it takes, reclaims, and waits. */
static struct page *take_or_wait(gfp_t gfp_mask, unsigned int order)
{
        bool has_older = page_wait_is_used() && page_wait_has_older(gfp_mask, order);
        struct page *page = NULL;

        if (!has_older)
                page = take_free(gfp_mask, order);
        if (!page && !has_older)
                page = reclaim_and_try(gfp_mask, order);
        if (!page && may_wait(gfp_mask))
                page = page_wait(gfp_mask, order);
        return page;
}

/* All that can be tried when the fast path found nothing. */
static struct page *__noinline alloc_slow(gfp_t gfp_mask, unsigned int order, unsigned long caller)
{
        struct page *page;

        if (unlikely(order >= MAX_ORDER)) {
                bug_report("bad-order", "alloc_pages: order %u, the largest is %u", order,
                           MAX_ORDER - 1);
                return NULL;
        }
        this_cpu_inc(own_counts.slow);
        if ((gfp_mask & __GFP_WAIT) && context_can_sleep())
                page = take_or_wait(gfp_mask, order);
        else
                page = take_free(gfp_mask, order);
        if (!page && (gfp_mask & __GFP_NOFAIL))
                page = zones_take_last(gfp_mask, order);
        if (!page) {
                report_failure(gfp_mask, order);
                return NULL;
        }
        return finish_block(page, gfp_mask, order, caller);
}

/* The first attempt for a block that no CPU keeps: the best zone, down to its LOW mark. */
static struct page *__noinline alloc_large(gfp_t gfp_mask, unsigned int order,
                                           unsigned long caller)
{
        struct zone *zone = zone_list_of(gfp_mask)->zones[0];
        struct page *page = NULL;

        if (likely(order < MAX_ORDER && !page_wait_is_used()))
                page = zone_take(zone, order, zone->watermark[WATERMARK_LOW]);
        if (unlikely(!page))
                return alloc_slow(gfp_mask, order, caller);
        if (DEBUG_BUILD || unlikely(gfp_mask & __GFP_ZERO))
                return finish_block(page, gfp_mask, order, caller);
        return page;
}

/* alloc_pages() on behalf of whoever called from address caller. */
static __always_inline struct page *alloc_block(gfp_t gfp_mask, unsigned int order,
                                                unsigned long caller)
{
        if (DEBUG_BUILD && (gfp_mask & __GFP_WAIT))
                might_sleep();
        if (DEBUG_BUILD && fail_page_alloc(gfp_mask, order))
                return NULL;
        if (order >= PCP_ORDERS)
                return alloc_large(gfp_mask, order, caller);

        struct page *page = pcp_take(pcp_list_of_request(gfp_mask, order));
        if (unlikely(!page))
                return alloc_slow(gfp_mask, order, caller);
        if (DEBUG_BUILD || unlikely(gfp_mask & __GFP_ZERO))
                return finish_block(page, gfp_mask, order, caller);
        return page;
}

struct page *alloc_page(gfp_t gfp_mask)
{
        return alloc_block(gfp_mask, 0, RETURN_ADDRESS());
}

struct page *alloc_pages_of_order(gfp_t gfp_mask, unsigned int order)
{
        return alloc_block(gfp_mask, order, RETURN_ADDRESS());
}

/* The logical address of a new block, or 0. */
static __always_inline unsigned long alloc_logical(gfp_t gfp_mask, unsigned int order,
                                                   unsigned long caller)
{
        if (unlikely(gfp_mask & __GFP_HIGHMEM)) {
                bug_report("highmem-address", "mode %#x asks for a logical address of high memory",
                           gfp_mask);
                return 0;
        }

        /* Every zone with logical addresses lies below 4 GiB, so this modifier asks for nothing. */
        struct page *page = alloc_block(gfp_mask & ~__GFP_DMA32, order, caller);
        return page ? (unsigned long)__va(page_to_phys(page)) : 0;
}

unsigned long __get_free_pages(gfp_t gfp_mask, unsigned int order)
{
        return alloc_logical(gfp_mask, order, RETURN_ADDRESS());
}

unsigned long __get_free_page(gfp_t gfp_mask)
{
        return alloc_logical(gfp_mask, 0, RETURN_ADDRESS());
}

unsigned long get_zeroed_page(gfp_t gfp_mask)
{
        return alloc_logical(gfp_mask | __GFP_ZERO, 0, RETURN_ADDRESS());
}

/*
 * What the debug build does when the last reference to a block is dropped: of several contexts that
 * do so at the same instant, one gets the block; it is PAGE_CACHED then, and on no list yet.
 *
 * Returns: false for the others, whose mistake is reported.
 */
static bool __noinline claim_last_reference(struct page *page, unsigned int order,
                                            unsigned long caller)
{
        u8 allocated = page_block_make(PAGE_ALLOCATED, order);

        if (!__atomic_compare_exchange_n(&page->block, &allocated,
                                         page_block_make(PAGE_CACHED, order), false,
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
                page_debug_report_bad_free(page, order);
                return false;
        }
        page_debug_free(page, order, caller);
        return true;
}

/* Give a block, PAGE_CACHED but on no list, to its zone; make room on the list if it has one. */
static void __noinline release_slow(struct page *page)
{
        unsigned int order = page_order(page);
        struct zone *zone = zone_of_page(page);
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        if (order < PCP_ORDERS) {
                struct pcp_list *list = this_cpu_ptr(pcp_list_of_page(page));

                if (list->batch)
                        pcp_flush(zone, list, order, list->batch);
        }
        buddy_free(zone, page, order);
        spin_unlock_irqrestore(&zone->lock, flags);
        if (page_wait_is_used())
                page_wait_serve(zone);
}

/* Give back a block that nobody holds any more. */
static __always_inline void release_block(struct page *page)
{
        if (unlikely(!pcp_give(pcp_list_of_page(page), page)))
                release_slow(page);
}

/* Drop one of several references; with the last, which another holder may have been, release. */
static void __noinline free_shared(struct page *page, unsigned int order, unsigned long caller)
{
        if (unlikely(atomic_read(&page->refcount) <= 0)) {
                page_debug_report_bad_free(page, order);
                return;
        }
        if (!atomic_dec_and_test(&page->refcount))
                return;
        atomic_set(&page->refcount, 1);
        if (!DEBUG_BUILD || claim_last_reference(page, order, caller))
                release_block(page);
}

/*
 * Drop a reference on behalf of whoever called from address caller. Everything but the fast path
 * is a call at the very end, so that the compiler needs no frame.
 */
static __always_inline void free_block(struct page *page, unsigned int order, unsigned long caller)
{
        if (unlikely((DEBUG_BUILD && !page_is_descriptor(page)) ||
                     !is_allocated_block(page, order))) {
                page_debug_report_bad_free(page, order);
                return;
        }
        if (unlikely(atomic_read(&page->refcount) != 1)) {
                free_shared(page, order, caller);
                return;
        }
        if (!DEBUG_BUILD || claim_last_reference(page, order, caller))
                release_block(page);
}

void free_pages_of_order(struct page *page, unsigned int order)
{
        free_block(page, order, RETURN_ADDRESS());
}

void __free_page(struct page *page)
{
        free_block(page, 0, RETURN_ADDRESS());
}

void put_page(struct page *page)
{
        if (unlikely(!page_is_descriptor(page)))
                page_debug_report_bad_free(page, 0);
        else
                free_block(page, page_order(page), RETURN_ADDRESS());
}

/* free_block() by logical address. */
static __always_inline void free_logical(unsigned long addr, unsigned int order,
                                         unsigned long caller)
{
        if (!addr)
                return;
        if (unlikely(!IS_ALIGNED(addr, PAGE_SIZE) || !virt_addr_valid((void *)addr))) {
                bug_report("bad-address", "free_pages: %#lx is no logical address of a page", addr);
                return;
        }
        free_block(virt_to_page((void *)addr), order, caller);
}

void free_pages(unsigned long addr, unsigned int order)
{
        free_logical(addr, order, RETURN_ADDRESS());
}

void free_page(unsigned long addr)
{
        free_logical(addr, 0, RETURN_ADDRESS());
}

void split_page(struct page *page, unsigned int order)
{
        BUG_ON(!page_is_descriptor(page) || !is_allocated_block(page, order) ||
               atomic_read(&page->refcount) != 1, "page %p order %u", (void *)page, order);

        /* A census finds the block whole or in pieces, never half cut. */
        unsigned long flags = local_irq_save();
        for (unsigned long index = 0; index < 1ul << order; index++) {
                page_set_block(page + index, PAGE_ALLOCATED, 0);
                atomic_set(&page[index].refcount, 1);
        }
        local_irq_restore(flags);
}

void *page_address(const struct page *page)
{
        return PageHighMem(page) ? NULL : __va(page_to_phys(page));
}

void drain_local_pages(void)
{
        unsigned long flags = local_irq_save();
        struct zone *zone;

        for_each_populated_zone(zone)
                pcp_drain_zone(zone);
        local_irq_restore(flags);
}

struct page_alloc_counts page_alloc_counts(void)
{
        struct page_alloc_counts sum = { 0, 0 };
        unsigned int cpu;

        for_each_possible_cpu(cpu) {
                sum.failed += per_cpu(own_counts, cpu).failed;
                sum.slow += per_cpu(own_counts, cpu).slow;
        }
        return sum;
}

/* drain_local_pages() as on_each_cpu() wants it. */
static void drain_this_cpu(void *argument __unused)
{
        drain_local_pages();
}

void drain_all_pages(void)
{
        on_each_cpu(drain_this_cpu, NULL, true);
}
