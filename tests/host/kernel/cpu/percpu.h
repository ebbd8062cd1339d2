/*
 * percpu.h - stand-in for hosted tests: the same template and copies, reached by plain C. A test
 * says which CPU runs; no operation is ever split.
 */
#pragma once

#include "kernel/cpu/nr_cpus.h"
#include "lib/assert.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define DEFINE_PER_CPU(type, name) __section("percpu_template") __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name

#define PERCPU_UNIT_BYTES_MOST (4ul << 20)

/* The template lies among the program's variables, where it can also be read. */
extern char percpu_template_start[] __asm__("__start_percpu_template");
extern char percpu_template_end[] __asm__("__stop_percpu_template");
#define percpu_template_values percpu_template_start

/* The page in which the template begins: what every CPU's unit begins with. */
#define PERCPU_TEMPLATE_START ((unsigned long)percpu_template_start & ~4095ul)

extern unsigned long per_cpu_offset[NR_CPUS];

/* The CPU that runs now; a test changes it to be another one. */
extern unsigned int host_cpu;

#define per_cpu_ptr(pointer, cpu) \
        ((__typeof__(pointer))((unsigned long)(pointer) + per_cpu_offset[cpu]))
#define per_cpu(name, cpu) (*per_cpu_ptr(&(name), cpu))
#define this_cpu_ptr(pointer) per_cpu_ptr(pointer, host_cpu)

#define this_cpu_read(variable) per_cpu(variable, host_cpu)
#define this_cpu_write(variable, value) ((void)(per_cpu(variable, host_cpu) = (value)))
#define this_cpu_add(variable, value) ((void)(per_cpu(variable, host_cpu) += (value)))
#define this_cpu_sub(variable, value) ((void)(per_cpu(variable, host_cpu) -= (value)))
#define this_cpu_and(variable, value) ((void)(per_cpu(variable, host_cpu) &= (value)))
#define this_cpu_or(variable, value) ((void)(per_cpu(variable, host_cpu) |= (value)))
#define this_cpu_inc(variable) this_cpu_add(variable, 1)
#define this_cpu_dec(variable) this_cpu_sub(variable, 1)

#define this_cpu_dec_and_test(variable) (--per_cpu(variable, host_cpu) == 0)

#define this_cpu_xchg(variable, value)                                          \
        ({                                                                      \
                __typeof__(variable) percpu_value = this_cpu_read(variable);    \
                                                                                \
                this_cpu_write(variable, value);                                \
                percpu_value;                                                   \
        })

#define this_cpu_cmpxchg(variable, old, next)                                   \
        ({                                                                      \
                __typeof__(variable) percpu_value = this_cpu_read(variable);    \
                                                                                \
                if (percpu_value == (old))                                      \
                        this_cpu_write(variable, next);                         \
                percpu_value;                                                   \
        })

/* this_cpu_offset - where this CPU's copies are. */
static inline unsigned long this_cpu_offset(void)
{
        return per_cpu_offset[host_cpu];
}

/* percpu_set_offset - the copies of a CPU are at this distance from now on. */
void percpu_set_offset(unsigned int cpu, unsigned long offset);

/* percpu_boot_copy - the page of simulated memory at which a CPU's copy begins; NULL for none. */
char *percpu_boot_copy(unsigned int cpu);

/* percpu_move_boot_copies - the copies of all CPUs are at offsets[cpu] from now on. */
void percpu_move_boot_copies(const unsigned long offsets[NR_CPUS]);

/*
 * percpu_is_template - whether an address is that of a per-CPU variable. Unlike in the kernel, what
 * alloc_percpu() returns is not recognized: the program's own variables lie behind the template.
 */
static inline bool percpu_is_template(const volatile void *address)
{
        return (const volatile char *)address >= percpu_template_start &&
               (const volatile char *)address < percpu_template_end;
}
