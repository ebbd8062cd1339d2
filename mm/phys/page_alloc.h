/*
 * page_alloc.h - getting and giving back pages: section 2 of the interface.
 *
 * Source: LKD, chapter 12, "Getting Pages"; LDD3, chapter 8, "get_free_page and Friends".
 */
#pragma once

#include "mm/gfp.h"
#include "mm/page.h"

/*
 * alloc_pages - 2^order physically contiguous pages, aligned to their size.
 *
 * Context: any, with GFP_ATOMIC and the like; where sleeping is allowed with __GFP_WAIT, which
 *          the debug build checks.
 * Returns: the first page, referenced once; NULL when there is none, or order is above 10, which
 *          is reported as a bug. Only here may __GFP_HIGHMEM be asked for; the page then
 *          may have no logical address, and the same with __GFP_DMA32.
 * The caller owns the block until __free_pages() with the same order.
 */
static __always_inline struct page *alloc_pages(gfp_t gfp_mask, unsigned int order);

/* alloc_page - alloc_pages() of order 0. */
struct page *alloc_page(gfp_t gfp_mask);

/*
 * __get_free_pages - alloc_pages() for those who want a logical address.
 *
 * Returns: the address of the first page; 0 when there is none, or when __GFP_HIGHMEM is asked
 *          for, which is reported as a bug.
 */
unsigned long __get_free_pages(gfp_t gfp_mask, unsigned int order);

/* __get_free_page - one page; get_zeroed_page - the same, filled with zeros. */
unsigned long __get_free_page(gfp_t gfp_mask);
unsigned long get_zeroed_page(gfp_t gfp_mask);

/*
 * __free_pages - drop one reference to the block that page heads; with the last, it is free.
 *
 * Context: any. order is that of the allocation. A page that is free already, reserved, inside a
 * block or of another order is reported as a bug, and nothing is freed.
 */
static __always_inline void __free_pages(struct page *page, unsigned int order);
void __free_page(struct page *page);

/* free_pages, free_page - the same by logical address; 0 does nothing. */
void free_pages(unsigned long addr, unsigned int order);
void free_page(unsigned long addr);

/* put_page - __free_pages() with the block's own order. Context: any. */
void put_page(struct page *page);

/*
 * split_page - make of one allocated block of 2^order pages as many single ones, each to be freed
 * by itself. Context: any; the block has one reference, the caller's.
 */
void split_page(struct page *page, unsigned int order);

/*
 * page_address - the logical address of a page.
 *
 * Returns: NULL for a page of high memory that is not mapped. Context: any.
 */
void *page_address(const struct page *page);

/*
 * drain_local_pages - give what this CPU keeps on its lists back to the zones, where it merges.
 * drain_all_pages - the same for all CPUs.
 *
 * Context: any for the first; the second may sleep.
 */
void drain_local_pages(void);
void drain_all_pages(void);

/* What the page allocator has done since boot. */
struct page_alloc_counts {
        unsigned long failed;           /* requests that got nothing */
        unsigned long slow;             /* requests that the first attempt did not serve */
};

/* page_alloc_counts - the sums of what all CPUs have counted, each for itself. Context: any. */
struct page_alloc_counts page_alloc_counts(void);

/* What the two inline calls become when the order is not the constant 0. */
struct page *alloc_pages_of_order(gfp_t gfp_mask, unsigned int order);
void free_pages_of_order(struct page *page, unsigned int order);

static __always_inline struct page *alloc_pages(gfp_t gfp_mask, unsigned int order)
{
        return __builtin_constant_p(order) && order == 0 ? alloc_page(gfp_mask)
                                                         : alloc_pages_of_order(gfp_mask, order);
}

static __always_inline void __free_pages(struct page *page, unsigned int order)
{
        if (__builtin_constant_p(order) && order == 0)
                __free_page(page);
        else
                free_pages_of_order(page, order);
}
