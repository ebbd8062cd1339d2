/*
 * expect_panic.h - hosted tests of what must panic, or must report a bug.
 *
 *      EXPECT_PANIC(free_bootmem(0, 0), "double free");
 *      EXPECT_BUG(kfree(pointer), "double-free");
 *
 * A panic outside EXPECT_PANIC ends the program. A bug report that no one asks for fails the test.
 */
#pragma once

#include <setjmp.h>

#include "lib/test.h"

/* Where panic() goes on; armed by EXPECT_PANIC alone. */
extern jmp_buf host_panic_return;

/* host_panic_arm - make the next panic() jump to host_panic_return. */
void host_panic_arm(void);

/* host_panic_disarm - make the next panic() end the program again. */
void host_panic_disarm(void);

/* host_panic_message - what the last expected panic said. */
const char *host_panic_message(void);

/*
 * host_last_bug - the last report `<class>: <details>`, or "" if there is none.
 *
 * Asking is accepting: reports so far do not fail the test.
 */
const char *host_last_bug(void);

/* host_bug_count - how many bugs have been reported so far. */
unsigned int host_bug_count(void);

/* host_printed_text - what printk() has printed in this test, its first 16 KiB. */
const char *host_printed_text(void);

/* host_forget_output - start afresh: no bugs, nothing printed. The runner does so for each test. */
void host_forget_output(void);

/* host_unseen_bugs - how many bugs have been reported since host_last_bug() was last called. */
unsigned int host_unseen_bugs(void);

/* host_text_contains - whether part stands anywhere in text. */
bool host_text_contains(const char *text, const char *part);

/* The statement must panic with a message that contains part. It may not return from the test. */
#define EXPECT_PANIC(statement, part)                                                     \
        do {                                                                              \
                if (setjmp(host_panic_return) == 0) {                                     \
                        host_panic_arm();                                                 \
                        statement;                                                        \
                        host_panic_disarm();                                              \
                        test_fail(test, __FILE__, __LINE__, "%s did not panic",           \
                                  #statement);                                            \
                } else if (!host_text_contains(host_panic_message(), part)) {             \
                        test_fail(test, __FILE__, __LINE__, "%s panics with \"%s\"",      \
                                  #statement, host_panic_message());                      \
                }                                                                         \
        } while (0)

/* The statement must report exactly one bug, whose line contains part. */
#define EXPECT_BUG(statement, part)                                                       \
        do {                                                                              \
                unsigned int bugs_before = host_bug_count();                              \
                statement;                                                                \
                if (host_bug_count() != bugs_before + 1)                                  \
                        test_fail(test, __FILE__, __LINE__, "%s reports %u bugs, not 1",  \
                                  #statement, host_bug_count() - bugs_before);            \
                else if (!host_text_contains(host_last_bug(), part))                      \
                        test_fail(test, __FILE__, __LINE__, "%s reports \"%s\"",          \
                                  #statement, host_last_bug());                           \
        } while (0)
