/*
 * Self tests
 *
 * Idea        lib/ktap runs the tests; what is done around each of them is here. A test that leaks
 *             a page, forgets to turn interrupts on, or makes the kernel report a bug fails,
 *             whatever it found out itself.
 *
 *             Pages that only wait for the next per-CPU allocation go back before that.
 *
 * Picture     before   mm_check, if a suite begins; note free pages of each zone and bug reports
 *             test
 *             after    compare; counters of each zone against its free lists
 *             …        mm_check, when the last suite has ended
 *
 * Data        struct guard, kept for the test that runs now. A test may itself run tests: the
 *             outer guard waits on the stack.
 *
 * Failure     A broken invariant panics; the report then ends with "Bail out!".
 *
 * Reading     docs/testing.md.
 */
#include "kernel/self_test.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/sync/context.h"
#include "kernel/task/stack.h"
#include "kernel/task/task.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/ktap.h"
#include "lib/string.h"
#include "mm/debug/check.h"
#include "mm/fail.h"
#include "mm/layout.h"
#include "mm/memmap.h"
#include "mm/percpu/percpu.h"
#include "mm/phys/buddy.h"
#include "mm/phys/pcp.h"
#include "mm/virt/pgtable.h"
#include "mm/phys/zone.h"

#define REPRODUCE_BYTES 160u
#define LINE_BYTES 256u

/* What must be after a test as it was before. */
struct guard {
        const char *suite;                      /* of the last test; NULL before the first */
        unsigned long free[MAX_NR_ZONES];       /* pages, those on CPUs' lists included */
        unsigned int bug_count;
        unsigned int preempt_count;
        unsigned int fail_percent;              /* of allocations, on purpose */
};

static struct guard guard;
static char reproduce[REPRODUCE_BYTES];         /* the command; tests within tests write the same */

/*
 * Give back what is kept for later tasks only, so that it does not look like a leak. Those that
 * have just ended are still on their way out: what they hold comes back here, too.
 */
static void settle(void)
{
        tasks_wait_for_dying();
        kernel_stacks_trim();
        percpu_trim();
}

/* How many pages of a zone nobody owns. */
static unsigned long unowned_pages(const struct zone *zone)
{
        return zone->managed_pages ? READ_ONCE(zone->free_pages) + pcp_page_count(zone) : 0;
}

/* Note what the test must leave as it is; between two suites, check all of memory. */
static void before_each(const struct test_case *test_case, struct test_state *test __unused)
{
        if (!guard.suite || strcmp(guard.suite, test_case->suite))
                mm_check();
        settle();
        guard.suite = test_case->suite;
        guard.bug_count = bug_report_count();
        guard.preempt_count = preempt_count();
        guard.fail_percent = fail_page_alloc_attributes.probability_percent;
        for (unsigned int kind = 0; kind < MAX_NR_ZONES; kind++)
                guard.free[kind] = unowned_pages(&zones[kind]);
}

/* Fail a test that made the kernel report a bug which it did not expect. */
static void check_bug_reports(struct test_state *test)
{
        if (bug_report_count() != guard.bug_count)
                test_fail(test, __FILE__, __LINE__, "%u unexpected bug reports, the last is %s",
                          bug_report_count() - guard.bug_count, bug_last_report());
}

/* Fail a test that leaves another context behind, and put it right. */
static void check_context(struct test_state *test)
{
        if (preempt_count() != guard.preempt_count) {
                test_fail(test, __FILE__, __LINE__, "the preempt count is %#x, it was %#x",
                          preempt_count(), guard.preempt_count);
                preempt_count_add(guard.preempt_count - preempt_count());
        }
        if (irqs_disabled()) {
                test_fail(test, __FILE__, __LINE__, "interrupts are off");
                local_irq_enable();
        }
        if (fail_page_alloc_attributes.probability_percent != guard.fail_percent) {
                test_fail(test, __FILE__, __LINE__, "%u %% of allocations fail on purpose",
                          fail_page_alloc_attributes.probability_percent);
                fail_page_alloc_attributes.probability_percent = guard.fail_percent;
        }
}

/* The pages in the free blocks of a zone, by a walk over its lists. */
static unsigned long listed_pages(struct zone *zone)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);
        unsigned long page_count = 0;

        for (unsigned int order = 0; order < MAX_ORDER; order++)
                page_count += buddy_block_count(zone, order) << order;
        spin_unlock_irqrestore(&zone->lock, flags);
        return page_count;
}

/* Fail a test that leaks pages, or after which a zone's counters disagree. */
static void check_zone(struct zone *zone, struct test_state *test)
{
        unsigned long before = guard.free[zone->kind];
        unsigned long after = unowned_pages(zone);

        if (after < before)
                test_fail(test, __FILE__, __LINE__, "zone %s leaks %lu pages", zone->name,
                          before - after);
        else if (after > before)
                test_fail(test, __FILE__, __LINE__, "zone %s gains %lu pages", zone->name,
                          after - before);
        if (listed_pages(zone) != zone->free_pages)
                test_fail(test, __FILE__, __LINE__, "zone %s has %lu pages listed, %lu counted",
                          zone->name, listed_pages(zone), zone->free_pages);
}

/* Compare with what was before the test. */
static void after_each(const struct test_case *test_case __unused, struct test_state *test)
{
        struct zone *zone;

        check_bug_reports(test);
        check_context(test);
        settle();
        for_each_populated_zone(zone)
                check_zone(zone, test);
}

/* A line of the report, gathered: what others print meanwhile must not come between its pieces. */
static char line[LINE_BYTES];
static size_t line_bytes;

/* Print a piece of the report, when its line is complete. */
static void print_piece(void *context __unused, const char *text, size_t length)
{
        for (size_t index = 0; index < length; index++) {
                line[line_bytes++] = text[index];
                if (text[index] == '\n' || line_bytes == LINE_BYTES) {
                        printk("%.*s", (int)line_bytes, line);
                        line_bytes = 0;
                }
        }
}

/* End the report when the machine stops in the middle. */
static void bail_out(void)
{
        ktap_bail_out("panic");
}

/* Register bail_out(), once. */
static void hook_into_panic(void)
{
        static struct panic_hook hook = { .name = "self tests", .run = bail_out };
        static bool is_registered;

        if (!is_registered)
                panic_register_hook(&hook);
        is_registered = true;
}

/* The RAM of this machine, the way QEMU's -m wants it: what firmware keeps is added again. */
static unsigned int machine_mib(void)
{
        u64 bytes = 0;

        for (enum memory_kind kind = MEMORY_RAM; kind <= MEMORY_RAM_UNREACHABLE; kind++)
                bytes += memmap_bytes(&memmap, kind);
        return (unsigned int)(ROUND_UP(bytes, 1ull << 20) >> 20);
}

/* Write the command that boots such a machine again, up to the words that select a test. */
static void __noinline describe_machine(char *text, size_t text_bytes)
{
        char limit[32] = "";

        if (options.memory_limit != UINT64_MAX)
                snprintf(limit, sizeof(limit), " mem=%llu",
                         (unsigned long long)options.memory_limit);
        snprintf(text, text_bytes, "tools/run-qemu%s -m %uM --%s%s%s",
                 DEBUG_BUILD ? "" : " --release", machine_mib(), limit,
                 options.fail_page_alloc ? " fail_page_alloc=" : "",
                 options.fail_page_alloc ? options.fail_page_alloc : "");
}

bool self_tests_run(const char *selection, u64 seed)
{
        const struct ktap_config config = {
                .first = __start_strata_tests,
                .last = __stop_strata_tests,
                .selection = selection,
                .hidden_suite = "planted",
                .seed = seed,
                .reproduce = reproduce,
                .print = print_piece,
                .before_each = before_each,
                .after_each = after_each,
        };
        struct guard outer = guard;

        /* The tables for stacks stay, once they are made: no test is to be blamed for them. */
        pgtable_populate(STACKS_START, STACKS_END);
        describe_machine(reproduce, sizeof(reproduce));
        hook_into_panic();
        guard.suite = NULL;
        struct ktap_result result = ktap_run(&config);
        if (guard.suite)
                mm_check();
        guard = outer;
        return result.failed == 0 && result.passed + result.skipped > 0;
}

/* Whether no test before this one has the same suite. */
static bool is_first_of_suite(const struct test_case *test_case)
{
        for (const struct test_case *other = __start_strata_tests; other < test_case; other++)
                if (!strcmp(other->suite, test_case->suite))
                        return false;
        return true;
}

/* Print a suite and its tests. */
static void list_suite(const char *suite)
{
        const struct test_case *test_case = __start_strata_tests;

        printk("%s\n", suite);
        for (; test_case < __stop_strata_tests; test_case++)
                if (!strcmp(test_case->suite, suite))
                        printk("  %s.%s\n", suite, test_case->name);
}

void self_tests_list(void)
{
        const char *suite;

        for (unsigned int index = 0; (suite = self_test_suite(index)); index++)
                list_suite(suite);
}

const char *self_test_suite(unsigned int index)
{
        const struct test_case *test_case = __start_strata_tests;

        for (; test_case < __stop_strata_tests; test_case++)
                if (is_first_of_suite(test_case) && !index--)
                        return test_case->suite;
        return NULL;
}
