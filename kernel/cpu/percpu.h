/*
 * percpu.h - variables of which every CPU has its own.
 *
 *      DEFINE_PER_CPU(unsigned long, interrupt_count);
 *
 *      this_cpu_inc(interrupt_count);          this CPU's, in one instruction
 *      per_cpu(interrupt_count, 3)             that of CPU 3
 *
 * Picture      template, read-only        CPU 0's copy        CPU 1's copy
 *              |  interrupt_count  |      |                |  |                |
 *              `-----------------------------^ + per_cpu_offset[0]
 *                                                             ^ + per_cpu_offset[1]
 *
 * The variable as the compiler knows it is the template, at an address where nothing is mapped: to
 * use it as an ordinary variable is a fault. Every CPU's segment register %fs has that CPU's offset
 * for its base, so that %fs:interrupt_count is this CPU's own, whichever CPU this is, and no other
 * CPU can come between finding it and using it. Pointers that alloc_percpu() returns are of the
 * same kind, and lie behind the template.
 *
 * Context: any. An operation on 1, 2 or 4 bytes is one instruction, and so whole even when
 * interrupts are on and the task may move; two of them after each other may meet two CPUs. One on
 * 8 bytes is as whole, but a call, with interrupts off for a moment.
 *
 * Source: LDD3, chapter 8, "Per-CPU Variables"; Linux's names.
 */
#pragma once

#include "kernel/cpu/nr_cpus.h"
#include "lib/assert.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define DEFINE_PER_CPU(type, name) __section("percpu") __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name

/* Where linker.ld puts the template: in the gap above the direct map, which is never mapped. */
#define PERCPU_TEMPLATE_START 0xF8400000ul

/* What one CPU has at most: its copy of the template and what alloc_percpu() gives. */
#define PERCPU_UNIT_BYTES_MOST (4ul << 20)

/* The addresses that linker.ld gives to the template. */
extern char percpu_template_start[], percpu_template_end[];

/* Where the initial values can be read. */
extern char percpu_template_values[];

/* From the template, or a pointer of alloc_percpu(), to each CPU's copy; 0 while there is none. */
extern unsigned long per_cpu_offset[NR_CPUS];

/* per_cpu_ptr, per_cpu - the copy of a CPU, by pointer and by name. */
#define per_cpu_ptr(pointer, cpu) \
        ((__typeof__(pointer))((unsigned long)(pointer) + per_cpu_offset[cpu]))
#define per_cpu(name, cpu) (*per_cpu_ptr(&(name), cpu))

/* this_cpu_ptr - this CPU's copy: stays this CPU's only while preemption is off. */
#define this_cpu_ptr(pointer) ((__typeof__(pointer))((unsigned long)(pointer) + this_cpu_offset()))

/* What becomes of an operation on a variable of another size than 1, 2, 4 or 8 bytes. */
void percpu_size_is_odd(void) __attribute__((error("per-CPU operation on such a size")));

/* Operations on this CPU's copy of 8 bytes; variable is the template's address. */
u64 percpu_read_8(const volatile void *variable);
void percpu_mov_8(volatile void *variable, u64 value);
void percpu_add_8(volatile void *variable, u64 value);
void percpu_sub_8(volatile void *variable, u64 value);
void percpu_and_8(volatile void *variable, u64 value);
void percpu_or_8(volatile void *variable, u64 value);

/* The value for an operation on 8 bytes; nothing of it is compiled for smaller ones. */
#define PERCPU_VALUE_8(variable, value) \
        ((u64)__builtin_choose_expr(sizeof(variable) == 8, value, 0))

/* The template of where this CPU's copies are; its own copy tells. */
DECLARE_PER_CPU(unsigned long, percpu_own_offset);

/* One instruction on this CPU's variable, which adds a step of 1 or -1. */
#define PERCPU_STEP(instruction, variable, step)                                                \
        do {                                                                                    \
                switch (sizeof(variable)) {                                                     \
                case 1:                                                                         \
                        __asm__ volatile(instruction "b %%fs:%0" : "+m"(variable) : : "cc");    \
                        break;                                                                  \
                case 2:                                                                         \
                        __asm__ volatile(instruction "w %%fs:%0" : "+m"(variable) : : "cc");    \
                        break;                                                                  \
                case 4:                                                                         \
                        __asm__ volatile(instruction "l %%fs:%0" : "+m"(variable) : : "cc");    \
                        break;                                                                  \
                case 8:                                                                         \
                        percpu_add_8(&(variable), (u64)(step));                                 \
                        break;                                                                  \
                default:                                                                        \
                        percpu_size_is_odd();                                                   \
                }                                                                               \
        } while (0)

/* One instruction on this CPU's variable and a value. */
#define PERCPU_CHANGE_BY(instruction, variable, value)                                          \
        do {                                                                                    \
                switch (sizeof(variable)) {                                                     \
                case 1:                                                                         \
                        __asm__ volatile(#instruction "b %1, %%fs:%0"                            \
                                         : "+m"(variable)                                       \
                                         : "qi"((u8)(unsigned long)(value)) : "cc");            \
                        break;                                                                  \
                case 2:                                                                         \
                        __asm__ volatile(#instruction "w %1, %%fs:%0"                            \
                                         : "+m"(variable)                                       \
                                         : "ri"((u16)(unsigned long)(value)) : "cc");           \
                        break;                                                                  \
                case 4:                                                                         \
                        __asm__ volatile(#instruction "l %1, %%fs:%0"                            \
                                         : "+m"(variable)                                       \
                                         : "ri"((u32)(unsigned long)(value)) : "cc");           \
                        break;                                                                  \
                case 8:                                                                         \
                        percpu_##instruction##_8(&(variable), PERCPU_VALUE_8(variable, value)); \
                        break;                                                                  \
                default:                                                                        \
                        percpu_size_is_odd();                                                   \
                }                                                                               \
        } while (0)

/* this_cpu_read, this_cpu_write - this CPU's value. */
#define this_cpu_read(variable)                                                                 \
        ({                                                                                      \
                __typeof__(__builtin_choose_expr(sizeof(variable) == 8, 0u, variable))          \
                        percpu_value;                                                           \
                __typeof__(__builtin_choose_expr(sizeof(variable) == 8, variable, 0u))          \
                        percpu_value_8 = 0;                                                     \
                                                                                                \
                switch (sizeof(variable)) {                                                     \
                case 1:                                                                         \
                        __asm__ volatile("movb %%fs:%1, %0"                                     \
                                         : "=q"(percpu_value) : "m"(variable));                 \
                        break;                                                                  \
                case 2:                                                                         \
                        __asm__ volatile("movw %%fs:%1, %0"                                     \
                                         : "=r"(percpu_value) : "m"(variable));                 \
                        break;                                                                  \
                case 4:                                                                         \
                        __asm__ volatile("movl %%fs:%1, %0"                                     \
                                         : "=r"(percpu_value) : "m"(variable));                 \
                        break;                                                                  \
                case 8:                                                                         \
                        percpu_value_8 = percpu_read_8(&(variable));                            \
                        break;                                                                  \
                default:                                                                        \
                        percpu_size_is_odd();                                                   \
                }                                                                               \
                __builtin_choose_expr(sizeof(variable) == 8, percpu_value_8, percpu_value);     \
        })
#define this_cpu_write(variable, value) PERCPU_CHANGE_BY(mov, variable, value)

/* this_cpu_add and the like - change this CPU's value. */
#define this_cpu_add(variable, value) PERCPU_CHANGE_BY(add, variable, value)
#define this_cpu_sub(variable, value) PERCPU_CHANGE_BY(sub, variable, value)
#define this_cpu_and(variable, value) PERCPU_CHANGE_BY(and, variable, value)
#define this_cpu_or(variable, value) PERCPU_CHANGE_BY(or, variable, value)
#define this_cpu_inc(variable) PERCPU_STEP("inc", variable, 1)
#define this_cpu_dec(variable) PERCPU_STEP("dec", variable, -1)

/* this_cpu_dec_and_test - take one off this CPU's 4 bytes. Returns: whether that left 0. */
#define this_cpu_dec_and_test(variable)                                                         \
        ({                                                                                      \
                bool percpu_is_zero;                                                            \
                                                                                                \
                static_assert(sizeof(variable) == 4, "one machine word");                       \
                __asm__ volatile("decl %%fs:%0"                                                 \
                                 : "+m"(variable), "=@ccz"(percpu_is_zero) : : "memory");       \
                percpu_is_zero;                                                                 \
        })

/* this_cpu_xchg - store value and return what was there; variable has 4 bytes. */
#define this_cpu_xchg(variable, value)                                                          \
        ({                                                                                      \
                __typeof__(variable) percpu_value = (value);                                    \
                                                                                                \
                static_assert(sizeof(variable) == 4, "one machine word");                       \
                __asm__ volatile("xchgl %0, %%fs:%1" : "+r"(percpu_value), "+m"(variable));     \
                percpu_value;                                                                   \
        })

/* this_cpu_cmpxchg - store next if old is there; returns what was there; variable has 4 bytes. */
#define this_cpu_cmpxchg(variable, old, next)                                                   \
        ({                                                                                      \
                __typeof__(variable) percpu_value = (old);                                      \
                                                                                                \
                static_assert(sizeof(variable) == 4, "one machine word");                       \
                __asm__ volatile("cmpxchgl %2, %%fs:%1"                                         \
                                 : "+a"(percpu_value), "+m"(variable)                           \
                                 : "r"((__typeof__(variable))(next)) : "cc");                   \
                percpu_value;                                                                   \
        })

/* this_cpu_offset - the base of %fs: where this CPU's copies are. */
static inline unsigned long this_cpu_offset(void)
{
        return this_cpu_read(percpu_own_offset);
}

/*
 * percpu_init_boot_cpu - copy the template to the place that the image has for the first CPU.
 * gdt_load() then makes %fs lead there. Context: the very first thing in kernel_main().
 */
void percpu_init_boot_cpu(void);

/*
 * percpu_set_offset - CPU cpu has its copies at this distance from the template from now on; they
 * must have been filled. %fs of that CPU follows with gdt_set_percpu_base().
 */
void percpu_set_offset(unsigned int cpu, unsigned long offset);

/*
 * percpu_boot_copy - the page-aligned copy of the template that a CPU has had since boot, in the
 * direct map; NULL when it has none.
 */
char *percpu_boot_copy(unsigned int cpu);

/*
 * percpu_move_boot_copies - every CPU that has a boot copy finds it at this other distance from
 * now on: offsets[cpu], where the same pages are mapped too.
 *
 * Context: boot, the first CPU, alone.
 */
void percpu_move_boot_copies(const unsigned long offsets[NR_CPUS]);

/*
 * percpu_is_template - whether an address is that of a per-CPU variable, or of a part of what
 * alloc_percpu() returned: one that means nothing until a CPU's offset is added.
 */
static inline bool percpu_is_template(const volatile void *address)
{
        return (unsigned long)address - PERCPU_TEMPLATE_START < PERCPU_UNIT_BYTES_MOST;
}
