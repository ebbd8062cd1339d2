/* self_test.h - running the tests that are linked into the kernel. */
#pragma once

#include "lib/types.h"

/*
 * self_tests_run - run the selected tests, "all" or "suite,suite.test", in the order that seed
 * gives, and report them as KTAP version 1 on the consoles.
 *
 * Around each test, and for all of memory around each suite, it is checked that the test left the
 * kernel as it was: free pages, interrupts, preemption, bug reports.
 *
 * Context: may sleep; nobody else uses memory meanwhile. Returns: whether
 * tests ran and none failed.
 */
bool self_tests_run(const char *selection, u64 seed);

/* self_tests_list - print the suites and their tests. Context: any. */
void self_tests_list(void);

/* self_test_suite - the name of the index-th suite; NULL behind the last one. Context: any. */
const char *self_test_suite(unsigned int index);
