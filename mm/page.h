/*
 * page.h - struct page, the descriptor that every page frame has, and the ways between frame
 * numbers, descriptors and addresses.
 *
 * Picture      mem_map   [0][1][2]…                      one struct page a frame, holes included
 *                         |
 *              flags      … poisoned | … zone | order | state
 *                             16          9-8    7-4     3-0
 *                                                `- block -'    stored at once
 *                                      `----- identity ----'    compared at once
 *
 * Only the first page of a block, its head, carries the block's order and one of the states FREE,
 * CACHED and ALLOCATED; all its other pages are PAGE_TAIL. So giving away or merging a block of
 * 1024 pages changes two descriptors, and a wrong free is seen by one comparison.
 *
 * Invariants   PAGE-1  the pages of a block after its head are PAGE_TAIL.
 *              PAGE-2  every page is RESERVED, or belongs to exactly one block.
 */
#pragma once

#include "kernel/cpu/address.h"
#include "kernel/sync/atomic.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "mm/layout.h"

/* Blocks are of 2^0 to 2^(MAX_ORDER - 1) pages, as in Linux 2.6. */
#define MAX_ORDER 11u
#define MAX_ORDER_PAGES (1u << (MAX_ORDER - 1))

/* What a page is. All bits clear, as in fresh memory, is PAGE_RESERVED. */
enum page_state {
        PAGE_RESERVED,                  /* never the page allocator's: hole, kernel, firmware */
        PAGE_FREE,                      /* head of a block on a zone's free list */
        PAGE_CACHED,                    /* head of a block on a CPU's list */
        PAGE_ALLOCATED,                 /* head of a block that somebody owns */
        PAGE_TAIL,                      /* inside a block */
};

#define PAGE_STATE_MASK 0x00Fu
#define PAGE_ORDER_SHIFT 4
#define PAGE_ORDER_MASK 0x0F0u
#define PAGE_ZONE_SHIFT 8
#define PAGE_ZONE_MASK 0x300u
#define PAGE_POISONED 0x10000u          /* debug: filled with the pattern of free pages */

struct page {
        union {
                u32 flags;              /* [z] zone->lock while FREE; the owner's otherwise */
                u16 identity;           /* its lower half: zone, order and state, without marks */
                u8 block;               /* its lowest byte: order and state */
        };
        atomic_t refcount;              /* of a head: 1 while CACHED, the holders while ALLOCATED */
        struct list_head list;          /* [z] while FREE; the owner's while ALLOCATED */
};

static_assert(sizeof(struct page) == 8 + 2 * sizeof(void *), "16 bytes on the kernel's machine");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "identity and block are the low end of flags");

/* One descriptor for each frame below mem_map_count, which is a multiple of MAX_ORDER_PAGES. */
extern struct page *mem_map;
extern pfn_t mem_map_count;

/* The frames below this have logical addresses, if they are RAM. */
extern pfn_t max_low_pfn;

/* page_block_make - the lowest byte of the flags of a head, or of a tail with order 0. */
static inline u8 page_block_make(enum page_state state, unsigned int order)
{
        return (u8)(order << PAGE_ORDER_SHIFT | state);
}

/* page_identity_make - the identity of a head, or of a tail with order 0. */
static inline u16 page_identity_make(enum page_state state, unsigned int zone_index,
                                     unsigned int order)
{
        return (u16)(zone_index << PAGE_ZONE_SHIFT | page_block_make(state, order));
}

/* page_state - what page is. */
static inline enum page_state page_state(const struct page *page)
{
        return page->flags & PAGE_STATE_MASK;
}

/* page_order - the order of the block that page heads. */
static inline unsigned int page_order(const struct page *page)
{
        return (page->flags & PAGE_ORDER_MASK) >> PAGE_ORDER_SHIFT;
}

/* page_zone_index - the enum zone_kind of the page's zone. */
static inline unsigned int page_zone_index(const struct page *page)
{
        return (page->flags & PAGE_ZONE_MASK) >> PAGE_ZONE_SHIFT;
}

/* page_set_block - make page the head of a block; what else its flags say stays. */
static inline void page_set_block(struct page *page, enum page_state state, unsigned int order)
{
        page->block = page_block_make(state, order);
}

/* pfn_valid - whether a frame has a descriptor; it may be a hole all the same. */
static inline bool pfn_valid(unsigned long pfn)
{
        return pfn < mem_map_count;
}

/* pfn_to_page, page_to_pfn - between a valid frame number and its descriptor. */
static inline struct page *pfn_to_page(pfn_t pfn)
{
        return mem_map + pfn;
}

static inline pfn_t page_to_pfn(const struct page *page)
{
        return (pfn_t)(page - mem_map);
}

/* page_to_phys - the physical address of a page frame. */
static inline phys_addr_t page_to_phys(const struct page *page)
{
        return (phys_addr_t)page_to_pfn(page) << PAGE_SHIFT;
}

/* page_is_descriptor - whether a pointer really points to an element of mem_map. */
static inline bool page_is_descriptor(const struct page *page)
{
        unsigned long offset = (unsigned long)page - (unsigned long)mem_map;

        return offset < (unsigned long)mem_map_count * sizeof(struct page) &&
               offset % sizeof(struct page) == 0;
}

/*
 * page_block_head - the head of the block that page belongs to.
 *
 * Returns: page itself when it is reserved or a head; NULL when no block covers it, which PAGE-2
 *          forbids. Reads up to MAX_ORDER descriptors; exact only while the block stays as it is.
 */
static inline struct page *page_block_head(struct page *page)
{
        if (page_state(page) != PAGE_TAIL)
                return page;
        for (unsigned int order = 1; order < MAX_ORDER; order++) {
                struct page *head = mem_map + (page_to_pfn(page) & ~((1u << order) - 1));

                if (page_state(head) != PAGE_TAIL)
                        return head + (1ul << page_order(head)) > page ? head : NULL;
        }
        return NULL;
}

/* PageHighMem - whether a page has no logical address. */
static inline bool PageHighMem(const struct page *page)
{
        return page_to_pfn(page) >= max_low_pfn;
}

/* virt_addr_valid - whether address is a logical address of a frame that has a descriptor. */
static inline bool virt_addr_valid(const void *address)
{
        unsigned long offset = (unsigned long)address - PAGE_OFFSET;

        return offset >> PAGE_SHIFT < max_low_pfn;
}

/* virt_to_page - the page that a logical address lies in; the address must be valid. */
static inline struct page *virt_to_page(const void *address)
{
        return pfn_to_page((pfn_t)(__pa(address) >> PAGE_SHIFT));
}

/* get_page - hold one more reference to the block that page heads. Context: any. */
static inline void get_page(struct page *page)
{
        atomic_inc(&page->refcount);
}
