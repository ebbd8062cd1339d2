/*
 * bug_report.c - one line for each caller's bug, counted, and kept for the test that planted it.
 *
 * Locking: none, so that it works wherever a bug is found. Two reports at the same moment may
 * mix in what bug_last_report() keeps; each is printed whole.
 */
#include "lib/backtrace.h"
#include "lib/bug_expect.h"
#include "lib/format.h"
#include "lib/format_line.h"
#include "lib/panic.h"
#include "lib/string.h"

#define BUG_TEXT_BYTES 256

static char last_report[BUG_TEXT_BYTES];        /* "<class>: <details>" */
static unsigned int report_count;
static bool expecting;
static unsigned int expected_count;

void bug_report(const char *bug_class, const char *format, ...)
{
        char text[BUG_TEXT_BYTES];
        va_list arguments;

        int start = scnprintf(text, sizeof(text), "%s: ", bug_class);
        va_start(arguments, format);
        format_line(text + start, sizeof(text) - (size_t)start, format, arguments);
        va_end(arguments);
        strlcpy(last_report, text, sizeof(last_report));

        if (expecting) {
                expected_count++;
                printk("# expected BUG: %s\n", text);
                return;
        }
        report_count++;
        printk("BUG: %s\n", text);
        dump_stack();
}

unsigned int bug_report_count(void)
{
        return READ_ONCE(report_count);
}

const char *bug_last_report(void)
{
        return last_report;
}

void bug_expect_begin(void)
{
        last_report[0] = '\0';
        expected_count = 0;
        WRITE_ONCE(expecting, true);
}

bool bug_expect_end(const char *bug_class, const char *part)
{
        size_t class_length = strlen(bug_class);

        WRITE_ONCE(expecting, false);
        if (expected_count != 1 || strncmp(last_report, bug_class, class_length) ||
            strncmp(last_report + class_length, ": ", 2))
                return false;
        return !part || strstr(last_report + class_length + 2, part);
}
