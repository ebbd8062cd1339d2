/*
 * Timing wheel
 *
 * Idea        Write moments as numbers of seven digits to the base 32. A node waits in the slot
 *             that the highest digit names in which its moment differs from the clock. So what is
 *             near is sorted exactly, what is far is sorted roughly, and when the clock reaches a
 *             rough slot its nodes are sorted anew: at most six times in a node's life.
 *
 * Picture     clock = ...0 2 30      (digits; higher ones are equal)
 *
 *             level 0   | | | | ... | |31|        31: moment ...0 2 31, in one tick
 *             level 1   | | | |3| ...    |        3:  moments ...0 3 0 to ...0 3 31
 *             level 2   | |1| ...        |        1:  moments ...1 0 0 to ...1 31 31
 *                          ^
 *             occupied     bit 1 of level 2 is set: finding the next one is a bit scan
 *
 *             At ...0 3 0 the nodes of slot 3 of level 1 go to level 0, in their order.
 *
 * Data        lists[], by level and digit; the last is of nodes whose moment has come. A ring of
 *             nodes needs no head, so that a wheel of zeros is a wheel.
 *
 * Invariants  WHEEL-1  a bit of occupied[] is set exactly when that slot has nodes.
 *             WHEEL-2  a node that is not due lies in the slot of the highest digit in which its
 *                      moment differs from the clock, and after the clock.
 *             WHEEL-3  a due node's moment is not after the clock.
 *             WHEEL-4  count is the number of nodes, and each knows its slot.
 *             WHEEL-5  due nodes are taken in the order of their moments, and those of one moment
 *                      in the order they were put in. (Guarded by tests/fuzz/fuzz_wheel.c.)
 *
 * Locking     The caller's.
 *
 * Cost        Adding and removing are constant. Advancing takes a step for each slot that has
 *             nodes, none for empty ones, however far the clock goes.
 *
 * Failure     Nothing can run short. A node put in twice is the caller's bug and panics.
 *
 * Reading     Varghese and Lauck (SOSP 1987); LKD, chapter 11, "Timer Implementation".
 */
#include "kernel/time/wheel.h"

#include "lib/assert.h"
#include "lib/bits.h"

#define TOP_LEVEL (WHEEL_LEVELS - 1)
#define DUE_SLOT (WHEEL_LISTS - 1)

/* The digit of a moment at a level. */
static unsigned int digit_of(u32 moment, unsigned int level)
{
        return moment >> (level * WHEEL_DIGIT_BITS) & (WHEEL_DIGITS - 1);
}

/* Whether moment a lies after moment b, as the clock goes. */
static bool is_after(u32 a, u32 b)
{
        return (s32)(b - a) < 0;
}

/* The slot of a moment after the clock, WHEEL-2. */
static unsigned int slot_of(const struct wheel *wheel, u32 moment)
{
        unsigned int level = highest_bit(moment ^ wheel->clock) / WHEEL_DIGIT_BITS;

        return level * WHEEL_DIGITS + digit_of(moment, level);
}

/* Make a node the last of a slot. */
static void put(struct wheel *wheel, struct wheel_node *node, unsigned int slot)
{
        struct wheel_node *first = wheel->lists[slot];

        node->place = (u16)(slot + 1);
        wheel->count++;
        if (first) {
                list_add_tail(&node->links, &first->links);
                return;
        }
        INIT_LIST_HEAD(&node->links);
        wheel->lists[slot] = node;
        if (slot != DUE_SLOT)
                wheel->occupied[slot / WHEEL_DIGITS] |= BIT(slot % WHEEL_DIGITS);
}

/* Take a node out of its slot. */
static void take(struct wheel *wheel, struct wheel_node *node)
{
        unsigned int slot = node->place - 1u;

        node->place = 0;
        wheel->count--;
        if (!list_empty(&node->links)) {
                if (wheel->lists[slot] == node)
                        wheel->lists[slot] = list_first_entry(&node->links, struct wheel_node,
                                                              links);
                list_del(&node->links);
                return;
        }
        wheel->lists[slot] = NULL;
        if (slot != DUE_SLOT)
                wheel->occupied[slot / WHEEL_DIGITS] &= ~BIT(slot % WHEEL_DIGITS);
}

void wheel_add(struct wheel *wheel, struct wheel_node *node, u32 expires)
{
        BUG_ON(node->place, "node %p is in a wheel", (void *)node);
        node->expires = is_after(expires, wheel->clock) ? expires : wheel->clock + 1;
        put(wheel, node, slot_of(wheel, node->expires));
}

void wheel_remove(struct wheel *wheel, struct wheel_node *node)
{
        BUG_ON(!node->place || node->place > WHEEL_LISTS, "node %p is in no wheel", (void *)node);
        take(wheel, node);
}

/*
 * The next digit of a level with nodes. On all but the highest level these are above the clock's,
 * or they would differ from it in a higher digit; there the digits go round.
 */
static unsigned int next_digit(const struct wheel *wheel, unsigned int level)
{
        u32 occupied = wheel->occupied[level];
        unsigned int digit = digit_of(wheel->clock, level);

        if (level == TOP_LEVEL && occupied >> digit)
                return digit + lowest_bit(occupied >> digit);
        return lowest_bit(occupied);
}

bool wheel_next(const struct wheel *wheel, u32 *moment)
{
        unsigned int level = 0;

        while (level < WHEEL_LEVELS && !wheel->occupied[level])
                level++;
        if (level == WHEEL_LEVELS)
                return false;

        unsigned int shift = level * WHEEL_DIGIT_BITS;
        u32 higher = level == TOP_LEVEL ? 0 : wheel->clock >> shift >> WHEEL_DIGIT_BITS
                                                      << WHEEL_DIGIT_BITS << shift;

        *moment = higher | next_digit(wheel, level) << shift;
        return true;
}

/* The clock shows the first moment of a slot: sort its nodes anew. */
static void sort_slot(struct wheel *wheel, unsigned int slot)
{
        struct wheel_node *node;

        while ((node = wheel->lists[slot])) {
                take(wheel, node);
                put(wheel, node, node->expires == wheel->clock ? DUE_SLOT
                                                              : slot_of(wheel, node->expires));
        }
}

/*
 * Set the clock to a moment at which there is something to do: at every level whose lower digits
 * are 0 now, from above, because nodes go down at most to a level that is looked at later.
 */
static void step_to(struct wheel *wheel, u32 moment)
{
        wheel->clock = moment;
        for (unsigned int level = WHEEL_LEVELS; level-- > 0;) {
                unsigned int digit = digit_of(moment, level);

                if (wheel->occupied[level] & BIT(digit))
                        sort_slot(wheel, level * WHEEL_DIGITS + digit);
        }
}

bool wheel_advance(struct wheel *wheel, u32 now)
{
        u32 moment;

        BUG_ON(is_after(wheel->clock, now), "clock %#x is after %#x", wheel->clock, now);
        while (!wheel->lists[DUE_SLOT] && wheel_next(wheel, &moment) && !is_after(moment, now))
                step_to(wheel, moment);
        if (wheel->lists[DUE_SLOT])
                return true;
        wheel->clock = now;
        return false;
}

struct wheel_node *wheel_take_due(struct wheel *wheel)
{
        struct wheel_node *node = wheel->lists[DUE_SLOT];

        if (node)
                take(wheel, node);
        return node;
}

/* Call visit for the nodes of one slot. Returns how many there are. */
static unsigned int visit_slot(const struct wheel *wheel, unsigned int slot,
                               void (*visit)(const struct wheel_node *node, void *context),
                               void *context)
{
        const struct wheel_node *node = wheel->lists[slot];
        unsigned int count = 0;

        while (node && (count == 0 || node != wheel->lists[slot])) {
                visit(node, context);
                node = list_first_entry(&node->links, struct wheel_node, links);
                count++;
        }
        return count;
}

void wheel_for_each(const struct wheel *wheel,
                    void (*visit)(const struct wheel_node *node, void *context), void *context)
{
        for (unsigned int slot = 0; slot < WHEEL_LISTS; slot++)
                visit_slot(wheel, slot, visit, context);
}

/* What the check of one slot goes by. */
struct slot_check {
        const struct wheel *wheel;
        unsigned int slot;
};

/* WHEEL-2, WHEEL-3 and the second half of WHEEL-4 for one node. */
static void check_node(const struct wheel_node *node, void *context)
{
        const struct slot_check *check = context;
        u32 clock = check->wheel->clock;
        bool is_due = check->slot == DUE_SLOT;

        CHECK_INVARIANT(WHEEL-4, node->place == check->slot + 1, "place %u in slot %u",
                        node->place, check->slot);
        CHECK_INVARIANT(WHEEL-3, !is_due || !is_after(node->expires, clock),
                        "expires=%#x clock=%#x", node->expires, clock);
        CHECK_INVARIANT(WHEEL-2, is_due || (is_after(node->expires, clock) &&
                        slot_of(check->wheel, node->expires) == check->slot),
                        "expires=%#x clock=%#x slot=%u", node->expires, clock, check->slot);
}

/* What the bits say of a slot; the due have none. */
static bool is_occupied(const struct wheel *wheel, unsigned int slot)
{
        if (slot == DUE_SLOT)
                return wheel->lists[slot];
        return wheel->occupied[slot / WHEEL_DIGITS] & BIT(slot % WHEEL_DIGITS);
}

void wheel_check(const struct wheel *wheel)
{
        unsigned int count = 0;

        for (unsigned int slot = 0; slot < WHEEL_LISTS; slot++) {
                struct slot_check check = { .wheel = wheel, .slot = slot };

                CHECK_INVARIANT(WHEEL-1, is_occupied(wheel, slot) == !!wheel->lists[slot],
                                "slot=%u", slot);
                count += visit_slot(wheel, slot, check_node, &check);
        }
        CHECK_INVARIANT(WHEEL-4, count == wheel->count, "%u nodes, count=%u", count, wheel->count);
}
