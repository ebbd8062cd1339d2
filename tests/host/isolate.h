/*
 * isolate.h - a process of its own for each hosted test: it starts with all static state as the
 * program began, and what it breaks, up to its own process, is one failed test.
 */
#pragma once

#include "lib/test.h"

/*
 * isolate_run - run a test in a child process, and take over what it found out. A child that ends
 * in any other way than by coming to its end, or takes more than two minutes, has failed.
 */
void isolate_run(const struct test_case *test_case, struct test_state *test);

/*
 * isolate_give_up - end the test that runs in this process, as failed, with a line that says why.
 * Returns when this is no test's process.
 */
void isolate_give_up(const char *reason);
