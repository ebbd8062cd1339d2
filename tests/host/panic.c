/*
 * What lib/panic.h declares, for hosted tests: a panic can be expected, bug reports that no test
 * looked at are counted, and printk() goes into a buffer that a test can read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ktap.h"
#include "lib/panic.h"
#include "tests/host/expect_panic.h"
#include "tests/host/isolate.h"
#include "tests/host/verbose.h"

#define PRINTED_BYTES 16384
#define MESSAGE_BYTES 512

jmp_buf host_panic_return;
bool host_verbose;

static bool panic_expected;
static char panic_message[MESSAGE_BYTES];

static unsigned int seen_bug_count;

static char printed_text[PRINTED_BYTES];
static size_t printed_length;

void host_panic_arm(void)
{
        panic_expected = true;
}

void host_panic_disarm(void)
{
        panic_expected = false;
}

const char *host_panic_message(void)
{
        return panic_message;
}

const char *host_last_bug(void)
{
        seen_bug_count = bug_report_count();
        return bug_last_report();
}

unsigned int host_bug_count(void)
{
        return bug_report_count();
}

unsigned int host_unseen_bugs(void)
{
        return bug_report_count() - seen_bug_count;
}

const char *host_printed_text(void)
{
        return printed_text;
}

bool host_text_contains(const char *text, const char *part)
{
        return strstr(text, part) != NULL;
}

void host_forget_output(void)
{
        seen_bug_count = bug_report_count();
        printed_text[0] = '\0';
        printed_length = 0;
}

void panic(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(panic_message, sizeof(panic_message), format, arguments);
        va_end(arguments);
        if (panic_expected) {
                panic_expected = false;
                longjmp(host_panic_return, 1);
        }
        isolate_give_up(panic_message);
        ktap_bail_out(panic_message);
        fflush(stdout);
        fprintf(stderr, "%spanic: %s\n", printed_text, panic_message);
        abort();
}

/* Keeps as much of text as there is room for. */
static void keep_printed(const char *text, size_t length)
{
        size_t room = PRINTED_BYTES - 1 - printed_length;

        if (length > room)
                length = room;
        memcpy(printed_text + printed_length, text, length);
        printed_length += length;
        printed_text[printed_length] = '\0';
}

/* The sink of printk(). */
static void print_piece(void *context __unused, const char *text, size_t length)
{
        keep_printed(text, length);
        if (host_verbose)
                fwrite(text, 1, length, stderr);
}

int printk(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        int length = format_to(print_piece, NULL, format, arguments);
        va_end(arguments);
        return length;
}
