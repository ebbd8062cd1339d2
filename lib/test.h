/*
 * test.h - how a test is written, in the kernel and on the build machine alike.
 *
 *      TEST(buddy, merge_restores_block)
 *      {
 *              REQUIRE(page != NULL);                  give up this test when it does not hold
 *              EXPECT(!list_empty(&list));             note the failure and go on
 *              EXPECT_EQ(buddy_free_count(), 1024);    the same, and print both numbers
 *      }
 *
 * A test is found by the linker: TEST() puts a description of it into the section strata_tests.
 * lib/ktap.c runs the descriptions, in shuffled order, and prints the result as KTAP version 1.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/* What one test has found out so far. Belongs to the runner. */
struct test_state {
        unsigned int failure_count;
        const char *skip_reason;        /* not NULL: the test could not be run here */
        u64 seed;                       /* of this run; a test that draws numbers starts from it */
};

struct test_case {
        const char *suite;
        const char *name;
        void (*run)(struct test_state *test);
};

#define TEST(suite_name, test_name)                                                       \
        static void suite_name##_##test_name(struct test_state *test);                    \
        static const struct test_case test_case_##suite_name##_##test_name                \
                __used __section("strata_tests") __aligned(sizeof(void *)) =               \
                { #suite_name, #test_name, suite_name##_##test_name };                    \
        static void suite_name##_##test_name(struct test_state *test __unused)

/*
 * test_fail - note a failure of the running test and print where and why as a KTAP diagnostic.
 *
 * Context: that of the test.
 */
void test_fail(struct test_state *test, const char *file, int line, const char *format, ...)
        __printf(4, 5);

#define EXPECT(condition)                                                                 \
        do {                                                                              \
                if (!(condition))                                                         \
                        test_fail(test, __FILE__, __LINE__, "%s", #condition);            \
        } while (0)

#define REQUIRE(condition)                                                                \
        do {                                                                              \
                if (!(condition)) {                                                       \
                        test_fail(test, __FILE__, __LINE__, "%s", #condition);            \
                        return;                                                           \
                }                                                                         \
        } while (0)

#define EXPECT_EQ(actual, expected)                                                       \
        do {                                                                              \
                unsigned long long actual_value = (unsigned long long)(actual);           \
                unsigned long long expected_value = (unsigned long long)(expected);       \
                if (actual_value != expected_value)                                       \
                        test_fail(test, __FILE__, __LINE__, "%s is %llu (%#llx), not %s, %llu", \
                                  #actual, actual_value, actual_value, #expected,         \
                                  expected_value);                                        \
        } while (0)

/* Leave the test: this machine has not what it needs. The reason is printed with the result. */
#define SKIP(reason)                                                                      \
        do {                                                                              \
                test->skip_reason = (reason);                                             \
                return;                                                                   \
        } while (0)
