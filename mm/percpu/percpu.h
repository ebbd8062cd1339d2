/*
 * percpu.h - per-CPU data: section 8 of the interface. Variables are defined with DEFINE_PER_CPU()
 * of kernel/cpu/percpu.h, which this brings along; here is how they are used and allocated.
 *
 *      get_cpu_var(packet_count)++;            this CPU's, preemption off
 *      put_cpu_var(packet_count);
 *
 *      u64 *counts = alloc_percpu(u64);
 *      *get_cpu_ptr(counts) += 5;              this CPU's
 *      put_cpu_ptr(counts);
 *      sum += *per_cpu_ptr(counts, cpu);       another CPU's
 *      free_percpu(counts);
 *
 * this_cpu_inc(*counts) and the like need no such pair: they are one instruction.
 *
 * Reading: LKD, chapter 12, "Per-CPU Allocations"; LDD3, chapter 8, "Per-CPU Variables".
 */
#pragma once

#include "kernel/cpu/percpu.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"

/* get_cpu - the number of this CPU; the task stays on it until put_cpu(). Context: any. */
static inline unsigned int get_cpu(void)
{
        preempt_disable();
        return smp_processor_id();
}

/* put_cpu - the end of get_cpu(), and what every other end below comes to. */
static inline void put_cpu(void)
{
        preempt_enable();
}

/* What __builtin_classify_type() says of a pointer. */
#define PERCPU_POINTER_CLASS 5

/*
 * get_cpu_var - this CPU's copy of variable, as an lvalue; preemption is off until put_cpu_var().
 *
 * Where variable is no per-CPU variable but an ordinary pointer that alloc_percpu() returned, a
 * void * for example, the value is this CPU's address of the block:
 *
 *      void *block = alloc_percpu(unsigned long);
 *      unsigned long *own = get_cpu_var(block);
 *
 * A variable's address tells the two apart, and only variables that are pointers are asked.
 *
 * Context: any. The task may not sleep before put_cpu_var().
 */
#define get_cpu_var(variable)                                                                   \
        (*(preempt_disable(),                                                                   \
           (__typeof__(&(variable)))__builtin_choose_expr(                                      \
                   __builtin_classify_type(variable) == PERCPU_POINTER_CLASS,                   \
                   percpu_is_template(&(variable))                                              \
                           ? (unsigned long)this_cpu_ptr(&(variable))                           \
                           : (unsigned long)&(unsigned long){                                   \
                                     *(const unsigned long *)&(variable) + this_cpu_offset() }, \
                   (unsigned long)this_cpu_ptr(&(variable)))))

/* put_cpu_var - the end of get_cpu_var() of the same variable. */
#define put_cpu_var(variable)           \
        do {                            \
                (void)&(variable);      \
                preempt_enable();       \
        } while (0)

/* get_cpu_ptr - this CPU's copy of what a per-CPU pointer means, until put_cpu_ptr(). */
#define get_cpu_ptr(pointer)                    \
        ({                                      \
                preempt_disable();              \
                this_cpu_ptr(pointer);          \
        })

/* put_cpu_ptr - the end of get_cpu_ptr() of the same pointer. */
#define put_cpu_ptr(pointer)            \
        do {                            \
                (void)(pointer);        \
                preempt_enable();       \
        } while (0)

/* alloc_percpu - __alloc_percpu() of one object of a type, with the type's own alignment. */
#define alloc_percpu(type) \
        ((__typeof__(type) *)__alloc_percpu(sizeof(type), __alignof__(type)))

/*
 * __alloc_percpu - size bytes for every possible CPU, filled with zeros, aligned to align: a power
 * of two. Neither is 0 or more than a page.
 *
 * Context: may sleep. Returns: a per-CPU pointer, to be used by this_cpu_ptr(), per_cpu_ptr(),
 * this_cpu_inc(*pointer) and the like, and not as it is, which faults; NULL when there is no
 * memory. Another size or alignment is reported as a bug: NULL. The caller owns the block until
 * free_percpu().
 */
void *__alloc_percpu(size_t size, size_t align);

/*
 * free_percpu - give back what __alloc_percpu() returned; NULL does nothing.
 *
 * Context: any. A pointer that is no such block, or none any more, is reported as a bug, and
 * nothing is freed.
 */
void free_percpu(const void *pointer);

/*
 * percpu_trim - give back to the page allocator the pages in which no block is left.
 *
 * Context: any but NMI; waits for all CPUs to flush. Returns: how many pages were freed.
 */
unsigned long percpu_trim(void);

/* What per-CPU data take now. */
struct percpu_usage {
        unsigned long page_count;       /* page frames, of all CPUs and of the book-keeping */
        unsigned long block_count;      /* blocks that somebody owns */
        unsigned long block_bytes;      /* their sizes together, of one CPU, rounded up */
        unsigned int unit_page_count;   /* pages in use behind the template, of one CPU */
};

/* percpu_usage - count. Context: any. */
struct percpu_usage percpu_usage(void);

/* percpu_check - PERCPU-1 to PERCPU-6. Context: nobody else uses memory meanwhile. */
void percpu_check(void);
