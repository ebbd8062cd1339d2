/*
 * test_pages_steps.c - an interrupt between any two instructions of the page allocator.
 *
 * Idea        A storm of interrupts finds a gap of one instruction now and then; single-stepping
 *             finds it always. The CPU traps after each instruction. Where an interrupt could have
 *             come, the trap's handler does what an interrupt's might do: take a page, or give one
 *             back. The operation is run again and again, with the intrusion one instruction later
 *             each time, until it has been everywhere.
 */
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/trap.h"
#include "kernel/sync/context.h"
#include "lib/bits.h"
#include "mm/page_debug.h"
#include "mm/phys/pcp.h"
#include "tests/self/page_tools.h"

#define EFLAGS_TRAP (1ul << 8)
#define QUIET_ATOMIC (GFP_ATOMIC | __GFP_NOWARN)

/* What the operation and the intruder do, and how full the CPU's list is at first. */
enum action { TAKE, GIVE };
enum list_state { LIST_EMPTY, LIST_HALF, LIST_FULL };

struct scene {
        enum list_state list_state;
        enum action operation;
        enum action intrusion;
};

/* A run of a scene: the page of each side, before or after its action. */
static struct page *own_page, *intruders_page;
static enum action intrusion;
static unsigned int steps_until_intrusion;

/* Take a page into *page, or give back the one that is there. */
static void act(enum action action, struct page **page)
{
        if (action == TAKE)
                *page = alloc_page(QUIET_ATOMIC);
        else
                __free_page(*page);
}

/* After an instruction: if an interrupt could come here, and it is time, be one. */
static bool on_step(struct trap_frame *frame)
{
        if (!(frame->eflags & EFLAGS_INTERRUPTS) || !steps_until_intrusion)
                return true;
        if (--steps_until_intrusion)
                return true;
        irq_enter();
        act(intrusion, &intruders_page);
        irq_exit();
        frame->eflags &= ~EFLAGS_TRAP;
        return true;
}

/* Run an action with a trap after each instruction. */
static void __noinline act_in_steps(enum action action)
{
        unsigned long flags;

        __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
        local_irq_restore(flags | EFLAGS_TRAP);
        act(action, &own_page);
        local_irq_restore(flags);
}

/* Bring this CPU's list into a state, by pages out of a stock of owned ones. */
static void set_list(struct pcp_list *list, enum list_state state, struct hoard *stock)
{
        unsigned int wanted = state == LIST_FULL ? cpu_stack_capacity(&list->blocks)
                                                 : cpu_stack_capacity(&list->blocks) / 2;

        drain_local_pages();
        if (state == LIST_EMPTY)
                return;
        while (cpu_stack_count(&list->blocks) < wanted && stock->block_count) {
                struct page *page = list_first_entry(&stock->blocks, struct page, list);

                hoard_remove(stock, page);
                __free_page(page);
        }
}

/* Let both sides of a scene be ready, and the list be as it says. */
static void prepare(const struct scene *scene, struct hoard *stock)
{
        hoard_init(stock);
        while (stock->block_count < PCP_PAGES_MOST && hoard_take(stock, QUIET_ATOMIC, 0))
                ;
        own_page = scene->operation == GIVE ? alloc_page(QUIET_ATOMIC) : NULL;
        intruders_page = scene->intrusion == GIVE ? alloc_page(QUIET_ATOMIC) : NULL;
        set_list(this_cpu_ptr(pcp_list_of_request(QUIET_ATOMIC, 0)), scene->list_state, stock);
}

/* Run a scene with the intrusion at one place. Returns whether the place was reached. */
static bool run_once(struct test_state *test, const struct scene *scene, unsigned int place)
{
        const struct cpu_stack *list = &this_cpu_ptr(pcp_list_of_request(QUIET_ATOMIC, 0))->blocks;
        struct hoard stock;

        prepare(scene, &stock);
        intrusion = scene->intrusion;
        steps_until_intrusion = place;
        act_in_steps(scene->operation);
        bool was_reached = !steps_until_intrusion;
        steps_until_intrusion = 0;

        EXPECT(cpu_stack_count(list) <= cpu_stack_capacity(list));
        if (scene->operation == TAKE && scene->intrusion == TAKE && own_page == intruders_page) {
                test_fail(test, __FILE__, __LINE__, "page %#x has two owners, place %u",
                          page_to_pfn(own_page), place);
                return false;
        }
        if (scene->operation == TAKE)
                __free_page(own_page);
        if (was_reached ? scene->intrusion == TAKE : scene->intrusion == GIVE)
                __free_page(intruders_page);
        hoard_give_back(&stock, HOARD_NEWEST_FIRST, 0);
        return was_reached;
}

/* Run a scene with the intrusion at every place. Returns how many places there are. */
static unsigned int run_everywhere(struct test_state *test, const struct scene *scene)
{
        static struct free_picture before;
        unsigned int place = 1;

        free_picture_take(&before);
        while (run_once(test, scene, place))
                place++;
        free_picture_compare(test, &before);
        return place - 1;
}

/* Scenes of one operation, until one fails. Returns the fewest places that one of them has. */
static unsigned int run_scenes(struct test_state *test, enum action operation)
{
        unsigned int least_places = ~0u;

        for (enum list_state state = LIST_EMPTY; state <= LIST_FULL; state++)
                for (enum action other = TAKE; other <= GIVE && !test->failure_count; other++) {
                        struct scene scene = { state, operation, other };

                        least_places = min(least_places, run_everywhere(test, &scene));
                }
        return least_places;
}

/* All scenes of one operation. */
static void check_operation(struct test_state *test, enum action operation)
{
        trap_handler_t previous = trap_set_handler(TRAP_DEBUG, on_step);
        bool poison_was_enabled = page_poison_enabled;

        page_poison_enabled = false;
        unsigned int least_places = run_scenes(test, operation);
        page_poison_enabled = poison_was_enabled;
        trap_set_handler(TRAP_DEBUG, previous);

        if (!least_places)
                SKIP("this CPU does not trap after each instruction");
        EXPECT(least_places > 10);
        page_tools_check();
}

TEST(page_steps, interrupted_while_taking)
{
        check_operation(test, TAKE);
}

TEST(page_steps, interrupted_while_giving)
{
        check_operation(test, GIVE);
}
