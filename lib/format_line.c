/* format_line.c - making one line of whatever was formatted. */
#include "lib/format_line.h"

#include "lib/format.h"
#include "lib/string.h"

void format_line(char *buffer, size_t buffer_bytes, const char *format, va_list arguments)
{
        vsnprintf(buffer, buffer_bytes, format, arguments);

        size_t length = strlen(buffer);
        while (length && buffer[length - 1] == '\n')
                buffer[--length] = '\0';
        for (size_t index = 0; index < length; index++)
                if ((u8)buffer[index] < ' ')
                        buffer[index] = ' ';
}
