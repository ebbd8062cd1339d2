/*
 * Random numbers
 *
 * Idea        SplitMix64: a counter that steps by an odd constant, so that it takes every value
 *             once in 2^64 steps, and a mixing function that makes neighbours look unrelated.
 *
 *             A number below a bound is the high half of random * bound. Some results would come
 *             up once more often than others; the draws that cause it, fewer than bound in 2^32,
 *             are rejected.
 *
 *             A shuffle without memory mixes the index by steps that can each be undone (add,
 *             multiply by an odd number, fold the high bits into the low ones), so that no two
 *             indexes meet. The steps work on a power of two; a result beyond count is mixed again
 *             until it falls below, which it must, as the walk is a cycle through index itself.
 *
 * Reading     Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014; Lemire,
 *             "Fast random integer generation in an interval", 2019; Black and Rogaway, "Ciphers
 *             with arbitrary finite domains", 2002 (cycle walking).
 */
#include "lib/random.h"

#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/string.h"

/* 2^64 divided by the golden ratio, made odd: steps that spread evenly. */
#define GOLDEN_STEP 0x9e3779b97f4a7c15ull

/* Mixes all bits of value into each other; different values stay different. */
static u64 mix(u64 value)
{
        value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
        value = (value ^ value >> 27) * 0x94d049bb133111ebull;
        return value ^ value >> 31;
}

void random_seed(struct random *random, u64 seed)
{
        random->state = mix(seed);
}

u64 random_next(struct random *random)
{
        random->state += GOLDEN_STEP;
        return mix(random->state);
}

u32 random_below(struct random *random, u32 bound)
{
        BUG_ON(bound == 0, "no number is below 0");

        u64 product = (random_next(random) >> 32) * bound;
        if ((u32)product < bound) {
                u32 rejected = -bound % bound;
                while ((u32)product < rejected)
                        product = (random_next(random) >> 32) * bound;
        }
        return (u32)(product >> 32);
}

u32 random_between(struct random *random, u32 first, u32 last)
{
        BUG_ON(first > last, "first=%u last=%u", first, last);

        u32 count = last - first + 1;
        return count ? first + random_below(random, count) : (u32)random_next(random);
}

bool random_one_in(struct random *random, u32 count)
{
        return random_below(random, count) == 0;
}

void random_shuffle(struct random *random, void *array, size_t count, size_t element_bytes)
{
        unsigned char *elements = array;

        for (size_t left = count; left > 1; left--) {
                size_t chosen = random_below(random, (u32)left);
                memswap(elements + (left - 1) * element_bytes, elements + chosen * element_bytes,
                        element_bytes);
        }
}

/* One walk step: maps the numbers of the given bits onto themselves, each to another. */
static u32 permute_bits(u64 seed, u32 value, unsigned int bits)
{
        u32 mask = (u32)((1ull << bits) - 1);
        unsigned int fold = bits / 2 + 1;
        struct random keys;

        random_seed(&keys, seed);
        for (int round = 0; round < 3; round++) {
                u64 key = random_next(&keys);
                value = (value + (u32)key) & mask;
                value = value * ((u32)(key >> 32) | 1) & mask;
                value ^= value >> fold;
        }
        return value;
}

u32 random_permute(u64 seed, u32 index, u32 count)
{
        BUG_ON(index >= count, "index=%u count=%u", index, count);

        unsigned int bits = count > 1 ? highest_bit(count - 1) + 1 : 1;
        do {
                index = permute_bits(seed, index, bits);
        } while (index >= count);
        return index;
}
