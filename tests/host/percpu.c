/*
 * percpu.c - the linker gathers the per-CPU variables of all files; each simulated CPU has a copy
 * of them: in a static array, or in simulated memory, where mm/percpu can map it elsewhere.
 */
#include "tests/host/percpu.h"

#include <string.h>

#include "kernel/cpu/preempt.h"
#include "lib/panic.h"

DEFINE_PER_CPU(unsigned int, preempt_word) = PREEMPT_NO_RESCHEDULE;

unsigned int host_cpu;
unsigned int nr_cpu_ids = NR_CPUS;
unsigned long per_cpu_offset[NR_CPUS];

static char areas[NR_CPUS][HOST_PERCPU_COPY_BYTES] __aligned(4096);
static char *boot_copies[NR_CPUS];

void percpu_set_offset(unsigned int cpu, unsigned long offset)
{
        per_cpu_offset[cpu] = offset;
}

char *percpu_boot_copy(unsigned int cpu)
{
        return boot_copies[cpu];
}

void percpu_move_boot_copies(const unsigned long offsets[NR_CPUS])
{
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                if (boot_copies[cpu] && offsets[cpu])
                        percpu_set_offset(cpu, offsets[cpu]);
}

/* Put a CPU's copy of the template at a page-aligned address. */
static void fill_copy(unsigned int cpu, char *start)
{
        size_t bytes = (size_t)(percpu_template_end - percpu_template_start);
        unsigned long skipped = (unsigned long)percpu_template_start - PERCPU_TEMPLATE_START;

        BUG_ON(skipped + bytes > HOST_PERCPU_COPY_BYTES, "%zu bytes of per-CPU variables", bytes);
        memcpy(start + skipped, percpu_template_values, bytes);
        percpu_set_offset(cpu, (unsigned long)start - PERCPU_TEMPLATE_START);
}

void host_percpu_place(char *start, unsigned int cpu_count)
{
        nr_cpu_ids = cpu_count;
        for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
                boot_copies[cpu] = start + cpu * HOST_PERCPU_COPY_BYTES;
                fill_copy(cpu, boot_copies[cpu]);
        }
}

void host_percpu_reset(void)
{
        nr_cpu_ids = NR_CPUS;
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
                boot_copies[cpu] = NULL;
                fill_copy(cpu, areas[cpu]);
        }
}

/* Before main(): tests that start no machine use per-CPU variables too. */
static void __attribute__((constructor)) fill_areas(void)
{
        host_percpu_reset();
}
