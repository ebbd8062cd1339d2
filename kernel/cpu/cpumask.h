/*
 * cpumask.h - sets of CPUs.
 *
 *      struct cpumask waiting;
 *
 *      cpumask_copy(&waiting, cpu_online_mask);
 *      cpumask_clear_cpu(smp_processor_id(), &waiting);
 *      for_each_cpu(cpu, &waiting)
 *              …
 *
 * The names and meanings are Linux's. Setting, clearing and testing one CPU is atomic; what works
 * on a whole set goes through it word by word, and other CPUs may change it meanwhile.
 *
 * Context: any, everywhere in this file.
 */
#pragma once

#include "kernel/cpu/nr_cpus.h"
#include "lib/bits.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define CPUMASK_WORD_BITS 32u
#define CPUMASK_WORDS ((NR_CPUS + CPUMASK_WORD_BITS - 1) / CPUMASK_WORD_BITS)

struct cpumask {
        u32 words[CPUMASK_WORDS];       /* bit n of word m: CPU 32 m + n */
};

/* The CPUs that run. CPUs join while the machine starts, and never leave. */
extern struct cpumask cpu_online_bits;
#define cpu_online_mask ((const struct cpumask *)&cpu_online_bits)

/* cpumask_clear, cpumask_copy - make a set empty, or like another. */
static inline void cpumask_clear(struct cpumask *mask)
{
        *mask = (struct cpumask){ { 0 } };
}

static inline void cpumask_copy(struct cpumask *mask, const struct cpumask *source)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                mask->words[word] = READ_ONCE(source->words[word]);
}

/* cpumask_setall - the set of all possible CPUs. */
static inline void cpumask_setall(struct cpumask *mask)
{
        cpumask_clear(mask);
        for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
                mask->words[cpu / CPUMASK_WORD_BITS] |= BIT(cpu % CPUMASK_WORD_BITS);
}

/* cpumask_set_cpu, cpumask_clear_cpu - add a CPU, take one out. A full memory barrier. */
static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *mask)
{
        __atomic_or_fetch(&mask->words[cpu / CPUMASK_WORD_BITS], BIT(cpu % CPUMASK_WORD_BITS),
                          __ATOMIC_SEQ_CST);
}

static inline void cpumask_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
        __atomic_and_fetch(&mask->words[cpu / CPUMASK_WORD_BITS], ~BIT(cpu % CPUMASK_WORD_BITS),
                           __ATOMIC_SEQ_CST);
}

/* cpumask_test_and_set_cpu, cpumask_test_and_clear_cpu - the same; return how it was. */
static inline bool cpumask_test_and_set_cpu(unsigned int cpu, struct cpumask *mask)
{
        u32 bit = BIT(cpu % CPUMASK_WORD_BITS);

        return __atomic_fetch_or(&mask->words[cpu / CPUMASK_WORD_BITS], bit, __ATOMIC_SEQ_CST) &
               bit;
}

static inline bool cpumask_test_and_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
        u32 bit = BIT(cpu % CPUMASK_WORD_BITS);

        return __atomic_fetch_and(&mask->words[cpu / CPUMASK_WORD_BITS], ~bit, __ATOMIC_SEQ_CST) &
               bit;
}

/* cpumask_test_cpu - whether a CPU is in the set. */
static inline bool cpumask_test_cpu(unsigned int cpu, const struct cpumask *mask)
{
        return READ_ONCE(mask->words[cpu / CPUMASK_WORD_BITS]) >> cpu % CPUMASK_WORD_BITS & 1;
}

/* cpumask_and, cpumask_or, cpumask_andnot - those in both, in one of two, only in the first. */
static inline void cpumask_and(struct cpumask *mask, const struct cpumask *a,
                               const struct cpumask *b)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                mask->words[word] = READ_ONCE(a->words[word]) & READ_ONCE(b->words[word]);
}

static inline void cpumask_or(struct cpumask *mask, const struct cpumask *a,
                              const struct cpumask *b)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                mask->words[word] = READ_ONCE(a->words[word]) | READ_ONCE(b->words[word]);
}

static inline void cpumask_andnot(struct cpumask *mask, const struct cpumask *a,
                                  const struct cpumask *b)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                mask->words[word] = READ_ONCE(a->words[word]) & ~READ_ONCE(b->words[word]);
}

/* cpumask_empty - whether no CPU is in the set. */
static inline bool cpumask_empty(const struct cpumask *mask)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                if (READ_ONCE(mask->words[word]))
                        return false;
        return true;
}

/* cpumask_equal, cpumask_intersects - whether two sets are alike, or have a CPU in common. */
static inline bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                if (READ_ONCE(a->words[word]) != READ_ONCE(b->words[word]))
                        return false;
        return true;
}

static inline bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                if (READ_ONCE(a->words[word]) & READ_ONCE(b->words[word]))
                        return true;
        return false;
}

/* cpumask_weight - how many CPUs are in the set. */
static inline unsigned int cpumask_weight(const struct cpumask *mask)
{
        unsigned int count = 0;

        for (unsigned int word = 0; word < CPUMASK_WORDS; word++)
                for (u32 bits = READ_ONCE(mask->words[word]); bits; bits &= bits - 1)
                        count++;
        return count;
}

/*
 * cpumask_next - the lowest CPU of the set above cpu; cpumask_first - the lowest of all.
 * Return: a number of NR_CPUS or more when there is none.
 */
static inline unsigned int cpumask_next(int cpu, const struct cpumask *mask)
{
        unsigned int next = (unsigned int)(cpu + 1);

        while (next < NR_CPUS) {
                u32 bits = READ_ONCE(mask->words[next / CPUMASK_WORD_BITS]) >>
                           next % CPUMASK_WORD_BITS;

                if (bits)
                        return next + lowest_bit(bits);
                next = ROUND_DOWN(next, CPUMASK_WORD_BITS) + CPUMASK_WORD_BITS;
        }
        return NR_CPUS;
}

static inline unsigned int cpumask_first(const struct cpumask *mask)
{
        return cpumask_next(-1, mask);
}

/* for_each_cpu - every CPU of a set, the lowest first. */
#define for_each_cpu(cpu, mask) \
        for ((cpu) = cpumask_first(mask); (cpu) < NR_CPUS; (cpu) = cpumask_next((int)(cpu), mask))

/* for_each_online_cpu, cpu_online, num_online_cpus - of those that run now. */
#define for_each_online_cpu(cpu) for_each_cpu(cpu, cpu_online_mask)

static inline bool cpu_online(unsigned int cpu)
{
        return cpu < NR_CPUS && cpumask_test_cpu(cpu, cpu_online_mask);
}

static inline unsigned int num_online_cpus(void)
{
        return cpumask_weight(cpu_online_mask);
}
