/* The test runner, given made-up tests, and its report compared word by word. */
#include <stdio.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/ktap.h"
#include "lib/random.h"

/* The report of the made-up run. */
struct report {
        char text[8192];
        size_t length;
        unsigned int piece_count;
};

static unsigned int fake_run_count;
static unsigned int hook_count;

/* A made-up test that passes. */
static void fake_pass(struct test_state *test __unused)
{
        fake_run_count++;
}

/* One that fails twice and goes on. */
static void fake_fail(struct test_state *test)
{
        fake_run_count++;
        test_fail(test, "mm/x.c", 12, "%s is %d", "order", 3);
        test_fail(test, "mm/x.c", 13, "two\nlines");
}

/* One that cannot be run here. */
static void fake_skip(struct test_state *test)
{
        fake_run_count++;
        SKIP("no APIC");
}

/* One that fails before it gives up. */
static void fake_fail_and_skip(struct test_state *test)
{
        test_fail(test, "mm/x.c", 1, "first");
        SKIP("too late");
}

/* One that fails unless it is given seed 7. */
static void fake_use_seed(struct test_state *test)
{
        if (test->seed != 7)
                test_fail(test, "mm/x.c", 2, "seed");
}

/* One that finds that the machine cannot go on. */
static void fake_bail_out(struct test_state *test __unused)
{
        ktap_bail_out("no page is left");
        ktap_bail_out("a second time");
}

/* Puts the report together. */
static void take_report(void *context, const char *text, size_t length)
{
        struct report *report = context;

        length = min(length, sizeof(report->text) - 1 - report->length);
        memcpy(report->text + report->length, text, length);
        report->length += length;
        report->text[report->length] = '\0';
        report->piece_count++;
}

/* Runs made-up tests with seed 7. */
static struct ktap_result run_fakes(const struct test_case *first, size_t count,
                                    const char *selection, struct report *report)
{
        struct ktap_config config = {
                .first = first,
                .last = first + count,
                .selection = selection,
                .seed = 7,
                .reproduce = "tools/run-qemu --",
                .print = take_report,
                .context = report,
        };

        *report = (struct report){0};
        fake_run_count = 0;
        return ktap_run(&config);
}

/* Fails the test when the report is not the expected one. */
static void expect_report(struct test_state *test, const struct report *report,
                          const char *expected)
{
        if (strcmp(report->text, expected) != 0)
                test_fail(test, __FILE__, __LINE__, "report is <%s>, not <%s>", report->text,
                          expected);
}

/* Runs one made-up test and compares its report, between the lines that all reports share. */
static void expect_single(struct test_state *test, void (*run)(struct test_state *),
                          const char *lines, const char *totals)
{
        const struct test_case fake = { "buddy", "merge", run };
        struct report report;
        char expected[1024];
        struct ktap_result result = run_fakes(&fake, 1, NULL, &report);

        snprintf(expected, sizeof(expected),
                 "KTAP version 1\n# seed 7\n1..1\n"
                 "  KTAP version 1\n  # Subtest: buddy\n  1..1\n"
                 "%s%s 1 buddy\n# Totals: %s\n",
                 lines, result.failed ? "not ok" : "ok", totals);
        expect_report(test, &report, expected);
}

TEST(lib_ktap, reports_a_pass)
{
        expect_single(test, fake_pass, "  ok 1 merge\n", "pass:1 fail:0 skip:0");
        EXPECT_EQ(fake_run_count, 1);
}

TEST(lib_ktap, reports_failures_and_how_to_reproduce_them)
{
        expect_single(test, fake_fail,
                      "  # mm/x.c:12: order is 3\n  # mm/x.c:13: two lines\n"
                      "  # reproduce: tools/run-qemu -- test=buddy.merge seed=7\n"
                      "  not ok 1 merge\n",
                      "pass:0 fail:1 skip:0");
}

TEST(lib_ktap, reports_a_skip)
{
        expect_single(test, fake_skip, "  ok 1 merge # SKIP no APIC\n", "pass:0 fail:0 skip:1");
}

TEST(lib_ktap, failure_outweighs_skip)
{
        expect_single(test, fake_fail_and_skip,
                      "  # mm/x.c:1: first\n"
                      "  # reproduce: tools/run-qemu -- test=buddy.merge seed=7\n"
                      "  not ok 1 merge\n",
                      "pass:0 fail:1 skip:0");
}

TEST(lib_ktap, hands_the_seed_to_tests)
{
        expect_single(test, fake_use_seed, "  ok 1 merge\n", "pass:1 fail:0 skip:0");
}

TEST(lib_ktap, bails_out_once_and_names_the_test)
{
        expect_single(test, fake_bail_out,
                      "  # reproduce: tools/run-qemu -- test=buddy.merge seed=7\n"
                      "Bail out! buddy.merge: no page is left\n  ok 1 merge\n",
                      "pass:1 fail:0 skip:0");
}

static const struct test_case fakes[] = {
        { "buddy", "merge", fake_pass }, { "zone", "low", fake_pass },
        { "buddy", "split", fake_fail }, { "zone", "dma", fake_skip },
        { "zone", "high", fake_pass },   { "buddyinfo", "print", fake_pass },
};

TEST(lib_ktap, empty_run_is_reported)
{
        struct report report;
        struct ktap_result result = run_fakes(fakes, 0, "all", &report);

        EXPECT_EQ(result.passed + result.failed + result.skipped, 0);
        expect_report(test, &report,
                      "KTAP version 1\n# seed 7\n1..0\n# Totals: pass:0 fail:0 skip:0\n");
}

TEST(lib_ktap, runs_everything_once)
{
        struct report report;
        struct ktap_result result = run_fakes(fakes, ARRAY_SIZE(fakes), "all", &report);

        EXPECT_EQ(fake_run_count, 6);
        EXPECT_EQ(result.passed, 4);
        EXPECT_EQ(result.failed, 1);
        EXPECT_EQ(result.skipped, 1);
        EXPECT(strstr(report.text, "\n1..3\n"));
        EXPECT(strstr(report.text, "  # Subtest: zone\n  1..3\n"));
        EXPECT(strstr(report.text, "  # Subtest: buddy\n  1..2\n"));
        EXPECT(strstr(report.text, " buddyinfo\n"));
}

/* What a selection must lead to. */
struct selection {
        const char *names;
        unsigned int run_count;
        unsigned int failed_count;
        const char *line;
};

TEST(lib_ktap, selects_suites_and_tests)
{
        static const struct selection selections[] = {
                { "", 6, 1, "\n1..3\n" },
                { "buddy", 2, 1, "\n1..1\n" },
                { "buddy.merge", 1, 0, "  1..1\n  ok 1 merge\nok 1 buddy\n" },
                { "zone,buddyinfo", 4, 0, "\n1..2\n" },
                { ",zone.low,,zone.low,", 1, 0, "\n1..1\n" },
                { "nope", 0, 1, "\n1..1\n# there is no such suite or test\nnot ok 1 nope\n" },
                { "zone.low,zone.lo,zone.", 1, 2, "\n1..3\n" },
                { "budd", 0, 1, "not ok 1 budd\n" },
                { "buddy.merge,nope", 1, 1, "not ok 2 nope\n" },
                { "buddy.merger", 0, 1, "not ok 1 buddy.merger\n" },
                { "all,nope", 6, 2, "not ok 4 nope\n" },
        };
        struct report report;

        for (size_t i = 0; i < ARRAY_SIZE(selections); i++) {
                const struct selection *selection = &selections[i];
                struct ktap_result result = run_fakes(fakes, ARRAY_SIZE(fakes), selection->names,
                                                      &report);
                if (fake_run_count != selection->run_count ||
                    result.failed != selection->failed_count ||
                    !strstr(report.text, selection->line))
                        test_fail(test, __FILE__, __LINE__, "\"%s\" runs %u, fails %u: <%s>",
                                  selection->names, fake_run_count, result.failed, report.text);
        }
}

TEST(lib_ktap, hidden_suite_runs_only_when_named)
{
        static const struct selection selections[] = {
                { "all", 4, 0, "\n1..2\n" },
                { "", 4, 0, "\n1..2\n" },
                { "buddy", 2, 1, "  # Subtest: buddy\n  1..2\n" },
                { "buddy.merge", 1, 0, "  ok 1 merge\n" },
                { "all,buddy.merge", 5, 0, "\n1..3\n" },
                { "all,nope", 4, 1, "not ok 3 nope\n" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(selections); i++) {
                const struct selection *selection = &selections[i];
                struct report report = {0};
                struct ktap_config config = {
                        .first = fakes, .last = fakes + ARRAY_SIZE(fakes), .seed = 1,
                        .selection = selection->names, .hidden_suite = "buddy", .reproduce = "x",
                        .print = take_report, .context = &report,
                };

                fake_run_count = 0;
                struct ktap_result result = ktap_run(&config);
                EXPECT_EQ(fake_run_count, selection->run_count);
                EXPECT_EQ(result.failed, selection->failed_count);
                EXPECT(strstr(report.text, selection->line));
        }
}

TEST(lib_ktap, order_depends_on_the_seed_alone)
{
        static struct report reports[9];
        unsigned int different = 0;

        for (unsigned int i = 0; i < ARRAY_SIZE(reports); i++) {
                struct ktap_config config = {
                        .first = fakes, .last = fakes + ARRAY_SIZE(fakes), .seed = i % 8,
                        .reproduce = "x", .print = take_report, .context = &reports[i],
                };
                reports[i] = (struct report){0};
                ktap_run(&config);
                const char *order = strstr(reports[i].text, "1..");
                different += i && strcmp(order, strstr(reports[0].text, "1..")) != 0;
        }
        EXPECT(different >= 3);
        EXPECT_EQ(strcmp(reports[0].text, reports[8].text), 0);
}

TEST(lib_ktap, lines_come_whole_and_long_ones_complete)
{
        static const struct test_case fake = { "buddy", "merge", fake_pass };
        char name[400];
        const struct test_case long_fake = { "buddy", name, fake_pass };
        struct report report;

        run_fakes(&fake, 1, NULL, &report);
        EXPECT_EQ(report.piece_count, 9);
        for (size_t length = 1; length < sizeof(name); length++) {
                memset(name, 'x', length);
                name[length] = '\0';
                run_fakes(&long_fake, 1, NULL, &report);
                EXPECT(strstr(report.text, name));
        }
}

/* Hook: counts, and refuses the test named low. */
static void count_before(const struct test_case *test_case, struct test_state *test)
{
        hook_count++;
        if (strcmp(test_case->name, "low") == 0)
                test->skip_reason = "before_each says so";
}

/* Hook: counts, and fails the test named high. */
static void fail_after(const struct test_case *test_case, struct test_state *test)
{
        hook_count += 100;
        if (strcmp(test_case->name, "high") == 0)
                test_fail(test, "mm/x.c", 9, "invariant");
}

TEST(lib_ktap, hooks_surround_each_test)
{
        struct report report = {0};
        struct ktap_config config = {
                .first = fakes, .last = fakes + ARRAY_SIZE(fakes), .selection = "zone", .seed = 1,
                .reproduce = "x", .print = take_report, .context = &report,
                .before_each = count_before, .after_each = fail_after,
        };

        hook_count = 0;
        fake_run_count = 0;
        struct ktap_result result = ktap_run(&config);
        EXPECT_EQ(hook_count, 303);
        EXPECT_EQ(fake_run_count, 2);
        EXPECT_EQ(result.failed, 1);
        EXPECT_EQ(result.skipped, 2);
        EXPECT(strstr(report.text, "  # mm/x.c:9: invariant\n"));
        EXPECT(strstr(report.text, "low # SKIP before_each says so\n"));
}
