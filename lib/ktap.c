/*
 * The runner of tests
 *
 * Idea        Tests of one suite may lie anywhere in the array. A suite is known by its first
 *             test; running a suite means going through the whole array again for the tests of the
 *             same name. That takes no memory, and time that no one notices for some hundred tests.
 *
 *             The order is a permutation computed from the seed, place by place: random_permute().
 *
 * Picture     KTAP version 1
 *             # seed 7
 *             1..2                            suites
 *               KTAP version 1
 *               # Subtest: buddy
 *               1..2                          selected tests of the suite
 *               ok 1 split
 *               # tests/unit/test_buddy.c:12: order is 3 (0x3), not 4, 4
 *               # reproduce: build/host/unit test=buddy.merge seed=7
 *               not ok 2 merge
 *             not ok 1 buddy
 *             ...
 *
 * Locking     None: one run at a time. Other CPUs may call test_fail() for the running test; lines
 *             that fit the buffer of struct line come out whole.
 */
#include "lib/ktap.h"

#include "lib/random.h"
#include "lib/string.h"

struct ktap_run {
        const struct ktap_config *config;
        const struct test_case *running;        /* or NULL between tests */
        bool bailed_out;
        unsigned int suite_count;               /* of the suites reported so far */
        struct ktap_result result;
};

/* The run that goes on now. */
static struct ktap_run *current_run;

/* Gathers a line, so that it is printed in one piece if it is not too long. */
struct line {
        size_t length;
        char text[120];
};

/* Prints what has been gathered. */
static void line_flush(struct line *line)
{
        current_run->config->print(current_run->config->context, line->text, line->length);
        line->length = 0;
}

/* The sink of a line. A line break inside would end a diagnostic too early: it becomes a blank. */
static void line_append(void *context, const char *text, size_t length)
{
        struct line *line = context;

        for (size_t i = 0; i < length; i++) {
                line->text[line->length++] = text[i] == '\n' ? ' ' : text[i];
                if (line->length == sizeof(line->text) - 1)
                        line_flush(line);
        }
}

/* Ends the line and prints it. */
static void line_end(struct line *line)
{
        line->text[line->length++] = '\n';
        line_flush(line);
}

/* Adds formatted text to a line. */
static __printf(2, 3) void line_add(struct line *line, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        format_to(line_append, line, format, arguments);
        va_end(arguments);
}

/*
 * Prints one line of the report. Only the run does so, and a panic, after which it does not go on:
 * so the buffer need not lie on a stack that may be almost full.
 */
static __printf(1, 2) void report(const char *format, ...)
{
        static struct line line;
        va_list arguments;

        line.length = 0;
        va_start(arguments, format);
        format_to(line_append, &line, format, arguments);
        va_end(arguments);
        line_end(&line);
}

void test_fail(struct test_state *test, const char *file, int line_number, const char *format, ...)
{
        struct line line = { .length = 0 };
        va_list arguments;

        __atomic_fetch_add(&test->failure_count, 1, __ATOMIC_RELAXED);
        line_add(&line, "  # %s:%d: ", file, line_number);
        va_start(arguments, format);
        format_to(line_append, &line, format, arguments);
        va_end(arguments);
        line_end(&line);
}

/* Says how to run the running test alone. */
static void report_reproduction(const struct ktap_run *run)
{
        report("  # reproduce: %s test=%s.%s seed=%llu", run->config->reproduce,
               run->running->suite, run->running->name, (unsigned long long)run->config->seed);
}

/* How many descriptions there are, selected or not. */
static u32 count_cases(const struct ktap_run *run)
{
        return (u32)(run->config->last - run->config->first);
}

/* The description at one place of the shuffled order. */
static const struct test_case *case_at(const struct ktap_run *run, u32 place)
{
        return run->config->first + random_permute(run->config->seed, place, count_cases(run));
}

/* Whether both belong to one suite. */
static bool same_suite(const struct test_case *left, const struct test_case *right)
{
        return left->suite == right->suite || strcmp(left->suite, right->suite) == 0;
}

/* One name of the selection: length characters, not terminated. */
struct name {
        const char *text;
        size_t length;
};

/* Takes the next name off a selection; false at its end. */
static bool next_name(const char **selection, struct name *name)
{
        *selection += strspn(*selection, ",");
        name->text = *selection;
        name->length = strcspn(*selection, ",");
        *selection += name->length;
        return name->length != 0;
}

/* Whether name is exactly text. */
static bool name_is(const struct name *name, const char *text)
{
        return strlen(text) == name->length && strncmp(name->text, text, name->length) == 0;
}

/* Whether the test runs when everything does. */
static bool is_in_all(const struct ktap_run *run, const struct test_case *test_case)
{
        const char *hidden_suite = run->config->hidden_suite;

        return !hidden_suite || strcmp(test_case->suite, hidden_suite) != 0;
}

/* Whether name is all, the test's suite, or suite.test. */
static bool name_selects(const struct ktap_run *run, const struct name *name,
                         const struct test_case *test_case)
{
        size_t suite_length = strlen(test_case->suite);

        if (name_is(name, "all"))
                return is_in_all(run, test_case);
        if (name_is(name, test_case->suite))
                return true;
        if (name->length <= suite_length || name->text[suite_length] != '.' ||
            strncmp(name->text, test_case->suite, suite_length) != 0)
                return false;

        struct name rest = { name->text + suite_length + 1, name->length - suite_length - 1 };
        return name_is(&rest, test_case->name);
}

/* Whether the test is to be run. */
static bool is_selected(const struct ktap_run *run, const struct test_case *test_case)
{
        const char *selection = run->config->selection;
        struct name name;

        if (!selection || !*selection)
                return is_in_all(run, test_case);
        while (next_name(&selection, &name))
                if (name_selects(run, &name, test_case))
                        return true;
        return false;
}

/* Whether name selects any test at all. */
static bool is_known(const struct ktap_run *run, const struct name *name)
{
        const struct test_case *test_case;

        for (test_case = run->config->first; test_case < run->config->last; test_case++)
                if (name_selects(run, name, test_case))
                        return true;
        return name_is(name, "all");
}

/* How many names of the selection no test has. */
static unsigned int count_unknown_names(const struct ktap_run *run)
{
        const char *selection = run->config->selection;
        unsigned int count = 0;
        struct name name;

        while (selection && next_name(&selection, &name))
                count += !is_known(run, &name);
        return count;
}

/* How many tests of the suite of test_case are to be run. */
static unsigned int count_selected(const struct ktap_run *run, const struct test_case *test_case)
{
        unsigned int count = 0;

        for (const struct test_case *other = run->config->first; other < run->config->last; other++)
                count += same_suite(other, test_case) && is_selected(run, other);
        return count;
}

/* Whether test_case stands for a suite that has something to run: it is the suite's first. */
static bool opens_suite(const struct ktap_run *run, const struct test_case *test_case)
{
        for (const struct test_case *other = run->config->first; other < test_case; other++)
                if (same_suite(other, test_case))
                        return false;
        return count_selected(run, test_case) != 0;
}

/* How many suites have something to run. */
static unsigned int count_suites(const struct ktap_run *run)
{
        const struct test_case *test_case;
        unsigned int count = 0;

        for (test_case = run->config->first; test_case < run->config->last; test_case++)
                count += opens_suite(run, test_case);
        return count;
}

/* Reports how a test ended and counts it. A failure outweighs a reason to skip. */
static void judge_case(struct ktap_run *run, const struct test_state *test, unsigned int number)
{
        const char *name = run->running->name;

        if (test->failure_count) {
                report_reproduction(run);
                report("  not ok %u %s", number, name);
                run->result.failed++;
        } else if (test->skip_reason) {
                report("  ok %u %s # SKIP %s", number, name, test->skip_reason);
                run->result.skipped++;
        } else {
                report("  ok %u %s", number, name);
                run->result.passed++;
        }
}

/* Calls the test itself, or has it called by whoever isolates it. */
static void call_test(const struct ktap_run *run, const struct test_case *test_case,
                      struct test_state *test)
{
        if (run->config->run_each)
                run->config->run_each(test_case, test);
        else
                test_case->run(test);
}

/* Runs one test between its hooks. */
static void run_case(struct ktap_run *run, const struct test_case *test_case, unsigned int number)
{
        struct test_state test = { .seed = run->config->seed };

        run->running = test_case;
        if (run->config->before_each)
                run->config->before_each(test_case, &test);
        if (!test.failure_count && !test.skip_reason)
                call_test(run, test_case, &test);
        if (run->config->after_each)
                run->config->after_each(test_case, &test);
        judge_case(run, &test, number);
        run->running = NULL;
}

/* Runs the selected tests of the suite that opener belongs to. */
static void run_suite(struct ktap_run *run, const struct test_case *opener)
{
        unsigned int failed_before = run->result.failed;
        unsigned int number = 0;

        report("  KTAP version 1");
        report("  # Subtest: %s", opener->suite);
        report("  1..%u", count_selected(run, opener));
        for (u32 place = 0; place < count_cases(run); place++) {
                const struct test_case *test_case = case_at(run, place);
                if (same_suite(test_case, opener) && is_selected(run, test_case))
                        run_case(run, test_case, ++number);
        }
        run->suite_count++;
        report("%s %u %s", run->result.failed == failed_before ? "ok" : "not ok",
               run->suite_count, opener->suite);
}

/* Reports each name of the selection that no test has as a failure. */
static void fail_unknown_names(struct ktap_run *run)
{
        const char *selection = run->config->selection;
        struct name name;

        while (selection && next_name(&selection, &name)) {
                if (is_known(run, &name))
                        continue;
                run->suite_count++;
                run->result.failed++;
                report("# there is no such suite or test");
                report("not ok %u %.*s", run->suite_count, (int)name.length, name.text);
        }
}

struct ktap_result ktap_run(const struct ktap_config *config)
{
        struct ktap_run run = { .config = config };
        struct ktap_run *outer_run = current_run;

        current_run = &run;
        report("KTAP version 1");
        report("# seed %llu", (unsigned long long)config->seed);
        report("1..%u", count_suites(&run) + count_unknown_names(&run));
        for (u32 place = 0; place < count_cases(&run); place++) {
                const struct test_case *test_case = case_at(&run, place);
                if (opens_suite(&run, test_case))
                        run_suite(&run, test_case);
        }
        fail_unknown_names(&run);
        report("# Totals: pass:%u fail:%u skip:%u", run.result.passed, run.result.failed,
               run.result.skipped);
        current_run = outer_run;
        return run.result;
}

void ktap_bail_out(const char *reason)
{
        struct ktap_run *run = current_run;

        if (!run || !run->running || run->bailed_out)
                return;
        run->bailed_out = true;
        report_reproduction(run);
        report("Bail out! %s.%s: %s", run->running->suite, run->running->name, reason);
}
