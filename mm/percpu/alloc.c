/*
 * Per-CPU allocator
 *
 * Idea        A block of one unit is a block of all units: one map serves every CPU. A page of the
 *             units is cut into slots of one size class; a bit for each says whether it is free.
 *             A class takes from the first of its pages that has a free slot. Where there is none,
 *             page frames for all CPUs are put behind the next unused page of the units, while all
 *             CPUs run on: who gets the new block is the first to use these addresses.
 *
 * Picture     page of every unit   | 48 | 48 | 48 | …  85 slots, 16 bytes left over |
 *             free bits              0    1    0
 *
 *             partial[class] -> page -> page       those with a free slot
 *             chunks[n]      -> descriptors of 32 pages, on a page of their own
 *
 * Data        struct percpu_page describes one page of the units, struct percpu_chunk 32 of them.
 *             partial[] has a list for each class.
 *
 * Invariants  PERCPU-4  free_count is the number of set bits, and no bit beyond the last slot is.
 *             PERCPU-5  a page is on the list of its class exactly while it is USED and has a free
 *                       slot.
 *             PERCPU-6  a chunk exists exactly while one of its pages is not UNUSED, and counts
 *                       those.
 *
 * Locking     percpu_lock, interrupts off, because free_percpu() may come from a handler. Nothing
 *             is called with it held. Memory is taken and mapped outside: the page is CHANGING
 *             meanwhile and belongs to who changes it. Two who find a class empty at the same time
 *             each add a page, which is no harm.
 *
 * Cost        About eighty instructions to take a slot, sixty to give it back, and the zeroing. A
 *             block takes its class's size: at most half as much again as asked for.
 *
 * Failure     No page frame, or no room in the units: NULL, nothing has changed. A bad free is
 *             reported, and nothing happens.
 *
 * Reading     docs/06-percpu.md; Linux solves the same with maps of boundaries, for blocks of any
 *             size: denser, and slower.
 */
#include "mm/percpu/percpu.h"

#include "kernel/sync/context.h"
#include "kernel/sync/spinlock.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/percpu/area.h"
#include "mm/phys/page_alloc.h"

#define SLOT_BYTES_LEAST 8u
#define SLOTS_MOST (PAGE_SIZE / SLOT_BYTES_LEAST)
#define WORD_BITS 32u
#define CHUNK_PAGES 32u
#define CHUNK_COUNT ((PERCPU_UNIT_BYTES_MOST >> PAGE_SHIFT) / CHUNK_PAGES)
#define NO_PAGE (-1)

/* A size that has slots of its own. A slot is aligned to the largest power of two in its size. */
static const u16 class_bytes[] = {
        8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1344, 2048, 4096,
};

#define CLASS_COUNT ARRAY_SIZE(class_bytes)

/* What a page of the units is. */
enum percpu_page_state {
        PERCPU_PAGE_UNUSED,             /* nothing is mapped */
        PERCPU_PAGE_CHANGING,           /* somebody is mapping or unmapping it */
        PERCPU_PAGE_USED,               /* mapped, cut into slots */
};

/* A page of every unit. All but index is guarded by percpu_lock. */
struct percpu_page {
        struct percpu_page *next;       /* in its class; while CHANGING, with who changes it */
        u16 index;                      /* which page of a unit this is */
        u16 free_count;
        u8 class;
        u8 state;
        u8 first_word;                  /* no free slot lies in a word before this */
        u32 free[SLOTS_MOST / WORD_BITS];       /* a bit for each slot */
};

/* Neighbouring pages; their index in it is the low part of theirs in the unit. */
struct percpu_chunk {
        unsigned int used_count;        /* [l] pages that are not UNUSED */
        struct percpu_page pages[CHUNK_PAGES];
};

static_assert(sizeof(struct percpu_chunk) <= PAGE_SIZE, "a chunk's descriptors fit into a page");

static struct spinlock percpu_lock = SPINLOCK_INIT("percpu", LOCK_RANK_PERCPU_ALLOC);
static struct percpu_chunk *chunks[CHUNK_COUNT];
static struct percpu_page *partial[CLASS_COUNT];        /* the pages with a free slot */

/* How many slots a page of a class has. */
static unsigned int slots_of(unsigned int class)
{
        return (unsigned int)(PAGE_SIZE / class_bytes[class]);
}

/* The descriptor of a page of the units; NULL where its chunk does not exist. */
static struct percpu_page *page_at(unsigned long index)
{
        struct percpu_chunk *chunk =
                index / CHUNK_PAGES < CHUNK_COUNT ? chunks[index / CHUNK_PAGES] : NULL;

        return chunk ? &chunk->pages[index % CHUNK_PAGES] : NULL;
}

/* The smallest class whose slots serve a request. */
static unsigned int class_for(size_t size, size_t align)
{
        unsigned int class = 0;

        while (class_bytes[class] < size || !IS_ALIGNED((size_t)class_bytes[class], align))
                class++;
        return class;
}

/* Take a slot of a class. Returns the per-CPU pointer to it; NULL when no page has one. */
static void *take_slot_locked(unsigned int class) REQUIRES(&percpu_lock)
{
        struct percpu_page *page = partial[class];

        if (!page)
                return NULL;
        while (!page->free[page->first_word])
                page->first_word++;
        unsigned int bit = lowest_bit(page->free[page->first_word]);
        unsigned int slot = page->first_word * WORD_BITS + bit;

        page->free[page->first_word] &= ~BIT(bit);
        if (--page->free_count == 0)
                partial[class] = page->next;
        return (char *)percpu_area_pointer(page->index) + slot * class_bytes[class];
}

/* Let a class take from a page next. */
static void push_partial_locked(struct percpu_page *page) REQUIRES(&percpu_lock)
{
        page->next = partial[page->class];
        partial[page->class] = page;
}

/* Give back a slot that is taken. */
static void give_slot_locked(struct percpu_page *page, unsigned int slot) REQUIRES(&percpu_lock)
{
        page->free[slot / WORD_BITS] |= BIT(slot % WORD_BITS);
        page->first_word = min(page->first_word, (u8)(slot / WORD_BITS));
        if (page->free_count++ == 0)
                push_partial_locked(page);
}

/* Find the lowest unused page of the units, also where no chunk is. Returns NO_PAGE for none. */
static int find_unused_locked(void) REQUIRES(&percpu_lock)
{
        struct percpu_pages pages = percpu_area_pages();

        for (unsigned int index = pages.first; index < pages.end; index++) {
                const struct percpu_page *page = page_at(index);

                if (!page || page->state == PERCPU_PAGE_UNUSED)
                        return (int)index;
        }
        return NO_PAGE;
}

/* Make a zeroed page a chunk, with the pages of the units from first on. */
static struct percpu_chunk *number_pages(struct percpu_chunk *chunk, unsigned int first)
{
        for (unsigned int index = 0; chunk && index < CHUNK_PAGES; index++)
                chunk->pages[index].index = (u16)(first + index);
        return chunk;
}

/* Reserve an unused page whose chunk exists, or gets *spare to be. Returns it or NO_PAGE. */
static int reserve_locked(struct percpu_chunk **spare) REQUIRES(&percpu_lock)
{
        int index = find_unused_locked();

        if (index == NO_PAGE)
                return NO_PAGE;
        struct percpu_chunk **chunk = &chunks[(unsigned int)index / CHUNK_PAGES];

        if (!*chunk) {
                *chunk = number_pages(*spare, ROUND_DOWN((unsigned int)index, CHUNK_PAGES));
                *spare = NULL;
        }
        if (!*chunk)
                return NO_PAGE;
        struct percpu_page *page = page_at((unsigned long)index);

        page->state = PERCPU_PAGE_CHANGING;
        (*chunk)->used_count++;
        return index;
}

/* Make a page unused. Returns its chunk if it was the last one used there: to be freed. */
static struct percpu_chunk *release_locked(struct percpu_page *page) REQUIRES(&percpu_lock)
{
        struct percpu_chunk **place = &chunks[page->index / CHUNK_PAGES], *chunk = *place;

        page->state = PERCPU_PAGE_UNUSED;
        if (--chunk->used_count)
                return NULL;
        *place = NULL;
        return chunk;
}

/* Reserve an unused page of the units for the caller. Returns its index; NO_PAGE when none. */
static int reserve_page(void)
{
        struct percpu_chunk *spare = NULL;
        int index;

        for (unsigned int attempt = 0; attempt < 2; attempt++) {
                unsigned long flags = spin_lock_irqsave(&percpu_lock);

                index = reserve_locked(&spare);
                spin_unlock_irqrestore(&percpu_lock, flags);
                if (index != NO_PAGE || attempt)
                        break;
                spare = (struct percpu_chunk *)get_zeroed_page(GFP_KERNEL | __GFP_NOWARN);
                if (!spare)
                        break;
        }
        free_page((unsigned long)spare);
        return index;
}

/* Give back a reserved page behind which nothing is mapped. */
static void release_page(struct percpu_page *page)
{
        unsigned long flags = spin_lock_irqsave(&percpu_lock);
        struct percpu_chunk *unused = release_locked(page);

        spin_unlock_irqrestore(&percpu_lock, flags);
        free_page((unsigned long)unused);
}

/* Cut a reserved page, now mapped, into slots of a class. */
static void open_page_locked(struct percpu_page *page, unsigned int class) REQUIRES(&percpu_lock)
{
        unsigned int slot_count = slots_of(class);

        page->state = PERCPU_PAGE_USED;
        page->class = (u8)class;
        page->first_word = 0;
        page->free_count = (u16)slot_count;
        memset(page->free, 0, sizeof(page->free));
        for (unsigned int slot = 0; slot < slot_count; slot++)
                page->free[slot / WORD_BITS] |= BIT(slot % WORD_BITS);
        push_partial_locked(page);
}

/*
 * Add a page to a class, and take the first slot of it: whatever others take meanwhile, the caller
 * has its own. Returns NULL when there is no memory or no room.
 */
static void *__noinline grow_and_take(unsigned int class)
{
        int index = reserve_page();

        if (index == NO_PAGE)
                return NULL;
        struct percpu_page *page = page_at((unsigned long)index);

        if (percpu_area_map((unsigned int)index)) {
                release_page(page);
                return NULL;
        }
        unsigned long flags = spin_lock_irqsave(&percpu_lock);
        open_page_locked(page, class);
        void *pointer = take_slot_locked(class);
        spin_unlock_irqrestore(&percpu_lock, flags);
        return pointer;
}

/* Fill a block with zeros in every unit. It is the caller's alone. */
static void clear_block(void *pointer, size_t size)
{
        unsigned int cpu;

        for_each_possible_cpu(cpu)
                memset(per_cpu_ptr(pointer, cpu), 0, size);
}

/* Whether any class could serve a request. */
static bool is_possible(size_t size, size_t align)
{
        return size && size <= PAGE_SIZE && align && align <= PAGE_SIZE && !(align & (align - 1));
}

void *__alloc_percpu(size_t size, size_t align)
{
        might_sleep();
        if (unlikely(!is_possible(size, align))) {
                bug_report("percpu-bad-request", "size %lu, alignment %lu", (unsigned long)size,
                           (unsigned long)align);
                return NULL;
        }
        unsigned int class = class_for(size, align);
        unsigned long flags = spin_lock_irqsave(&percpu_lock);
        void *pointer = take_slot_locked(class);

        spin_unlock_irqrestore(&percpu_lock, flags);
        if (unlikely(!pointer))
                pointer = grow_and_take(class);
        if (likely(pointer))
                clear_block(pointer, size);
        return pointer;
}

/* Say what is wrong with freeing a pointer. page may be NULL. */
static void __cold report_bad_free(const void *pointer, bool is_free)
{
        unsigned long address = (unsigned long)pointer;

        if (is_free)
                bug_report("percpu-double-free", "free_percpu of a free block, %#lx", address);
        else if (percpu_is_template(pointer) && address < (unsigned long)percpu_template_end)
                bug_report("percpu-bad-free", "free_percpu of a static variable, %#lx", address);
        else
                bug_report("percpu-bad-free", "free_percpu of no block's start, %#lx", address);
}

/* Free the block at a pointer. Returns false when none is; *is_free says whether one was. */
static bool free_locked(const void *pointer, bool *is_free) REQUIRES(&percpu_lock)
{
        unsigned long offset = (unsigned long)pointer - PERCPU_TEMPLATE_START;
        struct percpu_page *page = page_at(offset >> PAGE_SHIFT);

        if (!page || page->state != PERCPU_PAGE_USED)
                return false;
        unsigned int in_page = (unsigned int)(offset & ~PAGE_MASK);
        unsigned int slot = in_page / class_bytes[page->class];

        if (slot * class_bytes[page->class] != in_page || slot >= slots_of(page->class))
                return false;
        *is_free = page->free[slot / WORD_BITS] & BIT(slot % WORD_BITS);
        if (*is_free)
                return false;
        give_slot_locked(page, slot);
        return true;
}

void free_percpu(const void *pointer)
{
        bool is_free = false;

        if (!pointer)
                return;
        unsigned long flags = spin_lock_irqsave(&percpu_lock);
        bool is_done = free_locked(pointer, &is_free);

        spin_unlock_irqrestore(&percpu_lock, flags);
        if (unlikely(!is_done))
                report_bad_free(pointer, is_free);
}

/* Take the empty pages of a class off its list, and put them before *empties. */
static void detach_empties_locked(unsigned int class, struct percpu_page **empties)
        REQUIRES(&percpu_lock)
{
        struct percpu_page **link = &partial[class];

        while (*link) {
                struct percpu_page *page = *link;

                if (page->free_count < slots_of(class)) {
                        link = &page->next;
                        continue;
                }
                *link = page->next;
                page->state = PERCPU_PAGE_CHANGING;
                page->next = *empties;
                *empties = page;
        }
}

unsigned long percpu_trim(void)
{
        struct percpu_page *empties = NULL;
        LIST_HEAD(frames);
        unsigned long flags = spin_lock_irqsave(&percpu_lock);

        for (unsigned int class = 0; class < CLASS_COUNT; class++)
                detach_empties_locked(class, &empties);
        spin_unlock_irqrestore(&percpu_lock, flags);
        if (!empties)
                return 0;
        for (struct percpu_page *page = empties; page; page = page->next)
                percpu_area_unmap(page->index, &frames);
        unsigned long frame_count = percpu_area_free(&frames);

        while (empties) {
                struct percpu_page *page = empties;

                empties = page->next;
                release_page(page);
        }
        return frame_count;
}

/* Call visit for each page of the units that has a descriptor. */
static void for_each_page_locked(void (*visit)(struct percpu_page *page, void *argument),
                                 void *argument) REQUIRES(&percpu_lock)
{
        for (unsigned int index = 0; index < CHUNK_COUNT * CHUNK_PAGES; index++)
                if (page_at(index))
                        visit(page_at(index), argument);
}

/* Add what is in use of a page. */
static void add_usage(struct percpu_page *page, void *argument)
{
        struct percpu_usage *usage = argument;

        if (page->state != PERCPU_PAGE_USED)
                return;
        unsigned int block_count = slots_of(page->class) - page->free_count;

        usage->unit_page_count++;
        usage->block_count += block_count;
        usage->block_bytes += (unsigned long)block_count * class_bytes[page->class];
}

struct percpu_usage percpu_usage(void)
{
        struct percpu_usage usage = { .page_count = percpu_area_page_count() };
        unsigned long flags = spin_lock_irqsave(&percpu_lock);

        for_each_page_locked(add_usage, &usage);
        for (unsigned int number = 0; number < CHUNK_COUNT; number++)
                usage.page_count += chunks[number] != NULL;
        spin_unlock_irqrestore(&percpu_lock, flags);
        return usage;
}

/* What percpu_check() counts. */
struct sums {
        unsigned int used_count;        /* pages that are not UNUSED */
        unsigned int partial_count;     /* pages with a free slot */
};

/* PERCPU-1, PERCPU-2 and PERCPU-4 for one page, which is counted. */
static void check_page(struct percpu_page *page, void *argument)
{
        struct sums *sums = argument;
        unsigned int free_count = 0;

        sums->used_count += page->state != PERCPU_PAGE_UNUSED;
        if (page->index < percpu_area_pages().first || page->state == PERCPU_PAGE_CHANGING)
                return;
        percpu_area_check(page->index, page->state == PERCPU_PAGE_USED);
        if (page->state != PERCPU_PAGE_USED)
                return;
        for (unsigned int slot = 0; slot < SLOTS_MOST; slot++) {
                bool is_free = page->free[slot / WORD_BITS] & BIT(slot % WORD_BITS);

                CHECK_INVARIANT(PERCPU-4, !is_free || (slot < slots_of(page->class) &&
                                                       slot / WORD_BITS >= page->first_word),
                                "page %u slot %u", page->index, slot);
                free_count += is_free;
        }
        CHECK_INVARIANT(PERCPU-4, free_count == page->free_count, "page %u: %u, counter %u",
                        page->index, free_count, page->free_count);
        sums->partial_count += free_count > 0;
}

/* PERCPU-5: what is on the list of a class belongs there. Returns how many pages that is. */
static unsigned int check_class_locked(unsigned int class) REQUIRES(&percpu_lock)
{
        unsigned int count = 0;

        for (const struct percpu_page *page = partial[class]; page; page = page->next, count++)
                CHECK_INVARIANT(PERCPU-5, page == page_at(page->index) && page->class == class &&
                                page->state == PERCPU_PAGE_USED && page->free_count,
                                "class %u page %u", class, page->index);
        return count;
}

void percpu_check(void)
{
        unsigned long flags = spin_lock_irqsave(&percpu_lock);
        unsigned int used_count = 0, partial_count = 0;
        struct sums sums = { 0, 0 };

        for_each_page_locked(check_page, &sums);
        for (unsigned int class = 0; class < CLASS_COUNT; class++)
                partial_count += check_class_locked(class);
        CHECK_INVARIANT(PERCPU-5, partial_count == sums.partial_count, "%u pages, %u on lists",
                        sums.partial_count, partial_count);
        for (unsigned int number = 0; number < CHUNK_COUNT; number++) {
                CHECK_INVARIANT(PERCPU-6, !chunks[number] || chunks[number]->used_count,
                                "chunk %u is empty", number);
                used_count += chunks[number] ? chunks[number]->used_count : 0;
        }
        CHECK_INVARIANT(PERCPU-6, used_count == sums.used_count, "%u pages, %u counted",
                        sums.used_count, used_count);
        spin_unlock_irqrestore(&percpu_lock, flags);
}
