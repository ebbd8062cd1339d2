/*
 * Benchmark
 *
 * Idea        Under icount the time-stamp counter is a count of instructions, the same in every
 *             run. So an operation is called, the counter read before and after, and the median
 *             of many calls is exact: neither rare slow paths nor interrupts show in it.
 *
 * Picture     read counter | call | operation | return | read counter
 *                          `----- less the same with an empty operation
 *
 * Failure     Where the counter counts something else, a loop of known length shows it, and the
 *             numbers are marked.
 *
 * Reading     docs/testing.md, "Counting instructions".
 */
#include "kernel/bench/bench.h"

#include "boot/boot_info.h"
#include "kernel/cpu/timestamp.h"
#include "kernel/monitor/command.h"
#include "lib/panic.h"
#include "lib/sort.h"
#include "lib/string.h"

#define SAMPLE_COUNT 201u
#define KNOWN_LOOP_STEPS 10000u
#define KNOWN_LOOP_INSTRUCTIONS (2u * KNOWN_LOOP_STEPS)
#define KNOWN_LOOP_TOLERANCE 100u

static u64 samples[SAMPLE_COUNT];
static u64 prompt_timestamp;

/* What calibration calls: as an operation, but with nothing in it, which no compiler may see. */
static void __noinline empty_operation(void)
{
        barrier();
}

/* Read anew each time, so that no compiler can know what is called, and leave the call out. */
static void (*volatile empty_call)(void) = empty_operation;

/* Order two samples. */
static int compare_samples(const void *left, const void *right)
{
        u64 a = *(const u64 *)left, b = *(const u64 *)right;

        return a < b ? -1 : a > b;
}

/* The median cost of calling operation, with the cost of the call. */
static u64 median_with_call(void (*operation)(void))
{
        for (unsigned int index = 0; index < SAMPLE_COUNT; index++) {
                u64 start = timestamp_read();

                operation();
                samples[index] = timestamp_read() - start;
        }
        sort_array(samples, SAMPLE_COUNT, sizeof(samples[0]), compare_samples);
        return samples[SAMPLE_COUNT / 2];
}

u64 bench_median(void (*operation)(void))
{
        u64 empty = median_with_call(empty_call);
        u64 full = median_with_call(operation);

        return full > empty ? full - empty : 0;
}

/* Whether the counter counts instructions: a loop of two instructions a step tells. */
static bool counter_counts_instructions(void)
{
        u32 steps = KNOWN_LOOP_STEPS;
        u64 start = timestamp_read();

        __asm__ volatile("1: decl %0\n\tjnz 1b" : "+r"(steps));
        u64 counted = timestamp_read() - start;
        return counted >= KNOWN_LOOP_INSTRUCTIONS &&
               counted <= KNOWN_LOOP_INSTRUCTIONS + KNOWN_LOOP_TOLERANCE;
}

void bench_note_prompt(void)
{
        if (!prompt_timestamp)
                prompt_timestamp = timestamp_read();
}

/* From the first instructions of boot/early_main.c to the monitor's first prompt. */
BENCH(boot_prompt)
{
        return prompt_timestamp - boot_info.entry_timestamp;
}

/* Run one row and print it. */
static void run_row(const struct bench_row *row)
{
        u64 instructions = row->measure();

        if (instructions == BENCH_UNAVAILABLE)
                printk("bench: %s unavailable here\n", row->name);
        else
                printk("bench: %s %llu insn\n", row->name, (unsigned long long)instructions);
}

MONITOR_COMMAND(bench, "[NAME]", "count the instructions of each operation (--icount 0)")
{
        bool found = false;

        if (argument_count > 2)
                return MONITOR_USAGE;
        if (!counter_counts_instructions())
                printk("bench: not under --icount 0: the numbers are no instruction counts\n");
        for (const struct bench_row *row = __start_benchmarks; row < __stop_benchmarks; row++) {
                if (argument_count == 2 && strcmp(arguments[1], row->name))
                        continue;
                found = true;
                run_row(row);
        }
        if (!found)
                printk("bench: no row is named %s\n", arguments[1]);
        return found ? MONITOR_OK : MONITOR_FAILED;
}
