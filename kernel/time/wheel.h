/*
 * wheel.h - a queue of moments: put one in, take it out again, ask for those that have come.
 *
 * Pure arithmetic: no clock, no lock, no CPU. kernel/time/timer.c makes timers of it, one wheel for
 * each CPU.
 *
 * A wheel of zeros is empty and stands at moment 0; a node of zeros is in no wheel. Moments are
 * 32-bit numbers that may wrap, and lie less than 2^31 after the wheel's clock.
 *
 * Context: any; the caller makes sure that nobody else uses the wheel.
 *
 * Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", scheme 7.
 */
#pragma once

#include "lib/list.h"

#define WHEEL_DIGIT_BITS 5u
#define WHEEL_DIGITS 32u                /* slots of a level: a bit each of one word */
#define WHEEL_LEVELS 7u                 /* 7 digits of 5 bits are more than 32 bits */
#define WHEEL_LISTS (WHEEL_LEVELS * WHEEL_DIGITS + 1)

struct wheel_node {
        struct list_head links;         /* a ring of the nodes of one slot, without a head */
        u32 expires;                    /* the moment */
        u16 place;                      /* the number of the slot and one; 0: in no wheel */
};

struct wheel {
        u32 clock;                      /* all moments up to this one have come */
        unsigned int count;             /* nodes, the due ones included */
        u32 occupied[WHEEL_LEVELS];     /* a bit for each slot with nodes */
        struct wheel_node *lists[WHEEL_LISTS];  /* the first node of each slot; last: the due */
};

/* wheel_holds - whether node is in a wheel. */
static inline bool wheel_holds(const struct wheel_node *node)
{
        return READ_ONCE(node->place) != 0;
}

/*
 * wheel_add - put a node in, which is in no wheel. A moment that has come already is taken to be
 * the next one. Nodes of one moment come in the order in which they were put in.
 */
void wheel_add(struct wheel *wheel, struct wheel_node *node, u32 expires);

/* wheel_remove - take a node out, which is in this wheel. */
void wheel_remove(struct wheel *wheel, struct wheel_node *node);

/*
 * wheel_next - the next moment at which there is something to do: no node is due earlier.
 *
 * Returns: false when the wheel has no nodes but due ones.
 */
bool wheel_next(const struct wheel *wheel, u32 *moment);

/*
 * wheel_advance - let the clock go on to the next moment at which nodes become due, but not beyond
 * now, which may not lie before the clock.
 *
 * Returns: whether there are due nodes; if not, the clock shows now.
 */
bool wheel_advance(struct wheel *wheel, u32 now);

/* wheel_take_due - take out the first of the due nodes; NULL when there are none. */
struct wheel_node *wheel_take_due(struct wheel *wheel);

/* wheel_for_each - call visit for every node, in no order; it may not change the wheel. */
void wheel_for_each(const struct wheel *wheel,
                    void (*visit)(const struct wheel_node *node, void *context), void *context);

/* wheel_check - WHEEL-1 to WHEEL-4. */
void wheel_check(const struct wheel *wheel);
