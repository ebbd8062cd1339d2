/* bench_percpu.c - the rows of per-CPU data. */
#include "kernel/bench/bench.h"
#include "mm/percpu/percpu.h"

static DEFINE_PER_CPU(unsigned long, bench_count);

/* What the function around one operation costs is not the operation's. */
static void increment(void)
{
        this_cpu_inc(bench_count);
}

BENCH(percpu_inc)
{
        return bench_median(increment);
}

/* The pair as the notes write it. */
static void get_and_put(void)
{
        get_cpu_var(bench_count)++;
        put_cpu_var(bench_count);
}

BENCH(percpu_get)
{
        return bench_median(get_and_put);
}

/* A block for every CPU, and back. */
static void allocate_and_free(void)
{
        free_percpu(alloc_percpu(u64));
}

BENCH(percpu_alloc)
{
        return bench_median(allocate_and_free);
}
