/* percpu.c - the first CPU's copy of the per-CPU variables, which the image has room for. */
#include "kernel/cpu/percpu.h"

#include "kernel/cpu/gdt.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "lib/string.h"

extern char percpu_boot_area[];         /* from linker.ld */

DEFINE_PER_CPU(unsigned long, percpu_own_offset);
DEFINE_PER_CPU(unsigned int, cpu_number);
DEFINE_PER_CPU(unsigned int, preempt_word) = PREEMPT_NO_RESCHEDULE;

unsigned long per_cpu_offset[NR_CPUS];
unsigned int nr_cpu_ids = 1;

u64 percpu_read_8(const volatile void *variable)
{
        unsigned long flags = local_irq_save();
        u64 value = *(const volatile u64 *)this_cpu_ptr(variable);

        local_irq_restore(flags);
        return value;
}

/* Define an operation on 8 bytes by C's operator for it. */
#define PERCPU_OPERATION_8(name, operator)                              \
        void percpu_##name##_8(volatile void *variable, u64 value)      \
        {                                                               \
                unsigned long flags = local_irq_save();                 \
                                                                        \
                *(volatile u64 *)this_cpu_ptr(variable) operator value; \
                local_irq_restore(flags);                               \
        }

PERCPU_OPERATION_8(mov, =)
PERCPU_OPERATION_8(add, +=)
PERCPU_OPERATION_8(sub, -=)
PERCPU_OPERATION_8(and, &=)
PERCPU_OPERATION_8(or, |=)

void percpu_set_offset(unsigned int cpu, unsigned long offset)
{
        per_cpu_offset[cpu] = offset;
        per_cpu(percpu_own_offset, cpu) = offset;
        per_cpu(cpu_number, cpu) = cpu;
}

char *percpu_boot_copy(unsigned int cpu)
{
        return cpu == 0 ? percpu_boot_area : NULL;
}

void percpu_init_boot_cpu(void)
{
        memcpy(percpu_boot_area, percpu_template_values,
               (size_t)(percpu_template_end - percpu_template_start));
        percpu_set_offset(0, (unsigned long)percpu_boot_area - PERCPU_TEMPLATE_START);
}

void percpu_move_boot_copies(const unsigned long offsets[NR_CPUS])
{
        unsigned long flags = local_irq_save();

        percpu_set_offset(0, offsets[0]);
        gdt_set_percpu_base(0);
        percpu_segment_reload();
        local_irq_restore(flags);
}
