/* Numbers, sizes and command lines out of hostile text, against slow models. */
#include <string.h>

#include "lib/bits.h"
#include "lib/parse.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_BYTES 256u
#define NO_DIGIT 99u

/* What a character counts for, whatever the base. */
static unsigned int digit_of(char character)
{
        static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
        static const char capitals[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

        for (unsigned int digit = 0; digit < 36; digit++)
                if (character == digits[digit] || character == capitals[digit])
                        return digit;
        return NO_DIGIT;
}

/* parse_u64() done slowly. Returns how many characters the number has; 0 when there is none. */
static size_t model_number(const char *text, unsigned int base, u64 *value)
{
        bool has_prefix = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
                          digit_of(text[2]) < 16;
        size_t length = has_prefix && (base == 0 || base == 16) ? 2 : 0;
        size_t prefix = length;

        if (base == 0)
                base = prefix ? 16 : 10;
        for (*value = 0; digit_of(text[length]) < base; length++)
                if (__builtin_mul_overflow(*value, (u64)base, value) ||
                    __builtin_add_overflow(*value, (u64)digit_of(text[length]), value))
                        return 0;
        return length > prefix ? length : 0;
}

/* Compare parse_u64() with the model, in both its ways. */
static void compare_number(const char *text, unsigned int base)
{
        u64 value = 1, expected = 0;
        const char *end = NULL;
        size_t length = model_number(text, base, &expected);
        bool is_number = parse_u64(text, &end, base, &value);

        FUZZ_REQUIRE(is_number == (length != 0));
        FUZZ_REQUIRE(!is_number || (value == expected && end == text + length));
        value = 1;
        FUZZ_REQUIRE(parse_u64(text, NULL, base, &value) == (is_number && !text[length]));
}

/* Compare parse_size() with the model. */
static void compare_size(const char *text)
{
        static const char letters[] = "KMGT", small[] = "kmgt";
        u64 value = 1, expected = 0;
        size_t length = model_number(text, 0, &expected);
        unsigned int shift = 0;

        for (unsigned int index = 0; length && index < 4; index++)
                if (text[length] == letters[index] || text[length] == small[index])
                        shift = 10 * (index + 1);
        bool is_size = length && !text[length + (shift != 0)] &&
                       expected << shift >> shift == expected;

        FUZZ_REQUIRE(parse_size(text, &value) == is_size);
        FUZZ_REQUIRE(!is_size || value == expected << shift);
}

/* Take a command line apart: every word lies inside it, and it comes to its end. */
static void take_apart(char *text)
{
        char *line = text, *end = text + strlen(text);
        struct parse_word word;
        unsigned int count = 0;

        while (parse_next_word(&line, &word)) {
                FUZZ_REQUIRE(word.key >= text && word.key + strlen(word.key) <= end);
                FUZZ_REQUIRE(!word.value || (word.value > word.key &&
                                             word.value + strlen(word.value) <= end));
                FUZZ_REQUIRE(line >= text && line <= end && ++count <= TEXT_BYTES);
        }
        FUZZ_REQUIRE(!*line);
}

/* fuzz_parse - read one text in all ways. */
void fuzz_parse(const u8 *data, size_t length)
{
        static const char likely[] = "0123456789xXaFkKmMgGtT \"='\t";
        struct fuzz_stream stream = fuzz_open(data, length);
        unsigned int base = fuzz_below(&stream, 36);
        bool is_likely = fuzz_below(&stream, 2);
        char text[TEXT_BYTES];
        size_t count = 0;

        while (fuzz_has_more(&stream) && count < TEXT_BYTES - 1) {
                u8 byte = fuzz_take(&stream);

                text[count++] = is_likely ? likely[byte % (sizeof(likely) - 1)] : (char)byte;
        }
        text[count] = '\0';
        compare_number(text, base == 1 ? 0 : base);
        compare_size(text);
        take_apart(text);
}
