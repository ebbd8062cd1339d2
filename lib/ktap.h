/*
 * ktap.h - runs tests and reports them as KTAP version 1, on any machine.
 *
 * Whoever runs tests hands over the descriptions, which the linker gathers in the section
 * strata_tests, and a way to print. Nothing is allocated. Form of the report:
 * https://docs.kernel.org/dev-tools/ktap.html
 */
#pragma once

#include "lib/format.h"
#include "lib/test.h"

/* The ends of the array that TEST() fills, by the linker. */
extern const struct test_case __start_strata_tests[];
extern const struct test_case __stop_strata_tests[];

/* Called around each test, or in its place, and may fail it with test_fail(). */
typedef void (*ktap_hook_t)(const struct test_case *test_case, struct test_state *test);

struct ktap_config {
        const struct test_case *first;
        const struct test_case *last;           /* one past the end */
        const char *selection;  /* "all", or "suite,suite.test,…"; NULL or empty means all */
        const char *hidden_suite;       /* left out by "all", runs only when named; or NULL */
        u64 seed;               /* of the order, and for the tests to draw from */
        const char *reproduce;  /* how to start this program, such as "tools/run-qemu --" */
        format_sink_t print;    /* given whole lines, or pieces of long ones */
        void *context;          /* for print */
        ktap_hook_t before_each;                /* or NULL */
        ktap_hook_t after_each;                 /* or NULL */
        ktap_hook_t run_each;                   /* runs the test, in a place of its own; or NULL */
};

struct ktap_result {
        unsigned int passed;
        unsigned int failed;    /* a name in the selection that no test has counts as one, too */
        unsigned int skipped;
};

/*
 * ktap_run - run the selected tests in the order that seed gives, suite by suite, and report them.
 *
 * Under each failed test stands the command that runs it alone with the same seed. One run at a
 * time; a test may itself call ktap_run().
 *
 * Context: that which the tests ask for.
 */
struct ktap_result ktap_run(const struct ktap_config *config);

/*
 * ktap_bail_out - end the report early, because the machine cannot go on: for panic().
 *
 * Names the running test and how to run it alone. Does nothing when no test is running, or when
 * called again. Context: any.
 */
void ktap_bail_out(const char *reason);
