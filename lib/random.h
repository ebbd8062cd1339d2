/*
 * random.h - reproducible random numbers: the same seed gives the same numbers everywhere.
 *
 * For tests, failure injection and shuffling; useless for secrets. No locking: a struct random
 * belongs to one user. May be used in any context.
 */
#pragma once

#include "lib/types.h"

struct random {
        u64 state;
};

/* random_seed - start the sequence of seed; any seed is as good as any other. */
void random_seed(struct random *random, u64 seed);

/* random_next - the next 64 random bits. */
u64 random_next(struct random *random);

/* random_below - a number from 0 to bound - 1, each as likely as the others. bound is not 0. */
u32 random_below(struct random *random, u32 bound);

/* random_between - a number from first to last, both included. */
u32 random_between(struct random *random, u32 first, u32 last);

/* random_one_in - true once in count calls on average. count is not 0. */
bool random_one_in(struct random *random, u32 count);

/* random_shuffle - put the count elements of array, each of element_bytes, into random order. */
void random_shuffle(struct random *random, void *array, size_t count, size_t element_bytes);

/*
 * random_permute - the number at place index when 0 … count - 1 are shuffled by seed.
 *
 * Shuffles without memory: for one seed and count, each index below count has another result.
 * index is less than count. The order is random enough for tests, not one of all count!.
 */
u32 random_permute(u64 seed, u32 index, u32 count);
