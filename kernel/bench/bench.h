/*
 * bench.h - how a row of the benchmark is written.
 *
 *      BENCH(page0)
 *      {
 *              return bench_median(page0_pair);
 *      }
 *
 * A row measures in executed instructions, which only `tools/run-qemu --icount 0` counts. The
 * linker gathers the rows; the monitor's `bench` runs them.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/* One row. measure() returns instructions, or BENCH_UNAVAILABLE. */
struct bench_row {
        const char *name;
        u64 (*measure)(void);
};

/* What a row answers on a machine that has not what it needs. */
#define BENCH_UNAVAILABLE UINT64_MAX

#define BENCH(row_name)                                                         \
        static u64 bench_##row_name(void);                                      \
        static const struct bench_row bench_row_##row_name                      \
                __used __section("benchmarks") __aligned(sizeof(void *)) =       \
                { #row_name, bench_##row_name };                                \
        static u64 bench_##row_name(void)

extern const struct bench_row __start_benchmarks[], __stop_benchmarks[];

/*
 * bench_median - call operation many times and return the median of what one call costs, less
 * what the call of an empty function costs. Context: the monitor.
 */
u64 bench_median(void (*operation)(void));

/* bench_note_prompt - the prompt is there; the first time counts. Context: the monitor. */
void bench_note_prompt(void);
