/* Text from outside: numbers, sizes, truth values, command lines. Refuses rather than guesses. */
#include "lib/parse.h"

#include "lib/string.h"

#define NOT_A_DIGIT 36u

/* The value of character as a digit, letters going on after 9; NOT_A_DIGIT for anything else. */
static unsigned int digit_value(char character)
{
        if (character >= '0' && character <= '9')
                return (unsigned int)(character - '0');
        if (character >= 'a' && character <= 'z')
                return (unsigned int)(character - 'a') + 10;
        if (character >= 'A' && character <= 'Z')
                return (unsigned int)(character - 'A') + 10;
        return NOT_A_DIGIT;
}

/* Whether text starts with 0x and a hexadecimal digit. */
static bool has_hex_prefix(const char *text)
{
        return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_value(text[2]) < 16;
}

bool parse_u64(const char *text, const char **end, unsigned int base, u64 *value)
{
        u64 number = 0;

        if ((base == 0 || base == 16) && has_hex_prefix(text)) {
                base = 16;
                text += 2;
        }
        if (base == 0)
                base = 10;
        if (digit_value(*text) >= base)
                return false;
        for (; digit_value(*text) < base; text++)
                if (__builtin_mul_overflow(number, (u64)base, &number) ||
                    __builtin_add_overflow(number, (u64)digit_value(*text), &number))
                        return false;
        if (!end && *text)
                return false;
        if (end)
                *end = text;
        *value = number;
        return true;
}

/* How many bits a size is shifted for its letter; 0 for a letter that is none. */
static unsigned int size_shift(char letter)
{
        switch (letter) {
        case 'k':
        case 'K':
                return 10;
        case 'm':
        case 'M':
                return 20;
        case 'g':
        case 'G':
                return 30;
        case 't':
        case 'T':
                return 40;
        default:
                return 0;
        }
}

bool parse_size(const char *text, u64 *bytes)
{
        const char *end;
        u64 number;

        if (!parse_u64(text, &end, 0, &number))
                return false;

        unsigned int shift = size_shift(*end);
        if (shift)
                end++;
        if (*end || number << shift >> shift != number)
                return false;
        *bytes = number << shift;
        return true;
}

/* Whether text is one of the words of list, which ends with NULL. */
static bool is_one_of(const char *text, const char *const *list)
{
        for (; *list; list++)
                if (strcmp(text, *list) == 0)
                        return true;
        return false;
}

bool parse_bool(const char *text, bool *value)
{
        static const char *const yes[] = { "1", "y", "yes", "on", "true", NULL };
        static const char *const no[] = { "0", "n", "no", "off", "false", NULL };

        if (!is_one_of(text, yes) && !is_one_of(text, no))
                return false;
        *value = is_one_of(text, yes);
        return true;
}

/* Whether character divides words. */
static bool is_blank(char character)
{
        return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

bool parse_next_word(char **line, struct parse_word *word)
{
        char *from = *line + strspn(*line, " \t\r\n");
        char *to = from;
        bool quoted = false;

        *line = from;
        if (!*from)
                return false;

        *word = (struct parse_word){ .key = from };
        for (; *from && (quoted || !is_blank(*from)); from++) {
                if (*from == '"') {
                        quoted = !quoted;
                } else if (*from == '=' && !word->value) {
                        *to++ = '\0';
                        word->value = to;
                } else {
                        *to++ = *from;
                }
        }
        *line = *from ? from + 1 : from;
        *to = '\0';
        return true;
}
