/* Zero-terminated strings, byte by byte: none is long enough here to deserve better. */
#include "lib/string.h"

size_t strnlen(const char *text, size_t limit)
{
        size_t length = 0;

        while (length < limit && text[length])
                length++;
        return length;
}

size_t strlen(const char *text)
{
        return strnlen(text, SIZE_MAX);
}

int strcmp(const char *left, const char *right)
{
        while (*left && *left == *right) {
                left++;
                right++;
        }
        return (unsigned char)*left - (unsigned char)*right;
}

int strncmp(const char *left, const char *right, size_t limit)
{
        while (limit && *left && *left == *right) {
                left++;
                right++;
                limit--;
        }
        return limit ? (unsigned char)*left - (unsigned char)*right : 0;
}

size_t strlcpy(char *destination, const char *source, size_t buffer_bytes)
{
        size_t length = strlen(source);

        if (buffer_bytes) {
                size_t copied = length < buffer_bytes ? length : buffer_bytes - 1;
                memcpy(destination, source, copied);
                destination[copied] = '\0';
        }
        return length;
}

char *strchr(const char *text, int character)
{
        while (*text && *text != (char)character)
                text++;
        return *text == (char)character ? (char *)text : NULL;
}

char *strrchr(const char *text, int character)
{
        for (size_t length = strlen(text) + 1; length; length--)
                if (text[length - 1] == (char)character)
                        return (char *)text + length - 1;
        return NULL;
}

char *strstr(const char *text, const char *part)
{
        size_t length = strlen(part);

        for (; strncmp(text, part, length) != 0; text++)
                if (!*text)
                        return NULL;
        return (char *)text;
}

/* Whether set contains character, which may not be the terminating zero. */
static bool set_contains(const char *set, char character)
{
        return character && strchr(set, character);
}

size_t strspn(const char *text, const char *set)
{
        size_t length = 0;

        while (set_contains(set, text[length]))
                length++;
        return length;
}

size_t strcspn(const char *text, const char *set)
{
        size_t length = 0;

        while (text[length] && !set_contains(set, text[length]))
                length++;
        return length;
}
