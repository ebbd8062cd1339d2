/* A timing wheel against a list that is searched from end to end. */
#include <string.h>

#include "kernel/time/wheel.h"
#include "lib/bits.h"
#include "lib/compiler.h"
#include "tests/fuzz/fuzz.h"

#define NODES 24u

/* What the model knows of a node. */
struct model_node {
        bool is_in;
        u32 expires;
        unsigned int number;            /* of those put in, this is the so-manieth */
};

static struct wheel wheel;
static struct wheel_node nodes[NODES];
static struct model_node model[NODES];
static unsigned int put_in_count;

/* A distance of any number of bits, with a preference for whole digits and their neighbours. */
static u32 take_distance(struct fuzz_stream *stream)
{
        unsigned int bits = fuzz_below(stream, 32);
        u32 distance = (u32)fuzz_take_number(stream, 4) & (BIT(bits) - 1);

        if (fuzz_take(stream) & 1)
                distance = BIT(bits) - fuzz_below(stream, 3);
        return distance & 0x7FFFFFFF;
}

/* Put a node in, now and then for a moment that has come already. */
static void step_add(struct fuzz_stream *stream, unsigned int index)
{
        u32 distance = take_distance(stream);
        bool is_past = distance == 0 || fuzz_below(stream, 8) == 0;

        wheel_add(&wheel, &nodes[index], is_past ? wheel.clock - distance : wheel.clock + distance);
        model[index] = (struct model_node){
                .is_in = true,
                .expires = wheel.clock + (is_past ? 1 : distance),
                .number = put_in_count++,
        };
        FUZZ_REQUIRE(nodes[index].expires == model[index].expires);
}

/* Take a node out. */
static void step_remove(unsigned int index)
{
        wheel_remove(&wheel, &nodes[index]);
        model[index].is_in = false;
        FUZZ_REQUIRE(!wheel_holds(&nodes[index]));
}

/* The node that must come next, if it comes by a moment at this distance from start. */
static int model_next(u32 start, u32 distance)
{
        int best = -1;

        for (unsigned int index = 0; index < NODES; index++) {
                u32 away = model[index].expires - start;

                if (!model[index].is_in || away > distance)
                        continue;
                if (best < 0 || away < model[best].expires - start ||
                    (away == model[best].expires - start &&
                     model[index].number < model[best].number))
                        best = (int)index;
        }
        return best;
}

/* WHEEL-5: let time go on; all that is due comes, in order, and nothing else. */
static void step_advance(u32 distance)
{
        u32 start = wheel.clock, now = start + distance;
        int next;

        while ((next = model_next(start, distance)) >= 0) {
                FUZZ_REQUIRE(wheel_advance(&wheel, now));
                wheel_check(&wheel);
                FUZZ_REQUIRE(wheel.clock == model[next].expires);
                FUZZ_REQUIRE(wheel_take_due(&wheel) == &nodes[next]);
                model[next].is_in = false;
        }
        FUZZ_REQUIRE(!wheel_advance(&wheel, now));
        FUZZ_REQUIRE(wheel.clock == now && !wheel_take_due(&wheel));
}

/* The moment that wheel_next() names: not after the next node, and after the clock. */
static void check_next(void)
{
        int next = model_next(wheel.clock, UINT32_MAX);
        u32 moment;

        FUZZ_REQUIRE(wheel_next(&wheel, &moment) == (next >= 0));
        if (next >= 0)
                FUZZ_REQUIRE(moment - wheel.clock - 1 < model[next].expires - wheel.clock);
}

/* WHEEL-1, WHEEL-2, WHEEL-3 and WHEEL-4 after each step. */
void fuzz_wheel(const u8 *data, size_t length)
{
        struct fuzz_stream stream = fuzz_open(data, length);

        memset(&wheel, 0, sizeof(wheel));
        memset(nodes, 0, sizeof(nodes));
        memset(model, 0, sizeof(model));
        put_in_count = 0;
        wheel.clock = (u32)fuzz_take_number(&stream, 4);
        while (fuzz_has_more(&stream)) {
                unsigned int index = fuzz_below(&stream, NODES + NODES / 2);

                if (index >= NODES)
                        step_advance(take_distance(&stream));
                else if (model[index].is_in)
                        step_remove(index);
                else
                        step_add(&stream, index);
                wheel_check(&wheel);
                check_next();
        }
}
