/*
 * Kernel stacks
 *
 * Idea        A stack that overflows must hit nothing but an unmapped page. So stacks lie in a
 *             part of the address space of their own, in slots of equal size, of which the
 *             lowest page is never mapped. What a fault on that page finds is the double-fault
 *             task's business: there is no stack to handle it on.
 *
 * Picture     STACKS_START
 *             |guard|stack page(s)|guard|stack page(s)|guard|  (not mapped)  | …
 *              slot 0              slot 1              slot 2
 *              used                kept                empty
 *
 * Data        Each slot is used by somebody, kept (mapped, but free), or empty. Kept and empty
 *             ones are in two lists, linked by next_slot[].
 *
 * Invariants  STACK-1  every slot is in at most one list, and each list is as long as its count.
 *             STACK-2  the guard page of no slot is mapped.
 *
 * Locking     slots_lock, rank STACKS, interrupts off; nothing is called with it held.
 *
 * Cost        A kept stack costs a few steps and the filling; an empty slot, its pages too.
 *             Unmapping needs all CPUs to forget the translations, so it is done for many at once.
 *
 * Failure     Without pages or slots the caller gets a stack with bottom 0. A stack of the wrong
 *             address is a caller's bug and panics.
 *
 * Reading     docs/09-stacks.md; LKD, chapter 12, "Single-Page Kernel Stacks".
 */
#include "kernel/task/stack.h"

#include "kernel/cpu/irq_stack.h"
#include "kernel/cpu/page_ops.h"
#include "kernel/cpu/tlb.h"
#include "kernel/sync/spinlock.h"
#include "mm/layout.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/shrinker.h"
#include "mm/virt/pgtable.h"

#define SLOT_BYTES ((STACK_PAGES + 1) * PAGE_SIZE)
#define SLOT_COUNT ((STACKS_END - STACKS_START) / SLOT_BYTES)
#define NO_SLOT 0xFFFFu

static_assert(SLOT_COUNT < NO_SLOT, "a slot's number has 16 bits");

/* Slots of one kind, the newest first. */
struct slot_list {
        u16 first;
        unsigned int count;
};

static struct spinlock slots_lock = SPINLOCK_INIT("kernel stacks", LOCK_RANK_STACKS);
static u16 next_slot[SLOT_COUNT];                               /* under slots_lock */
static struct slot_list kept = { .first = NO_SLOT };            /* under slots_lock */
static struct slot_list emptied = { .first = NO_SLOT };         /* under slots_lock */
static unsigned int fresh_slot;                                 /* under slots_lock: never used */
static unsigned int used_count;                                 /* under slots_lock */

/* Put a slot into a list. */
static void push_locked(struct slot_list *list, unsigned int slot) REQUIRES(&slots_lock)
{
        next_slot[slot] = list->first;
        list->first = (u16)slot;
        list->count++;
}

/* Take the newest slot off a list; NO_SLOT when there is none. */
static unsigned int pop_locked(struct slot_list *list) REQUIRES(&slots_lock)
{
        unsigned int slot = list->first;

        if (slot != NO_SLOT) {
                list->first = next_slot[slot];
                list->count--;
        }
        return slot;
}

/* The stack in a slot. */
static struct kernel_stack stack_of(unsigned int slot)
{
        unsigned long top = STACKS_START + (slot + 1) * SLOT_BYTES;

        return (struct kernel_stack){ .bottom = top - KERNEL_STACK_BYTES, .top = top };
}

/* The slot of a stack, which must be one of ours. */
static unsigned int slot_of(struct kernel_stack stack)
{
        unsigned long offset = stack.top - STACKS_START;

        unsigned int slot = offset / SLOT_BYTES - 1;

        BUG_ON(slot >= SLOT_COUNT || stack.top != stack_of(slot).top ||
               stack.bottom != stack_of(slot).bottom, "stack %#lx-%#lx", stack.bottom, stack.top);
        return slot;
}

/* Take a slot: a mapped one if there is one, which *is_mapped tells; NO_SLOT when all are used. */
static unsigned int take_slot(bool *is_mapped)
{
        unsigned long flags = spin_lock_irqsave(&slots_lock);
        unsigned int slot = pop_locked(&kept);

        *is_mapped = slot != NO_SLOT;
        if (slot == NO_SLOT)
                slot = pop_locked(&emptied);
        if (slot == NO_SLOT && fresh_slot < SLOT_COUNT)
                slot = fresh_slot++;
        if (slot != NO_SLOT)
                used_count++;
        spin_unlock_irqrestore(&slots_lock, flags);
        return slot;
}

/* Give a used slot back, into one of the lists. */
static void give_slot(unsigned int slot, struct slot_list *list)
{
        unsigned long flags = spin_lock_irqsave(&slots_lock);

        push_locked(list, slot);
        used_count--;
        spin_unlock_irqrestore(&slots_lock, flags);
}

/* Unmap the first page_count pages of a stack and free them, after all CPUs have forgotten them. */
static void unmap_pages(struct kernel_stack stack, unsigned int page_count)
{
        struct page *pages[STACK_PAGES];

        for (unsigned int index = 0; index < page_count; index++)
                pages[index] = pgtable_unmap_page(stack.bottom + index * PAGE_SIZE);
        tlb_flush_kernel_range(stack.bottom, stack.bottom + page_count * PAGE_SIZE);
        for (unsigned int index = 0; index < page_count; index++)
                __free_page(pages[index]);
}

/* Give every page of a stack memory, or none. Returns: whether all have. */
static bool map_pages(struct kernel_stack stack)
{
        for (unsigned int index = 0; index < STACK_PAGES; index++) {
                struct page *page = alloc_page(GFP_KERNEL | __GFP_HIGHMEM);

                if (!page || pgtable_map_page(stack.bottom + index * PAGE_SIZE, page,
                                              PTE_KERNEL_WRITE)) {
                        if (page)
                                __free_page(page);
                        unmap_pages(stack, index);
                        return false;
                }
        }
        return true;
}

struct kernel_stack kernel_stack_alloc(void)
{
        bool is_mapped;
        unsigned int slot = take_slot(&is_mapped);

        if (slot == NO_SLOT)
                return (struct kernel_stack){ 0 };

        struct kernel_stack stack = stack_of(slot);
        if (!is_mapped && !map_pages(stack)) {
                give_slot(slot, &emptied);
                return (struct kernel_stack){ 0 };
        }
        fill_words((void *)stack.bottom, KERNEL_STACK_UNUSED, KERNEL_STACK_BYTES / sizeof(u32));
        return stack;
}

void kernel_stack_free(struct kernel_stack stack)
{
        give_slot(slot_of(stack), &kept);
}

bool irq_stack_prepare(unsigned int cpu)
{
        if (!IRQ_STACK_IS_SEPARATE)
                return true;
        irq_stack_set(cpu, kernel_stack_alloc());
        return irq_stack_of(cpu).bottom != 0;
}

/* Take a kept slot, as used, when there are more than keep_count of them. */
static unsigned int take_kept(unsigned int keep_count)
{
        unsigned long flags = spin_lock_irqsave(&slots_lock);
        unsigned int slot = kept.count > keep_count ? pop_locked(&kept) : NO_SLOT;

        if (slot != NO_SLOT)
                used_count++;
        spin_unlock_irqrestore(&slots_lock, flags);
        return slot;
}

/* Empty kept slots until keep_count are left. Returns: the pages that became free. */
static unsigned long empty_slots(unsigned int keep_count)
{
        unsigned long page_count = 0;
        unsigned int slot;

        while ((slot = take_kept(keep_count)) != NO_SLOT) {
                unmap_pages(stack_of(slot), STACK_PAGES);
                give_slot(slot, &emptied);
                page_count += STACK_PAGES;
        }
        return page_count;
}

unsigned long kernel_stacks_trim(void)
{
        return empty_slots(0);
}

/* What the page allocator calls when memory is short. */
static unsigned long shrink(struct shrinker *shrinker __unused, unsigned long wanted_count __unused,
                            gfp_t gfp_mask __unused)
{
        return empty_slots(0);
}

void kernel_stacks_init(void)
{
        static struct shrinker shrinker = { .name = "kernel stacks", .shrink = shrink };

        register_shrinker(&shrinker);
}

unsigned long kernel_stack_used_bytes(struct kernel_stack stack)
{
        const u32 *word = (const u32 *)stack.bottom;

        while ((unsigned long)word < stack.top && READ_ONCE(*word) == KERNEL_STACK_UNUSED)
                word++;
        return stack.top - (unsigned long)word;
}

struct kernel_stack_counts kernel_stack_counts(void)
{
        unsigned long flags = spin_lock_irqsave(&slots_lock);
        struct kernel_stack_counts counts = {
                .used = used_count,
                .kept = kept.count,
                .most = SLOT_COUNT,
        };

        spin_unlock_irqrestore(&slots_lock, flags);
        return counts;
}

/* STACK-1: a list is as long as its count says. */
static void check_list(const struct slot_list *list) REQUIRES(&slots_lock)
{
        unsigned int length = 0;

        for (unsigned int slot = list->first; slot != NO_SLOT; slot = next_slot[slot])
                CHECK_INVARIANT(STACK-1, slot < fresh_slot && ++length <= list->count,
                                "slot %u, %u of %u", slot, length, list->count);
        CHECK_INVARIANT(STACK-1, length == list->count, "%u of %u", length, list->count);
}

void kernel_stacks_check(void)
{
        unsigned long flags = spin_lock_irqsave(&slots_lock);

        check_list(&kept);
        check_list(&emptied);
        CHECK_INVARIANT(STACK-1, kept.count + emptied.count + used_count == fresh_slot,
                        "%u kept, %u empty, %u used, %u in all", kept.count, emptied.count,
                        used_count, fresh_slot);
        for (unsigned int slot = 0; slot < fresh_slot; slot++)
                CHECK_INVARIANT(STACK-2, !pgtable_lookup(stack_of(slot).bottom - PAGE_SIZE),
                                "slot %u", slot);
        spin_unlock_irqrestore(&slots_lock, flags);
}
