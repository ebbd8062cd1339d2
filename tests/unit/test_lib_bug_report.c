/* Reports of callers' bugs: one line each, counted, kept, or expected by who plants them. */
#include "lib/bug_expect.h"
#include "lib/format_line.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lib/test.h"
#include "tests/host/expect_panic.h"

/* format_line() with the arguments themselves. */
static __printf(3, 4) void make_line(char *buffer, size_t buffer_bytes, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        format_line(buffer, buffer_bytes, format, arguments);
        va_end(arguments);
}

TEST(lib_bug_report, line_has_no_breaks)
{
        char line[32];

        make_line(line, sizeof(line), "plain");
        EXPECT(!strcmp(line, "plain"));
        make_line(line, sizeof(line), "ended\n\n");
        EXPECT(!strcmp(line, "ended"));
        make_line(line, sizeof(line), "a\nb\tc%s", "\r\nd\n");
        EXPECT(!strcmp(line, "a b c  d"));
        make_line(line, sizeof(line), "\n");
        EXPECT(!strcmp(line, ""));
        make_line(line, sizeof(line), "%s", "");
        EXPECT(!strcmp(line, ""));
        make_line(line, 4, "too long");
        EXPECT(!strcmp(line, "too"));
        make_line(line, sizeof(line), "\xe2\x80\xa6");
        EXPECT(!strcmp(line, "\xe2\x80\xa6"));
}

TEST(lib_bug_report, is_one_line_and_counted)
{
        unsigned int count = bug_report_count();

        bug_report("planted", "first\nsecond %d\n", 42);
        EXPECT_EQ(bug_report_count(), count + 1);
        EXPECT(!strcmp(bug_last_report(), "planted: first second 42"));
        EXPECT(host_text_contains(host_printed_text(), "BUG: planted: first second 42\n"));
        EXPECT(!strcmp(host_last_bug(), "planted: first second 42"));
}

TEST(lib_bug_report, long_details_are_cut)
{
        bug_report("planted", "%0300d", 7);
        EXPECT_EQ(strlen(host_last_bug()), 255);
}

/* An expected report is not counted; what was not as expected is told. */
TEST(lib_bug_report, expected_report)
{
        unsigned int count = bug_report_count();

        bug_expect_begin();
        bug_report("planted", "page %d", 7);
        EXPECT(bug_expect_end("planted", "page 7"));
        EXPECT_EQ(bug_report_count(), count);
        EXPECT(host_text_contains(host_printed_text(), "# expected BUG: planted: page 7\n"));
        EXPECT(!host_text_contains(host_printed_text(), "\nBUG:"));

        bug_expect_begin();
        bug_report("planted", "page %d", 7);
        EXPECT(bug_expect_end("planted", NULL));
}

TEST(lib_bug_report, unexpected_is_told)
{
        bug_expect_begin();
        EXPECT(!bug_expect_end("planted", NULL));

        bug_expect_begin();
        bug_report("planted", "one");
        bug_report("planted", "two");
        EXPECT(!bug_expect_end("planted", NULL));

        bug_expect_begin();
        bug_report("planted", "one");
        EXPECT(!bug_expect_end("planted", "two"));
        bug_expect_begin();
        bug_report("planted-too", "one");
        EXPECT(!bug_expect_end("planted", "one"));
        bug_expect_begin();
        bug_report("other", "one");
        EXPECT(!bug_expect_end("planted", "one"));
}
