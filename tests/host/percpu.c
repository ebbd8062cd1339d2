/*
 * percpu.c - the linker gathers the per-CPU variables of all files; each simulated CPU has a copy
 * of them in a static array. preempt_schedule() has nobody to switch to here.
 */
#include "tests/host/percpu.h"

#include <string.h>

#include "kernel/cpu/preempt.h"
#include "lib/panic.h"

#define AREA_BYTES (64u << 10)
#define ALIGN_BYTES 4096u                       /* a copy is aligned as the template is */

extern char __start_percpu_template[], __stop_percpu_template[];

DEFINE_PER_CPU(unsigned int, preempt_word) = PREEMPT_NO_RESCHEDULE;

unsigned int host_cpu;
unsigned int nr_cpu_ids = NR_CPUS;
unsigned long per_cpu_offset[NR_CPUS];

static char areas[NR_CPUS][AREA_BYTES] __aligned(4096);

void percpu_set_offset(unsigned int cpu, unsigned long offset)
{
        per_cpu_offset[cpu] = offset;
}

void preempt_schedule(void)
{
}

void host_percpu_reset(void)
{
        size_t bytes = (size_t)(__stop_percpu_template - __start_percpu_template);

        BUG_ON(bytes > AREA_BYTES - ALIGN_BYTES, "%zu bytes of per-CPU variables", bytes);
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                char *copy = areas[cpu] + (unsigned long)__start_percpu_template % ALIGN_BYTES;

                memcpy(copy, __start_percpu_template, bytes);
                percpu_set_offset(cpu, (unsigned long)copy -
                                               (unsigned long)__start_percpu_template);
        }
}

/* Before main(): tests that start no machine use per-CPU variables too. */
static void __attribute__((constructor)) fill_areas(void)
{
        host_percpu_reset();
}
