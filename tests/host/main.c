/*
 * The hosted runner: runs the unit tests that are linked into this program.
 *
 *      unit [test=all | test=SUITE,SUITE.TEST,...] [seed=N] [verbose]
 *
 * Prints KTAP on standard output. Exit status: 0 when nothing failed and something ran, 1 when
 * not, 2 for an argument it does not know.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/ktap.h"
#include "lib/parse.h"
#include "tests/host/isolate.h"
#include "tests/host/verbose.h"

/* Prints a piece of the report at once, so that nothing is lost in a crash. */
static void print_piece(void *context __unused, const char *text, size_t length)
{
        fwrite(text, 1, length, stdout);
        fflush(stdout);
}

/* Part of the sanitizers' run-time library, if the program is linked with one. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

/* A sanitizer is about to end the program: say in which test. */
static void name_killed_test(void)
{
        isolate_give_up("killed by a sanitizer, see standard error");
        ktap_bail_out("killed by a sanitizer, see standard error");
}

/* A test that fails. */
static void fail_always(struct test_state *test)
{
        test_fail(test, __FILE__, __LINE__, "as it must");
}

/* Takes a report and shows it to nobody. */
static void discard_piece(void *context __unused, const char *text __unused, size_t length __unused)
{
}

/* Whether the runner notices a failure. It is tested by itself, so this cannot be left to tests. */
static bool runner_can_fail(void)
{
        static const struct test_case failing = { "runner", "can_fail", fail_always };
        struct ktap_config config = {
                .first = &failing, .last = &failing + 1, .reproduce = "", .print = discard_piece,
        };

        return ktap_run(&config).failed == 1;
}

/* Applies one argument; false when it is none that this program knows. */
static bool take_argument(const char *argument, struct ktap_config *config)
{
        if (strncmp(argument, "test=", 5) == 0) {
                config->selection = argument + 5;
                return true;
        }
        if (strcmp(argument, "verbose") == 0) {
                host_verbose = true;
                return true;
        }
        return strncmp(argument, "seed=", 5) == 0 &&
               parse_u64(argument + 5, NULL, 0, &config->seed);
}

/* Read the arguments, run the tests, and tell by the status how it went. */
int main(int argument_count, char **arguments)
{
        struct ktap_config config = {
                .first = __start_strata_tests,
                .last = __stop_strata_tests,
                .seed = (u64)time(NULL),
                .reproduce = arguments[0],
                .print = print_piece,
                .run_each = isolate_run,
        };

        for (int i = 1; i < argument_count; i++) {
                if (!take_argument(arguments[i], &config)) {
                        fprintf(stderr, "%s: unknown argument %s\n", arguments[0], arguments[i]);
                        return 2;
                }
        }
        if (!runner_can_fail()) {
                fprintf(stderr, "%s: the runner does not notice a failure\n", arguments[0]);
                return 1;
        }
        if (__sanitizer_set_death_callback)
                __sanitizer_set_death_callback(name_killed_test);
        struct ktap_result result = ktap_run(&config);
        return result.failed || !(result.passed + result.skipped);
}
