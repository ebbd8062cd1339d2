/*
 * Per-CPU blocks against a model that knows of each block its size and what every CPU wrote to it.
 * After each step every invariant is checked, at the end every page is back.
 */
#include "lib/bits.h"
#include "lib/bug_expect.h"
#include "lib/string.h"
#include "mm/debug/check.h"
#include "mm/fail.h"
#include "mm/percpu/percpu.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/zone.h"
#include "tests/fuzz/fuzz.h"
#include "tests/host/machine.h"

#define BLOCKS_MOST 256u
#define STEPS_MOST 200u

/* A block that is held. Every CPU's copy is filled with pattern plus the CPU's number. */
struct block {
        char *pointer;
        u32 size;
        u8 pattern;
};

static struct block blocks[BLOCKS_MOST];
static unsigned int block_count;

/* Fill a block, differently for each CPU. */
static void fill(const struct block *block)
{
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                memset(per_cpu_ptr(block->pointer, cpu), (u8)(block->pattern + cpu), block->size);
}

/* A block holds what was written. */
static void require_filled(const struct block *block)
{
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                FUZZ_REQUIRE(!memchr_inv(per_cpu_ptr(block->pointer, cpu),
                                         (u8)(block->pattern + cpu), block->size));
}

/* Allocate; sometimes with page allocations that fail. */
static void do_allocate(struct fuzz_stream *stream)
{
        u32 align = 1u << fuzz_below(stream, fuzz_below(stream, 4) ? 5 : 13);
        u32 size = 1 + fuzz_below(stream, fuzz_below(stream, 4) ? 200 : PAGE_SIZE);
        bool may_fail = DEBUG_BUILD && fuzz_below(stream, 4) == 0;

        if (may_fail)
                fail_page_alloc_attributes =
                        (struct fail_attributes){ 100, 1, fuzz_below(stream, 6), 0, 0 };
        char *pointer = __alloc_percpu(size, align);

        fail_page_alloc_attributes.probability_percent = 0;
        FUZZ_REQUIRE(pointer || may_fail);
        if (!pointer)
                return;
        FUZZ_REQUIRE(IS_ALIGNED((unsigned long)pointer, align));
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                FUZZ_REQUIRE(!memchr_inv(per_cpu_ptr(pointer, cpu), 0, size));
        blocks[block_count] = (struct block){ pointer, size, (u8)fuzz_take(stream) };
        fill(&blocks[block_count++]);
}

/* Free a block, and once more by mistake if the stream says so. */
static void do_free(struct fuzz_stream *stream, unsigned int index)
{
        struct block block = blocks[index];

        require_filled(&block);
        free_percpu(block.pointer);
        blocks[index] = blocks[--block_count];
        if (fuzz_below(stream, 4))
                return;
        bug_expect_begin();
        free_percpu(block.pointer);
        FUZZ_REQUIRE(bug_expect_end("percpu-double-free", NULL));
}

/* Free an address inside a block: one report, nothing changes. */
static void do_free_inside(struct fuzz_stream *stream, const struct block *block)
{
        if (block->size == 1)
                return;
        bug_expect_begin();
        free_percpu(block->pointer + 1 + fuzz_below(stream, block->size - 1));
        FUZZ_REQUIRE(bug_expect_end("percpu-bad-free", NULL));
        require_filled(block);
}

/* One step. */
static void do_step(struct fuzz_stream *stream)
{
        unsigned int what = fuzz_below(stream, 16);
        unsigned int index = block_count ? fuzz_below(stream, block_count) : 0;

        if (what < 7 && block_count < BLOCKS_MOST)
                do_allocate(stream);
        else if (what == 7)
                host_cpu = fuzz_below(stream, NR_CPUS);
        else if (what == 8 && fuzz_below(stream, 4) == 0)
                percpu_trim();
        else if (block_count && what == 9)
                do_free_inside(stream, &blocks[index]);
        else if (block_count && what > 9)
                do_free(stream, index);
}

/* Allocate and free per-CPU blocks as the bytes say; in the end every page is back. */
void fuzz_percpu(const u8 *data, size_t length)
{
        struct fuzz_stream stream = fuzz_open(data, length);

        machine_boot_percpu(16 * MIB, 1);
        drain_all_pages();
        unsigned long free = nr_free_pages();

        block_count = 0;
        for (unsigned int step = 0; fuzz_has_more(&stream) && step < STEPS_MOST; step++) {
                do_step(&stream);
                percpu_check();
                FUZZ_REQUIRE(percpu_usage().block_count == block_count);
        }
        while (block_count) {
                require_filled(&blocks[block_count - 1]);
                free_percpu(blocks[--block_count].pointer);
        }
        percpu_trim();
        drain_all_pages();
        mm_check();
        FUZZ_REQUIRE(nr_free_pages() == free);
}
