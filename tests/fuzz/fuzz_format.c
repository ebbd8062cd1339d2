/*
 * Hostile formats: whatever stands in one, no byte is written beyond the buffer, the result is
 * terminated, and its length does not depend on the room.
 */
#include "tests/host/rename_libc.h"

#include "lib/format.h"
#include "lib/string.h"
#include "tests/fuzz/fuzz.h"

#define FORMAT_BYTES 24u
#define TEXT_BYTES 300u
#define UNTOUCHED 0x5A

/* Build a format of at most FORMAT_BYTES, whose widths stay small and take no arguments. */
static void build_format(struct fuzz_stream *stream, char format[FORMAT_BYTES])
{
        static const char likely_characters[] = "%%%%d3x-0+ #.7hlzjtuiXocspan";
        unsigned int digits = 0, count = 0;

        while (fuzz_has_more(stream) && count < FORMAT_BYTES - 1) {
                u8 byte = fuzz_take(stream);
                char character = byte < 200
                        ? likely_characters[byte % (sizeof(likely_characters) - 1)] : (char)byte;

                digits = character >= '0' && character <= '9' ? digits + 1 : 0;
                if (digits < 3 && character != '*' && character)
                        format[count++] = character;
        }
        format[count] = '\0';
}

/* Print a format into a buffer of some bytes; every argument may be taken for any type. */
static int print(char *text, size_t text_bytes, const char *format)
{
        static const char string[] = "a string of moderate length";
        int (*const any_format)(char *, size_t, const char *, ...) = snprintf;

        return any_format(text, text_bytes, format, string, string, string, string, string, string,
                          string, string, string, string, string, string, string, string, string,
                          string, string, string, string, string, string, string, string, string);
}

/* fuzz_format - print one format twice, with much room and with little. */
void fuzz_format(const u8 *data, size_t length)
{
        struct fuzz_stream stream = fuzz_open(data, length);
        size_t room = fuzz_below(&stream, 40);
        char whole[TEXT_BYTES + 1], cut[TEXT_BYTES + 1], format[FORMAT_BYTES];

        build_format(&stream, format);
        memset(whole, UNTOUCHED, sizeof(whole));
        memset(cut, UNTOUCHED, sizeof(cut));
        int whole_length = print(whole, TEXT_BYTES, format);
        int cut_length = print(cut, room, format);

        FUZZ_REQUIRE(whole_length >= 0 && cut_length == whole_length);
        FUZZ_REQUIRE(whole[TEXT_BYTES] == UNTOUCHED && cut[room] == UNTOUCHED);
        if ((size_t)whole_length < TEXT_BYTES)
                FUZZ_REQUIRE(strlen(whole) <= (size_t)whole_length);
        if (room && (size_t)whole_length < TEXT_BYTES)
                FUZZ_REQUIRE(memcmp(cut, whole, (size_t)whole_length < room
                                    ? (size_t)whole_length : room - 1) == 0);
}
