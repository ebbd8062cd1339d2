/* percpu.c - the first CPU's copy of the per-CPU variables, which the image has room for. */
#include "kernel/cpu/percpu.h"

#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "lib/string.h"

extern char percpu_template_start[], percpu_template_end[];     /* from linker.ld */
extern char percpu_boot_area[];

DEFINE_PER_CPU(unsigned long, percpu_own_offset);
DEFINE_PER_CPU(unsigned int, cpu_number);
DEFINE_PER_CPU(unsigned int, preempt_word) = PREEMPT_NO_RESCHEDULE;

unsigned long per_cpu_offset[NR_CPUS];
unsigned int nr_cpu_ids = 1;

void percpu_set_offset(unsigned int cpu, unsigned long offset)
{
        per_cpu_offset[cpu] = offset;
        per_cpu(percpu_own_offset, cpu) = offset;
        per_cpu(cpu_number, cpu) = cpu;
}

void percpu_init_boot_cpu(void)
{
        memcpy(percpu_boot_area, percpu_template_start,
               (size_t)(percpu_template_end - percpu_template_start));
        percpu_set_offset(0, (unsigned long)(percpu_boot_area - percpu_template_start));
}
