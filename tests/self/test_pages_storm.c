/*
 * test_pages_storm.c - pages that come and go at random, from the main flow and from interrupts.
 *
 * A storm holds blocks in slots. Each block is signed as it is taken and checked as it is given
 * back, so that a page that two owners have is seen; and at the end everything must be as before,
 * so that a page that nobody has is seen as well.
 */
#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/io.h"
#include "lib/bits.h"
#include "mm/page_debug.h"
#include "tests/self/page_tools.h"

#define STORM_SLOTS 128u
#define STORM_STEPS 4000u
#define STEPS_BETWEEN_CHECKS 1000u

/* Storms with interrupts go on until so many came, or so many steps were made in vain. */
#define INTERRUPTS_WANTED 500u
#define STEPS_MOST 1000000u

/* The real-time clock is wired to interrupt line 8; the timer makes the kernel's ticks. */
#define CLOCK_LINE 8u
#define CLOCK_INDEX 0x70
#define CLOCK_DATA 0x71
#define CLOCK_STATUS_A 0x0A
#define CLOCK_STATUS_B 0x0B
#define CLOCK_STATUS_C 0x0C             /* reading it ends an interrupt */
#define CLOCK_RATE_MASK 0x0F
#define CLOCK_RATE 4u                   /* 32768 Hz >> (4 - 1): 4096 interrupts a second */
#define CLOCK_PERIODIC 0x40             /* in status B: interrupt at that rate */

struct storm_slot {
        struct page *page;
        u32 salt;
};

/* A storm; belongs to one context. */
struct storm {
        struct random random;
        gfp_t gfp_mask;                 /* what every request says, beside its zone */
        unsigned int largest_order;
        unsigned int damaged_count;     /* blocks whose contents changed, or that were not zero */
        unsigned int served_count;
        struct storm_slot slots[STORM_SLOTS];
};

static struct storm main_storm, interrupt_storm;

/* Begin a storm. */
static void storm_init(struct storm *storm, u64 seed, gfp_t gfp_mask, unsigned int largest_order)
{
        *storm = (struct storm){ .gfp_mask = gfp_mask, .largest_order = largest_order };
        random_seed(&storm->random, seed);
}

/* The last page of a block. */
static struct page *last_page(struct page *page)
{
        return page + (1ul << page_order(page)) - 1;
}

/* Ask for a block for an empty slot: small orders mostly, any zone. */
static void take_block(struct storm *storm, struct storm_slot *slot)
{
        gfp_t modifiers = random_below(&storm->random, GFP_ZONE_LISTS);
        bool zeroed = random_one_in(&storm->random, 8);
        u32 word = (u32)random_next(&storm->random) | BIT(storm->largest_order);

        slot->page = alloc_pages(storm->gfp_mask | modifiers | (zeroed ? __GFP_ZERO : 0),
                                 lowest_bit(word));
        if (!slot->page)
                return;
        storm->served_count++;
        if (zeroed && !page_is_filled(last_page(slot->page), 0))
                storm->damaged_count++;
        slot->salt = (u32)random_next(&storm->random);
        page_sign(last_page(slot->page), slot->salt);
        page_sign(slot->page, slot->salt);
}

/* Give a block back in one of the ways there are. */
static void give_somehow(struct storm *storm, struct page *page, unsigned int order)
{
        unsigned int way = random_below(&storm->random, 4);

        if (way == 0 && page_address(page)) {
                free_pages((unsigned long)page_address(page), order);
        } else if (way == 1) {
                get_page(page);
                put_page(page);
                put_page(page);
        } else if (way == 2) {
                split_page(page, order);
                for (unsigned int index = 0; index < BIT(order); index++)
                        __free_page(page + index);
        } else {
                __free_pages(page, order);
        }
}

/* Check the block of a slot and give it back. */
static void give_block(struct storm *storm, struct storm_slot *slot)
{
        struct page *page = slot->page;

        if (!page_is_signed(page, slot->salt) || !page_is_signed(last_page(page), slot->salt))
                storm->damaged_count++;
        slot->page = NULL;
        give_somehow(storm, page, page_order(page));
}

/* Fill an empty slot or empty a full one. */
static void storm_step(struct storm *storm)
{
        struct storm_slot *slot = &storm->slots[random_below(&storm->random, STORM_SLOTS)];

        if (slot->page)
                give_block(storm, slot);
        else
                take_block(storm, slot);
}

/* Give everything back. Returns how many blocks were damaged in the whole storm. */
static unsigned int storm_end(struct storm *storm)
{
        for (unsigned int index = 0; index < STORM_SLOTS; index++)
                if (storm->slots[index].page)
                        give_block(storm, &storm->slots[index]);
        return storm->damaged_count;
}

/* One storm in the main flow, with checks in between. */
static void run_storm(struct test_state *test, gfp_t gfp_mask, unsigned int largest_order)
{
        static struct free_picture before;

        free_picture_take(&before);
        storm_init(&main_storm, test->seed, gfp_mask | __GFP_NOWARN, largest_order);
        for (unsigned int step = 1; step <= STORM_STEPS; step++) {
                storm_step(&main_storm);
                if (step % STEPS_BETWEEN_CHECKS == 0)
                        page_tools_check();
        }
        EXPECT_EQ(storm_end(&main_storm), 0);
        EXPECT(main_storm.served_count > 0);
        free_picture_compare(test, &before);
        page_tools_check();
}

TEST(page_storm, single_pages)
{
        run_storm(test, GFP_KERNEL, 0);
}

TEST(page_storm, small_orders)
{
        run_storm(test, GFP_KERNEL, 4);
}

TEST(page_storm, all_orders)
{
        run_storm(test, GFP_ATOMIC, MAX_ORDER - 1);
}

/* With next to nothing free, most requests fail, and those that do not use the reserve. */
TEST(page_storm, scarcity)
{
        static struct free_picture before;
        struct hoard hoard;

        free_picture_take(&before);
        hoard_init(&hoard);
        for (unsigned int kind = MAX_NR_ZONES; kind > 0; kind--)
                if (zones[kind - 1].managed_pages)
                        hoard_take_all(&hoard, page_tools_gfp(&zones[kind - 1]), 0);
        run_storm(test, GFP_ATOMIC, 3);
        run_storm(test, GFP_KERNEL | __GFP_NORETRY | __GFP_HIGH, 1);
        hoard_give_back(&hoard, HOARD_SHUFFLED, test->seed);
        free_picture_compare(test, &before);
}

/* Read a register of the clock. */
static u8 clock_read(u8 index)
{
        out8(CLOCK_INDEX, index);
        return in8(CLOCK_DATA);
}

/* Write a register of the clock. */
static void clock_write(u8 index, u8 value)
{
        out8(CLOCK_INDEX, index);
        out8(CLOCK_DATA, value);
}

/* The handler of the clock's line: a few steps of the storm that belongs to interrupts. */
static void storm_in_interrupt(unsigned int irq __unused, void *context)
{
        for (unsigned int step = 0; step < 4; step++)
                storm_step(context);
        clock_read(CLOCK_STATUS_C);
}

/* Let the clock interrupt periodically. Returns: false when another driver has its line. */
static bool clock_start(void)
{
        if (!irq_register(CLOCK_LINE, storm_in_interrupt, &interrupt_storm))
                return false;
        unsigned long flags = local_irq_save();

        clock_write(CLOCK_STATUS_A,
                    (u8)((clock_read(CLOCK_STATUS_A) & ~CLOCK_RATE_MASK) | CLOCK_RATE));
        clock_write(CLOCK_STATUS_B, clock_read(CLOCK_STATUS_B) | CLOCK_PERIODIC);
        clock_read(CLOCK_STATUS_C);
        local_irq_restore(flags);
        return true;
}

/* Let it be silent again. */
static void clock_stop(void)
{
        unsigned long flags = local_irq_save();

        irq_unregister(CLOCK_LINE);
        clock_write(CLOCK_STATUS_B, (u8)(clock_read(CLOCK_STATUS_B) & ~CLOCK_PERIODIC));
        clock_read(CLOCK_STATUS_C);
        local_irq_restore(flags);
}

/* Take and give a page in one go, as often as possible: where interrupts are to hit. */
static void make_pairs(gfp_t gfp_mask)
{
        for (unsigned int pair = 0; pair < 50; pair++) {
                struct page *page = alloc_page(gfp_mask);

                if (page)
                        __free_page(page);
        }
}

/* Storm in the main flow and in interrupts at once. */
static void run_with_interrupts(struct test_state *test, unsigned int largest_order)
{
        unsigned long count = irq_count(CLOCK_LINE);
        static struct free_picture before;
        unsigned int step = 0;

        free_picture_take(&before);
        storm_init(&main_storm, test->seed, GFP_KERNEL | __GFP_NOWARN, largest_order);
        storm_init(&interrupt_storm, ~test->seed, GFP_ATOMIC | __GFP_NOWARN, largest_order);
        if (!clock_start())
                SKIP("the clock's interrupt line belongs to a driver");
        while (irq_count(CLOCK_LINE) - count < INTERRUPTS_WANTED && step++ < STEPS_MOST) {
                storm_step(&main_storm);
                make_pairs(GFP_KERNEL);
        }
        clock_stop();

        EXPECT(irq_count(CLOCK_LINE) - count >= INTERRUPTS_WANTED);
        EXPECT(interrupt_storm.served_count > 0);
        EXPECT_EQ(storm_end(&interrupt_storm), 0);
        EXPECT_EQ(storm_end(&main_storm), 0);
        free_picture_compare(test, &before);
        page_tools_check();
}

TEST(page_storm, interrupts)
{
        run_with_interrupts(test, 4);
}

/* Without filling pages, most of the time goes by where an interrupt can do harm. */
TEST(page_storm, interrupts_without_poison)
{
        bool poison_was_enabled = page_poison_enabled;

        page_poison_enabled = false;
        run_with_interrupts(test, 1);
        page_poison_enabled = poison_was_enabled;
}
