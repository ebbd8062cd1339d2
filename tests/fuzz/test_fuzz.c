/* The targets of tests/fuzz, given bytes drawn from the seed of the run. */
#include "lib/bits.h"
#include "lib/random.h"
#include "lib/test.h"
#include "tests/fuzz/fuzz.h"

#define STREAM_BYTES_MOST 2048u

/*
 * Run a target on count streams of random length. Bytes are drawn from a few values half of the
 * time: a stream that repeats itself goes deeper than one that does all things alike.
 */
static void run_target(fuzz_target_t target, u64 seed, unsigned int count)
{
        static u8 data[STREAM_BYTES_MOST];
        struct random random;

        random_seed(&random, seed);
        for (unsigned int run = 0; run < count; run++) {
                u32 length = random_below(&random, STREAM_BYTES_MOST >> random_below(&random, 6));
                u32 values = random_one_in(&random, 2) ? 256 : random_between(&random, 4, 64);

                for (u32 index = 0; index < length; index++)
                        data[index] = (u8)random_below(&random, values);
                target(data, length);
        }
}

/* MEMMAP-1 to MEMMAP-3 after each step. */
TEST(fuzz, streams_of_memmap)
{
        run_target(fuzz_memmap, test->seed, 300);
}

/* BOOTMEM-1 to BOOTMEM-3 after each step. */
TEST(fuzz, streams_of_bootmem)
{
        run_target(fuzz_bootmem, test->seed, 60);
}

/* Every invariant of mm_check() after each step. */
TEST(fuzz, streams_of_page_alloc)
{
        run_target(fuzz_page_alloc, test->seed, 30);
}

/* PERCPU-1, PERCPU-2, PERCPU-4, PERCPU-5 and PERCPU-6 after each step. */
TEST(fuzz, streams_of_percpu)
{
        run_target(fuzz_percpu, test->seed, 30);
}

TEST(fuzz, streams_of_parse)
{
        run_target(fuzz_parse, test->seed, 2000);
}

TEST(fuzz, streams_of_format)
{
        run_target(fuzz_format, test->seed, 1000);
}

/* WHEEL-1 to WHEEL-5 after each step. */
TEST(fuzz, streams_of_wheel)
{
        run_target(fuzz_wheel, test->seed, 300);
}

TEST(fuzz, streams_of_firmware)
{
        run_target(fuzz_firmware, test->seed, 300);
}
