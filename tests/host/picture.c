/* picture.c - free blocks as a sum of hashes, which does not depend on their order. */
#include "tests/host/picture.h"

#include <string.h>

#include "lib/random.h"
#include "mm/phys/pcp.h"

/* A number for a block that other blocks hardly share. */
static u64 number_of(pfn_t pfn, unsigned int order)
{
        struct random random;

        random_seed(&random, (u64)pfn * MAX_ORDER + order);
        return random_next(&random);
}

/* Add one zone to a picture. */
static void add_zone(struct picture *picture, const struct zone *zone)
{
        const struct page *page;

        for (unsigned int order = 0; order < MAX_ORDER; order++) {
                list_for_each_entry(page, &zone->free_blocks[order], list) {
                        picture->blocks += number_of(page_to_pfn(page), order);
                        picture->block_count[zone->kind][order]++;
                        picture->free_pages += 1ul << order;
                }
        }
        picture->cached_pages += pcp_page_count(zone);
}

struct picture picture_take(void)
{
        struct picture picture;
        const struct zone *zone;

        memset(&picture, 0, sizeof(picture));
        for_each_populated_zone(zone)
                add_zone(&picture, zone);
        return picture;
}

bool picture_same(const struct picture *left, const struct picture *right)
{
        return memcmp(left, right, sizeof(*left)) == 0;
}
