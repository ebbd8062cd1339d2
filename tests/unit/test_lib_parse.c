/* Text from outside: numbers, sizes, truth values and command lines, good and hostile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/compiler.h"
#include "lib/parse.h"
#include "lib/random.h"
#include "lib/test.h"

#define UNTOUCHED 0x5a5a5a5a5a5a5a5aull

/* Fails the test unless all of text is read as value. */
static void expect_number(struct test_state *test, const char *text, unsigned int base, u64 value)
{
        u64 number = UNTOUCHED;

        if (!parse_u64(text, NULL, base, &number) || number != value)
                test_fail(test, __FILE__, __LINE__, "\"%s\" is read as %llu", text,
                          (unsigned long long)number);
}

/* Fails the test unless text is refused, and nothing written. */
static void expect_no_number(struct test_state *test, const char *text, unsigned int base)
{
        u64 number = UNTOUCHED;

        if (parse_u64(text, NULL, base, &number) || number != UNTOUCHED)
                test_fail(test, __FILE__, __LINE__, "\"%s\" is not refused", text);
}

TEST(lib_parse, numbers)
{
        expect_number(test, "0", 0, 0);
        expect_number(test, "0010", 0, 10);
        expect_number(test, "0x1F", 0, 31);
        expect_number(test, "0Xff", 16, 255);
        expect_number(test, "ff", 16, 255);
        expect_number(test, "777", 8, 511);
        expect_number(test, "1010", 2, 10);
        expect_number(test, "Zz", 36, 35 * 36 + 35);
        expect_number(test, "18446744073709551615", 0, UINT64_MAX);
        expect_number(test, "0xffffffffffffffff", 0, UINT64_MAX);
        expect_number(test, "1777777777777777777777", 8, UINT64_MAX);
}

TEST(lib_parse, what_is_no_number_is_refused)
{
        static const char *const refused[] = {
                "", " 1", "1 ", "-1", "+1", "x", "0x", "0xg", "1a", "1.0",
                "18446744073709551616", "18446744073709551620", "99999999999999999999",
                "0x10000000000000000", "184467440737095516150",
        };

        for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
                expect_no_number(test, refused[i], 0);
        expect_no_number(test, "8", 8);
        expect_no_number(test, "0x10", 10);
        expect_no_number(test, "2", 2);
}

TEST(lib_parse, end_tells_where_the_number_ends)
{
        const char *text = "12:0x";
        const char *end = NULL;
        u64 number;

        REQUIRE(parse_u64(text, &end, 0, &number));
        EXPECT_EQ(number, 12);
        EXPECT(end == text + 2);
        REQUIRE(parse_u64(text + 3, &end, 0, &number));
        EXPECT_EQ(number, 0);
        EXPECT_EQ(*end, 'x');
        EXPECT(!parse_u64(text + 2, &end, 0, &number));
}

TEST(lib_parse, numbers_survive_printing)
{
        struct random random;
        char text[40];

        random_seed(&random, test->seed);
        for (int i = 0; i < 10000; i++) {
                u64 number = random_next(&random) >> random_below(&random, 64);
                snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
                expect_number(test, text, 0, number);
                snprintf(text, sizeof(text), "%#llx", (unsigned long long)number);
                expect_number(test, text, 0, number);
                snprintf(text, sizeof(text), "%llo", (unsigned long long)number);
                expect_number(test, text, 8, number);
        }
}

TEST(lib_parse, sizes)
{
        static const struct { const char *text; u64 bytes; } sizes[] = {
                { "0", 0 }, { "4096", 4096 }, { "0x1000", 4096 }, { "64K", 65536 }, { "1k", 1024 },
                { "16M", 16 << 20 }, { "0x10m", 16 << 20 }, { "4G", 4ull << 30 },
                { "64g", 64ull << 30 }, { "1T", 1ull << 40 }, { "16777215T", 0xffffffull << 40 },
                { "17179869183G", 0x3ffffffffull << 30 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
                u64 bytes = UNTOUCHED;
                EXPECT(parse_size(sizes[i].text, &bytes));
                EXPECT_EQ(bytes, sizes[i].bytes);
        }
}

TEST(lib_parse, nonsense_sizes_are_refused)
{
        static const char *const refused[] = {
                "", "K", "M4", "4KB", "4 K", "-4K", "4P", "4.5M", "4MM", "0xK", "nonsense",
                "16777216T", "17179869184G", "18446744073709551615K", "18446744073709551616",
        };

        for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
                u64 bytes = UNTOUCHED;
                EXPECT(!parse_size(refused[i], &bytes));
                EXPECT_EQ(bytes, UNTOUCHED);
        }
}

TEST(lib_parse, truth_values)
{
        static const char *const yes[] = { "1", "y", "yes", "on", "true" };
        static const char *const no[] = { "0", "n", "no", "off", "false" };
        bool value;

        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
                value = false;
                EXPECT(parse_bool(yes[i], &value) && value);
                value = true;
                EXPECT(parse_bool(no[i], &value) && !value);
        }
        EXPECT(!parse_bool("", &value));
        EXPECT(!parse_bool("2", &value));
        EXPECT(!parse_bool("yess", &value));
}

/* Writes the words of line into result, as `key` or `key=[value]`, with | behind each. */
static void split(const char *line, char *result, size_t result_bytes)
{
        char *copy = strdup(line);
        char *rest = copy;
        struct parse_word word;
        size_t length = 0;

        result[0] = '\0';
        while (parse_next_word(&rest, &word) && length < result_bytes)
                length += (size_t)snprintf(result + length, result_bytes - length,
                                           word.value ? "%s=[%s]|" : "%s|", word.key, word.value);
        free(copy);
}

TEST(lib_parse, command_lines)
{
        static const struct { const char *line, *words; } lines[] = {
                { "", "" },
                { " \t\r\n ", "" },
                { "quiet", "quiet|" },
                { "  mem=64M   quiet ", "mem=[64M]|quiet|" },
                { "run=\"meminfo; buddyinfo\" test=all", "run=[meminfo; buddyinfo]|test=[all]|" },
                { "\"run=a b\" c", "run=[a b]|c|" },
                { "a=b=c", "a=[b=c]|" },
                { "a= b", "a=[]|b|" },
                { "=a", "=[a]|" },
                { "a=\"\" \"\" b", "a=[]||b|" },
                { "a=x\"y z\"w", "a=[xy zw]|" },
                { "run=\"never closed b", "run=[never closed b]|" },
                { "\"", "|" },
                { "a\tb\nc", "a|b|c|" },
        };
        char words[200];

        for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
                split(lines[i].line, words, sizeof(words));
                if (strcmp(words, lines[i].words) != 0)
                        test_fail(test, __FILE__, __LINE__, "<%s> is split to <%s>", lines[i].line,
                                  words);
        }
}

/* The line lies in a block of exactly its size, so that the sanitizer sees any step outside. */
TEST(lib_parse, random_lines_stay_inside)
{
        struct random random;

        random_seed(&random, test->seed);
        for (int i = 0; i < 20000; i++) {
                u32 length = random_below(&random, 20);
                char *line = malloc(length + 1);
                char *rest = line;
                struct parse_word word;
                for (u32 j = 0; j < length; j++)
                        line[j] = "ab=\" \t\xff"[random_below(&random, 7)];
                line[length] = '\0';
                while (parse_next_word(&rest, &word)) {
                        EXPECT(word.key >= line && word.key + strlen(word.key) <= line + length);
                        EXPECT(!word.value || word.value > word.key);
                        EXPECT(!word.value || word.value + strlen(word.value) <= line + length);
                        EXPECT(rest > word.key && rest <= line + length);
                }
                free(line);
        }
}
