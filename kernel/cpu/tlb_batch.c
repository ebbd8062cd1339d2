/* tlb_batch.c - gathering ranges of pages; what is done with them is in kernel/cpu/tlb.c. */
#include "kernel/cpu/tlb.h"

#include "kernel/cpu/address.h"
#include "lib/bits.h"

void tlb_batch_init(struct tlb_batch *batch)
{
        batch->range_count = 0;
        batch->page_count = 0;
        batch->is_whole = false;
}

/* Make the last range longer if [start, end) follows it; returns whether it does. */
static bool extend_last(struct tlb_batch *batch, unsigned long start, unsigned long end)
{
        if (!batch->range_count || batch->ranges[batch->range_count - 1].end != start)
                return false;
        batch->ranges[batch->range_count - 1].end = end;
        return true;
}

void tlb_batch_add(struct tlb_batch *batch, unsigned long start, unsigned long end)
{
        start = ROUND_DOWN(start, PAGE_SIZE);
        if (start >= end || batch->is_whole)
                return;

        /* Counted from the last byte: rounding up the end could wrap. */
        unsigned long page_count = ((end - 1 - start) >> PAGE_SHIFT) + 1;

        end = start + (page_count << PAGE_SHIFT);
        if (page_count > TLB_BATCH_PAGES - batch->page_count) {
                batch->is_whole = true;
                return;
        }
        batch->page_count += (unsigned int)page_count;
        if (extend_last(batch, start, end))
                return;
        if (batch->range_count == TLB_BATCH_RANGES)
                batch->is_whole = true;
        else
                batch->ranges[batch->range_count++] = (struct tlb_range){ start, end };
}

void tlb_flush_kernel_range(unsigned long start, unsigned long end)
{
        struct tlb_batch batch;

        tlb_batch_init(&batch);
        tlb_batch_add(&batch, start, end);
        tlb_batch_flush(&batch);
}
