/* Formatting against the C library, over random conversions; and where they differ on purpose. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int (*const libc_snprintf)(char *, size_t, const char *, ...) = snprintf;

#include "tests/host/rename_libc.h"

#include "lib/compiler.h"
#include "lib/format.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/test.h"

#define TEXT_BYTES 300

/* A conversion to try: its text, and the arguments for each * in it. */
struct trial {
        char format[64];
        char letter;
        unsigned int length;            /* an index of length_names */
        unsigned int star_count;
        int stars[2];
        size_t buffer_bytes;
};

static const char *const length_names[] = { "", "hh", "h", "l", "ll", "z", "j", "t" };

/* Adds nothing, a number, or a * with its argument, to the format. */
static void draw_count(struct random *random, struct trial *trial, const char *before)
{
        size_t length = strlen(trial->format);
        char *end = trial->format + length;
        size_t room = sizeof(trial->format) - length;

        if (random_one_in(random, 4)) {
                trial->stars[trial->star_count++] = (int)random_below(random, 80) - 30;
                libc_snprintf(end, room, "%s*", before);
        } else {
                libc_snprintf(end, room, "%s%u", before, random_below(random, 60));
        }
}

/* Draws flags, width, precision, length and letter. */
static void draw_trial(struct random *random, struct trial *trial)
{
        *trial = (struct trial){ .format = "<%" };
        char *end = trial->format + 2;

        for (u32 flags = random_below(random, 4); flags; flags--)
                *end++ = "-+ 0#"[random_below(random, 5)];
        trial->letter = "diuxXocs"[random_below(random, 8)];
        trial->length = random_below(random, ARRAY_SIZE(length_names));
        if (trial->letter == 'c' || trial->letter == 's')
                trial->length = 0;
        if (random_one_in(random, 2))
                draw_count(random, trial, "");
        if (random_one_in(random, 3))
                draw_count(random, trial, ".");
        end = trial->format + strlen(trial->format);
        libc_snprintf(end, 10, "%s%c>", length_names[trial->length], trial->letter);
        trial->buffer_bytes = random_one_in(random, 3) ? random_below(random, 20) : TEXT_BYTES;
}

typedef int (*snprintf_t)(char *, size_t, const char *, ...);

/* Calls one of the two with the last argument, of any type, behind the stars' arguments. */
#define CALL(print, text, trial, argument)                                                \
        ((trial)->star_count == 0                                                         \
                 ? print(text, (trial)->buffer_bytes, (trial)->format, argument)          \
         : (trial)->star_count == 1                                                       \
                 ? print(text, (trial)->buffer_bytes, (trial)->format, (trial)->stars[0], \
                         argument)                                                        \
                 : print(text, (trial)->buffer_bytes, (trial)->format, (trial)->stars[0], \
                         (trial)->stars[1], argument))

/* Prints the trial with one of the two; the argument is taken from value. */
static int print_trial(snprintf_t print, char *text, const struct trial *trial, u64 value)
{
        static const char *const strings[] = {
                "", "a", "longer", "sixty characters or so are more than any width that is drawn",
        };

        if (trial->letter == 's')
                return CALL(print, text, trial, strings[value % ARRAY_SIZE(strings)]);
        if (trial->letter == 'c')
                return CALL(print, text, trial, (int)(value % 255 + 1));
        switch (trial->length) {
        case 3:
                return CALL(print, text, trial, (long)value);
        case 4:
                return CALL(print, text, trial, (long long)value);
        case 5:
                return CALL(print, text, trial, (size_t)value);
        case 6:
                return CALL(print, text, trial, (intmax_t)value);
        case 7:
                return CALL(print, text, trial, (ptrdiff_t)value);
        default:
                return CALL(print, text, trial, (int)value);
        }
}

TEST(lib_format, agrees_with_the_c_library)
{
        struct random random;
        char ours[TEXT_BYTES];
        char theirs[TEXT_BYTES];

        random_seed(&random, test->seed);
        for (int i = 0; i < 200000; i++) {
                struct trial trial;
                draw_trial(&random, &trial);
                u64 value = random_next(&random) >> random_below(&random, 64);
                if (random_one_in(&random, 3))
                        value = random_one_in(&random, 2) ? 0 : -value;
                memset(ours, 0x55, sizeof(ours));
                memset(theirs, 0x55, sizeof(theirs));
                int our_length = print_trial(snprintf, ours, &trial, value);
                int their_length = print_trial(libc_snprintf, theirs, &trial, value);
                if (our_length == their_length && memcmp(ours, theirs, TEXT_BYTES) == 0)
                        continue;
                test_fail(test, __FILE__, __LINE__, "%s: %d %.*s, not %d %.*s", trial.format,
                          our_length, 80, ours, their_length, 80, theirs);
        }
}

/* Formats into a buffer of 64 bytes and compares. */
static __printf(4, 5) void expect_text(struct test_state *test, int line, const char *expected,
                                       const char *format, ...)
{
        char text[64];
        va_list arguments;

        va_start(arguments, format);
        int length = vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (strcmp(text, expected) != 0 || (size_t)length != strlen(expected))
                test_fail(test, __FILE__, line, "%d \"%s\", not \"%s\"", length, text, expected);
}

#define EXPECT_TEXT(expected, ...) expect_text(test, __LINE__, expected, __VA_ARGS__)

TEST(lib_format, pointers_show_all_digits)
{
        void *pointer = (void *)(uintptr_t)0xc0de;

        if (sizeof(void *) == 4) {
                EXPECT_TEXT("0x0000c0de", "%p", pointer);
                EXPECT_TEXT("  0x00000000|", "%12p|", NULL);
                EXPECT_TEXT("0x00000000  |", "%-12p|", NULL);
        } else {
                EXPECT_TEXT("0x000000000000c0de", "%p", pointer);
                EXPECT_TEXT("  0x0000000000000000|", "%20p|", NULL);
        }
}

TEST(lib_format, null_strings_are_named)
{
        const char *volatile null = NULL;

        EXPECT_TEXT("<(null)>", "<%s>", null);
        EXPECT_TEXT("<    (nu>", "<%7.3s>", null);
}

TEST(lib_format, percent_signs)
{
        EXPECT_TEXT("100%", "%d%%", 100);
        EXPECT_TEXT("%%", "%%%%");
}

/* The formats are wrong on purpose, so the compiler may not see them. */
TEST(lib_format, what_is_no_conversion_stays)
{
        static const char *const formats[] = { "%", "a%", "%5", "%-", "%l", "%y", "%5.2f|", "%n" };
        char text[20];

        for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
                const char *volatile hidden = formats[i];
                EXPECT_EQ(((snprintf_t)snprintf)(text, sizeof(text), hidden), strlen(formats[i]));
                EXPECT_EQ(strcmp(text, formats[i]), 0);
        }
}

TEST(lib_format, extremes)
{
        volatile int smallest = INT32_MIN;

        EXPECT_TEXT("-9223372036854775808", "%lld", INT64_MIN + 0ll);
        EXPECT_TEXT("18446744073709551615", "%llu", ~0ull);
        EXPECT_TEXT("1777777777777777777777", "%llo", ~0ull);
        EXPECT_TEXT("4294967296", "%llu", 1ull << 32);
        EXPECT_TEXT("1000000000000000000", "%llu", 1000000000000000000ull);
        EXPECT_TEXT("-2147483648", "%d", INT32_MIN);
        EXPECT_TEXT("5", "%*d", smallest, 5);
}

TEST(lib_format, scnprintf_returns_what_it_wrote)
{
        char text[4] = "XXX";

        EXPECT_EQ(scnprintf(text, 0, "hello"), 0);
        EXPECT_EQ(text[0], 'X');
        EXPECT_EQ(scnprintf(text, 1, "hello"), 0);
        EXPECT_EQ(text[0], '\0');
        EXPECT_EQ(scnprintf(text, 4, "hello"), 3);
        EXPECT_EQ(strcmp(text, "hel"), 0);
        EXPECT_EQ(scnprintf(text, 4, "abc"), 3);
        EXPECT_EQ(scnprintf(text, 4, "%d", 12), 2);
        EXPECT_EQ(strcmp(text, "12"), 0);
        EXPECT_EQ(snprintf(NULL, 0, "%d", 12345), 5);
}

/* What the sink of the next test has seen. */
struct pieces {
        char text[64];
        size_t length;
        unsigned int empty_count;
};

/* A sink that puts the pieces together. */
static void take_piece(void *context, const char *text, size_t length)
{
        struct pieces *pieces = context;

        memcpy(pieces->text + pieces->length, text, length);
        pieces->length += length;
        pieces->empty_count += length == 0;
}

/* Formats to the sink above. */
static __printf(2, 3) int format_pieces(struct pieces *pieces, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        int length = format_to(take_piece, pieces, format, arguments);
        va_end(arguments);
        return length;
}

TEST(lib_format, sink_gets_every_byte_in_order)
{
        struct pieces pieces = {0};

        EXPECT_EQ(format_pieces(&pieces, "%-3s|%c|%08x%s", "a", 0, 0xbeefu, ""), 14);
        EXPECT_EQ(pieces.length, 14);
        EXPECT_EQ(memcmp(pieces.text, "a  |\0|0000beef", 14), 0);
        EXPECT_EQ(pieces.empty_count, 0);
}
