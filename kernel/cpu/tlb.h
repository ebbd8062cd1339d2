/*
 * tlb.h - letting all CPUs forget translations of the kernel's part of the address space.
 *
 *      pte_write(slot, 0);                             first the entries,
 *      tlb_flush_kernel_range(address, end);           then this; then the page may be used anew
 *
 * or, for pages here and there:
 *
 *      struct tlb_batch batch;
 *
 *      tlb_batch_init(&batch);
 *      tlb_batch_add(&batch, start, end);              any number of times
 *      tlb_batch_flush(&batch);                        all CPUs, once
 *
 * When the flush returns, no online CPU has an old translation of these pages left, and a CPU that
 * comes online later begins without any. Entries that were not present need no flush.
 *
 * Context: any but NMI: interrupts may be off, spin locks held, and several CPUs may flush at
 * once. It waits for the other CPUs, and serves theirs meanwhile; who spins with interrupts off
 * must call smp_poll() (spin locks do). With interrupts off for long, a CPU holds up the others.
 *
 * Source: Intel SDM volume 3A, section 4.10.5, "Propagation of Paging-Structure Changes to
 * Multiple Processors".
 */
#pragma once

#include "lib/types.h"

/* So many separate ranges are remembered; more, or more pages, and everything is forgotten. */
#define TLB_BATCH_RANGES 8u
#define TLB_BATCH_PAGES 32u

/* Page-aligned addresses [start, end). */
struct tlb_range {
        unsigned long start;
        unsigned long end;
};

/* Ranges to be forgotten together. Belongs to one task; on its stack, most often. */
struct tlb_batch {
        unsigned int range_count;
        unsigned int page_count;
        bool is_whole;                  /* too much for ranges[]: forget everything */
        struct tlb_range ranges[TLB_BATCH_RANGES];
};

/* tlb_batch_init - make a batch empty. */
void tlb_batch_init(struct tlb_batch *batch);

/* tlb_batch_add - add the pages that [start, end) touches. An empty range adds nothing. */
void tlb_batch_add(struct tlb_batch *batch, unsigned long start, unsigned long end);

/* tlb_batch_flush - let all CPUs forget what was added, and make the batch empty. */
void tlb_batch_flush(struct tlb_batch *batch);

/* tlb_flush_kernel_range - let all CPUs forget the pages that [start, end) touches. */
void tlb_flush_kernel_range(unsigned long start, unsigned long end);

/* tlb_flush_all_local - let this CPU forget everything, global pages too. Context: any. */
void tlb_flush_all_local(void);

/* tlb_interrupt_init - handle VECTOR_TLB_FLUSH. Called by ipi_init(). */
void tlb_interrupt_init(void);
