/* bench_pages.c - the rows of the page allocator. */
#include "kernel/bench/bench.h"

#include "kernel/cpu/page_ops.h"
#include "kernel/cpu/timestamp.h"
#include "lib/random.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"

#define ROW_PAGES 65536u
#define ROW_TABLE_ORDER 6u              /* a table of ROW_PAGES pointers */
#define ROW_SPARE_PAGES 8192u           /* what must be free beyond the row itself */
#define ROW_SEED 1u

static_assert(ROW_PAGES * sizeof(struct page *) <= PAGE_SIZE << ROW_TABLE_ORDER, "the table fits");

/* Define a function that takes and gives back one block, and its row. */
#define PAIR_ROW(row_name, gfp, order)                          \
        static void row_name##_pair(void)                       \
        {                                                       \
                __free_pages(alloc_pages(gfp, order), order);   \
        }                                                       \
        BENCH(row_name)                                         \
        {                                                       \
                return bench_median(row_name##_pair);           \
        }

PAIR_ROW(page0, GFP_KERNEL, 0)
PAIR_ROW(page0_high, GFP_HIGHUSER, 0)
PAIR_ROW(page0_dma, GFP_DMA, 0)
PAIR_ROW(page0_atomic, GFP_ATOMIC, 0)
PAIR_ROW(page3, GFP_KERNEL, 3)
PAIR_ROW(page9, GFP_KERNEL, 9)
PAIR_ROW(page10, GFP_KERNEL, 10)

/* The orders in which a row of pages can be given back. */
enum row_order { ROW_IN_ORDER, ROW_AT_RANDOM };

/* What a row of requests cost, an element each. */
struct row_result {
        u64 allocate;
        u64 release;
};

/* What the loop of a row costs by itself, for ROW_PAGES steps. */
static u64 empty_row(struct page **table)
{
        u64 start = timestamp_read();

        for (unsigned int index = 0; index < ROW_PAGES; index++)
                WRITE_ONCE(table[index], NULL);
        return timestamp_read() - start;
}

/* Allocate ROW_PAGES pages into table. Returns the instructions that took. */
static u64 allocate_row(struct page **table)
{
        u64 start = timestamp_read();

        for (unsigned int index = 0; index < ROW_PAGES; index++)
                WRITE_ONCE(table[index], alloc_pages(GFP_KERNEL, 0));
        return timestamp_read() - start;
}

/* Give them back. Returns the instructions that took. */
static u64 release_row(struct page **table)
{
        u64 start = timestamp_read();

        for (unsigned int index = 0; index < ROW_PAGES; index++)
                __free_pages(READ_ONCE(table[index]), 0);
        return timestamp_read() - start;
}

/* Measure one row. Returns false when the machine is too small for it. */
static bool measure_row(enum row_order order, struct row_result *result)
{
        struct random random;
        struct page **table;

        if (zones[ZONE_NORMAL].free_pages < ROW_PAGES + ROW_SPARE_PAGES)
                return false;
        table = (struct page **)__get_free_pages(GFP_KERNEL, ROW_TABLE_ORDER);
        if (!table)
                return false;
        u64 empty = empty_row(table);
        result->allocate = (allocate_row(table) - empty) / ROW_PAGES;
        random_seed(&random, ROW_SEED);
        if (order == ROW_AT_RANDOM)
                random_shuffle(&random, table, ROW_PAGES, sizeof(table[0]));
        result->release = (release_row(table) - empty) / ROW_PAGES;
        free_pages((unsigned long)table, ROW_TABLE_ORDER);
        return true;
}

BENCH(page0_row_alloc)
{
        struct row_result result;

        return measure_row(ROW_IN_ORDER, &result) ? result.allocate : BENCH_UNAVAILABLE;
}

BENCH(page0_row_free)
{
        struct row_result result;

        return measure_row(ROW_IN_ORDER, &result) ? result.release : BENCH_UNAVAILABLE;
}

BENCH(page0_row_free_random)
{
        struct row_result result;

        return measure_row(ROW_AT_RANDOM, &result) ? result.release : BENCH_UNAVAILABLE;
}

/* Fill one page with zeros: REP STOS counts a step for each of its 1024 words. */
static void clear_page_once(void)
{
        static u8 page[PAGE_SIZE] __aligned(4096);

        clear_page(page);
}

BENCH(clear_page)
{
        return bench_median(clear_page_once);
}
