/*
 * bug_expect.h - for tests that plant a caller's bug and check that it is caught.
 *
 *      bug_expect_begin();
 *      __free_page(page);                                      the planted bug
 *      EXPECT(bug_expect_end("double-free", "order 0"));
 *
 * An expected report is printed as the line `# expected BUG: <class>: <details>`, without a call
 * chain, and does not count in bug_report_count(). One expectation at a time.
 */
#pragma once

#include "lib/types.h"

/* bug_expect_begin - from now on take reports as expected. Context: a test. */
void bug_expect_begin(void);

/*
 * bug_expect_end - stop taking reports as expected.
 *
 * Returns: whether exactly one came, of class bug_class, whose details contain the text part (NULL:
 *          any details).
 */
bool bug_expect_end(const char *bug_class, const char *part);
