/*
 * planted.c - tests that misbehave, for testing whatever runs tests and reads their reports.
 *
 * They run only when they are named: test=planted.fail.
 */
#include "drivers/qemu/debug_exit.h"
#include "lib/panic.h"
#include "lib/test.h"
#include "mm/phys/page_alloc.h"

TEST(planted, fail)
{
        EXPECT_EQ(1 + 1, 3);
}

/* The machine ends, and says that all is well, before this test has a result. */
TEST(planted, quit)
{
        debug_exit(DEBUG_EXIT_SUCCESS);
        test_fail(test, __FILE__, __LINE__, "this machine does not end when it is told to");
}

/* The runner finds that a page is missing; the test itself has nothing to say. */
TEST(planted, leak)
{
        REQUIRE(alloc_page(GFP_KERNEL));
}

TEST(planted, panic)
{
        panic("planted by a test");
}
