/*
 * area.h - the memory behind per-CPU variables: a unit of addresses for each CPU, alike in layout,
 * filled page by page in all of them at once. For mm/percpu/alloc.c, which divides the pages.
 */
#pragma once

#include "kernel/cpu/address.h"
#include "kernel/cpu/percpu.h"
#include "lib/list.h"

/*
 * percpu_setup - give every possible CPU its unit, filled with the template, and move the CPUs that
 * have a boot copy to theirs: the same pages at another address, so nothing is copied and old
 * addresses stay good.
 *
 * A CPU for whose unit memory does not suffice is left out with all above it, and a message:
 * nr_cpu_ids shrinks. If it is the first, it stays where it is and alloc_percpu() finds no room.
 *
 * Context: boot, one CPU, after the hand-over, once nr_cpu_ids is known.
 */
void percpu_setup(void);

/* percpu_area_pages - the pages of a unit that the template leaves free: [first, end). */
struct percpu_pages {
        unsigned int first;
        unsigned int end;
};

struct percpu_pages percpu_area_pages(void);

/* percpu_area_pointer - the template-like pointer to the start of page index of every unit. */
static inline void *percpu_area_pointer(unsigned int index)
{
        return (void *)(PERCPU_TEMPLATE_START + ((unsigned long)index << PAGE_SHIFT));
}

/*
 * percpu_area_map - put a fresh page frame behind page index of every unit; their contents are
 * undefined. The caller alone uses that index.
 *
 * Context: may sleep. Returns: 0; -ENOMEM, and nothing has changed.
 */
int percpu_area_map(unsigned int index);

/*
 * percpu_area_unmap - take what percpu_area_map() has put there onto a list, linked by page->list,
 * for percpu_area_free(). Context: any.
 */
void percpu_area_unmap(unsigned int index, struct list_head *pages);

/*
 * percpu_area_free - let every CPU forget all translations of the units, and free a list of pages
 * that were unmapped. Only then may anything else be mapped where they were.
 *
 * Context: any. Returns: how many pages there were.
 */
unsigned long percpu_area_free(struct list_head *pages);

/* percpu_area_page_count - page frames that all units take, boot copies left out. Context: any. */
unsigned long percpu_area_page_count(void);

/* percpu_area_check - PERCPU-1, PERCPU-2 for the given page of all units: mapped, or nowhere. */
void percpu_area_check(unsigned int index, bool is_mapped);
