/*
 * Census
 *
 * Idea        Counters can be wrong together. So the pages themselves are asked, one block after
 *             the other, and what they say is compared with every counter.
 *
 * Picture     mem_map   R R R F · · · A · C R F · · · · · · ·       · PAGE_TAIL
 *                             |4      |2 |1   |8                    heads say their length
 *
 * Invariants  PAGE-1, PAGE-2 of mm/page.h; ZONE-3 of mm/phys/zone.c; HANDOVER-3 of
 *             mm/phys/handover.c.
 *
 * Locking     None: the caller stops the other CPUs and interrupts. Whatever is changed under a
 *             zone's lock, or on a CPU's list, is then whole, because that happens with interrupts
 *             off. What else a task does to a page of its own, and may be stopped in the midst
 *             of: take it off a list, then mark it PAGE_ALLOCATED; mark it PAGE_CACHED, then put
 *             it on a list, or give it to the zone. So a block can be PAGE_CACHED and on no list,
 *             and never the reverse.
 *
 * Cost        A few instructions for every page of RAM: for tests, the monitor and panic.
 *
 * Reading     docs/03-page-allocator.md.
 */
#include "mm/debug/census.h"

#include "kernel/cpu/stop.h"
#include "lib/bits.h"
#include "mm/phys/handover.h"
#include "mm/claims.h"
#include "mm/phys/pcp.h"

/* Check that the pages after a head are its tail. Returns the block's length in pages. */
static unsigned long check_block(const struct page *head)
{
        unsigned long page_count = 1ul << page_order(head);

        CHECK_INVARIANT(PAGE-2, page_state(head) != PAGE_TAIL && page_order(head) < MAX_ORDER,
                        "pfn %#x flags %#x", page_to_pfn(head), head->flags);
        for (const struct page *tail = head + 1; tail < head + page_count; tail++)
                CHECK_INVARIANT(PAGE-1, page_state(tail) == PAGE_TAIL,
                                "pfn %#x flags %#x, head %#x", page_to_pfn(tail), tail->flags,
                                page_to_pfn(head));
        return page_count;
}

/* Count one reserved page of RAM. */
static void count_reserved(struct page_census *census, pfn_t pfn)
{
        u64 start = (u64)pfn << PAGE_SHIFT;

        if (memory_claim_find(start, start + PAGE_SIZE))
                census->claimed++;
        else
                census->bootmem++;
}

/* Count the block that begins at a frame. Returns its length in pages. */
static unsigned long count_block(struct page_census *census, pfn_t pfn)
{
        const struct page *page = pfn_to_page(pfn);
        unsigned int zone = page_zone_index(page);
        unsigned long page_count = check_block(page);

        switch (page_state(page)) {
        case PAGE_FREE:
                census->free[zone] += page_count;
                break;
        case PAGE_CACHED:
                census->cached[zone] += page_count;
                break;
        case PAGE_ALLOCATED:
                census->allocated[zone] += page_count;
                break;
        default:
                count_reserved(census, pfn);
                break;
        }
        return page_count;
}

void page_census_take(struct page_census *census)
{
        *census = (struct page_census){ 0 };
        for (unsigned int index = 0; index < memmap.count; index++) {
                const struct memory_range *range = &memmap.ranges[index];
                u64 pfn = ROUND_UP(range->start, PAGE_SIZE) >> PAGE_SHIFT;
                u64 end = range->end >> PAGE_SHIFT;

                if (range->kind != MEMORY_RAM || pfn >= end)
                        continue;
                census->ram += (unsigned long)(end - pfn);
                while (pfn < end)
                        pfn += count_block(census, (pfn_t)pfn);
                CHECK_INVARIANT(PAGE-2, pfn == end, "a block reaches beyond RAM at %#llx",
                                (unsigned long long)range->end);
        }
}

/* One zone's share of the check: its counters agree with the census. */
static void check_zone(const struct page_census *census, const struct zone *zone, bool is_quiet)
{
        unsigned long free = census->free[zone->kind];
        unsigned long cached = census->cached[zone->kind];
        unsigned long allocated = census->allocated[zone->kind];
        unsigned long listed = pcp_page_count(zone);

        CHECK_INVARIANT(BUDDY-3, free == zone->free_pages, "%s: %lu free, counter %lu",
                        zone->name, free, zone->free_pages);
        CHECK_INVARIANT(PCP-1, is_quiet ? cached == listed : cached >= listed,
                        "%s: %lu cached, lists %lu", zone->name, cached, listed);
        CHECK_INVARIANT(ZONE-3, free + cached + allocated == zone->managed_pages,
                        "%s: %lu + %lu + %lu of %lu", zone->name, free, cached, allocated,
                        zone->managed_pages);
}

/* Take the census and compare it with every counter. */
static void check(bool is_quiet)
{
        struct page_census census;
        unsigned long managed_pages = 0;
        const struct zone *zone;

        page_census_take(&census);
        for_each_populated_zone(zone) {
                check_zone(&census, zone, is_quiet);
                managed_pages += zone->managed_pages;
        }
        CHECK_INVARIANT(HANDOVER-3, census.bootmem == handover_report.bootmem_pages,
                        "%lu pages are bootmem's, %lu were", census.bootmem,
                        handover_report.bootmem_pages);
        CHECK_INVARIANT(HANDOVER-3, managed_pages + census.bootmem + census.claimed == census.ram,
                        "%lu + %lu + %lu of %lu", managed_pages, census.bootmem, census.claimed,
                        census.ram);
}

void page_census_check(void)
{
        check(true);
}

void page_census_check_running(void)
{
        check(false);
}

/* The RAM pages that are reserved and for which claim is the first to answer. */
static u64 claim_bytes(const struct memory_claim *claim)
{
        u64 end = min(DIV_ROUND_UP(claim->end, PAGE_SIZE), (u64)mem_map_count);
        u64 bytes = 0;

        for (u64 pfn = claim->start >> PAGE_SHIFT; pfn < end; pfn++) {
                u64 start = pfn << PAGE_SHIFT;

                if (page_state(pfn_to_page((pfn_t)pfn)) == PAGE_RESERVED &&
                    memmap_contains(&memmap, start, start + PAGE_SIZE, MEMORY_RAM) &&
                    memory_claim_find(start, start + PAGE_SIZE) == claim)
                        bytes += PAGE_SIZE;
        }
        return bytes;
}

/* What the ranges of RAM have at their ends that is no whole page. */
static u64 fragment_bytes(void)
{
        u64 bytes = 0;

        for (unsigned int index = 0; index < memmap.count; index++) {
                const struct memory_range *range = &memmap.ranges[index];
                u64 first = ROUND_UP(range->start, PAGE_SIZE);
                u64 end = ROUND_DOWN(range->end, PAGE_SIZE);

                if (range->kind != MEMORY_RAM)
                        continue;
                bytes += first < end ? (first - range->start) + (range->end - end)
                                     : range->end - range->start;
        }
        return bytes;
}

/* Rows for free, cached and allocated pages of each zone. Returns the row after them. */
static struct memory_account_row *add_zone_rows(struct memory_account_row *row,
                                                const struct page_census *census)
{
        static const char *const names[MAX_NR_ZONES][3] = {
                [ZONE_DMA] = { "DMA free", "DMA on CPU lists", "DMA allocated" },
                [ZONE_NORMAL] = { "Normal free", "Normal on CPU lists", "Normal allocated" },
                [ZONE_DMA32] = { "DMA32 free", "DMA32 on CPU lists", "DMA32 allocated" },
                [ZONE_HIGHMEM] = { "HighMem free", "HighMem on CPU lists", "HighMem allocated" },
        };

        for (unsigned int zone = 0; zone < MAX_NR_ZONES; zone++) {
                const u64 pages[3] = { census->free[zone], census->cached[zone],
                                       census->allocated[zone] };

                for (unsigned int what = 0; what < 3; what++)
                        *row++ = (struct memory_account_row){ names[zone][what],
                                                              pages[what] << PAGE_SHIFT };
        }
        return row;
}

/* page_census_take() as stop_machine() wants it. */
static void take_stopped(void *census)
{
        page_census_take(census);
}

unsigned int memory_account(struct memory_account_row *rows, u64 *total_bytes)
{
        struct memory_account_row *row = rows;
        struct page_census census;

        stop_machine(take_stopped, &census);
        *total_bytes = memmap_bytes(&memmap, MEMORY_RAM);
        for (enum memory_kind kind = MEMORY_RAM_FIRST_MIB; kind <= MEMORY_RAM_UNREACHABLE; kind++) {
                u64 bytes = memmap_bytes(&memmap, kind);

                *total_bytes += bytes;
                *row++ = (struct memory_account_row){ memory_kind_name(kind), bytes };
        }
        *row++ = (struct memory_account_row){ "Parts of pages", fragment_bytes() };
        for (unsigned int index = 0; index < memory_claim_count; index++)
                *row++ = (struct memory_account_row){ memory_claims[index].name,
                                                      claim_bytes(&memory_claims[index]) };
        *row++ = (struct memory_account_row){ "Boot allocations",
                                              (u64)census.bootmem << PAGE_SHIFT };
        row = add_zone_rows(row, &census);
        return (unsigned int)(row - rows);
}
