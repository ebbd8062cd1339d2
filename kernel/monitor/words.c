/* words.c - one pass over the text for each of the two; what a quote hides is not looked at. */
#include "kernel/monitor/words.h"

#include "lib/string.h"

#define BLANKS " \t\r\n"

/* Whether a character is one that divides words. */
static bool is_blank(char character)
{
        return character && strchr(BLANKS, character);
}

/* The length of text up to a `;` outside of quotes, or up to its end. */
static size_t command_length(const char *text)
{
        bool is_quoted = false;
        size_t length = 0;

        for (; text[length] && (is_quoted || text[length] != ';'); length++)
                if (text[length] == '"')
                        is_quoted = !is_quoted;
        return length;
}

bool words_next_command(const char **text, char *buffer, size_t buffer_bytes,
                        size_t *length_bytes)
{
        const char *start = *text + strspn(*text, BLANKS ";");
        size_t length = command_length(start);

        *text = start + length;
        while (length && is_blank(start[length - 1]))
                length--;
        *length_bytes = length;
        if (!length)
                return false;
        strlcpy(buffer, start, length < buffer_bytes ? length + 1 : buffer_bytes);
        return true;
}

/*
 * Copy one word from *source to *target, which lies before it, without its quotes. Returns whether
 * every quote was closed.
 */
static bool take_word(const char **source, char **target)
{
        bool is_quoted = false;

        while (**source && (is_quoted || !is_blank(**source))) {
                if (**source == '"')
                        is_quoted = !is_quoted;
                else
                        *(*target)++ = **source;
                (*source)++;
        }
        return !is_quoted;
}

int words_split(char *command, char **words, unsigned int capacity)
{
        const char *source = command + strspn(command, BLANKS);
        char *target = command;
        unsigned int count = 0;

        while (*source) {
                if (count + 1 >= capacity)
                        return WORDS_TOO_MANY;
                words[count++] = target;
                if (!take_word(&source, &target))
                        return WORDS_OPEN_QUOTE;
                source += strspn(source, BLANKS);
                *target++ = '\0';
        }
        words[count] = NULL;
        return (int)count;
}
