/* hoard.c - a list of blocks. */
#include "tests/host/hoard.h"

#include "mm/phys/page_alloc.h"

void hoard_add(struct hoard *hoard, struct page *page)
{
        list_add(&page->list, &hoard->blocks);
        hoard->block_count++;
}

unsigned long hoard_take_all(struct hoard *hoard, gfp_t gfp_mask, unsigned int order)
{
        unsigned long count_before = hoard->block_count;
        struct page *page;

        while ((page = alloc_pages(gfp_mask, order)))
                hoard_add(hoard, page);
        return hoard->block_count - count_before;
}

void hoard_give_one(struct hoard *hoard)
{
        struct page *page = list_first_entry(&hoard->blocks, struct page, list);

        list_del(&page->list);
        hoard->block_count--;
        __free_pages(page, page_order(page));
}

void hoard_give_all(struct hoard *hoard)
{
        while (hoard->block_count)
                hoard_give_one(hoard);
}
