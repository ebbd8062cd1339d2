/*
 * Formatting
 *
 * Idea        One pass over the format. Text between conversions goes to the sink as it is; a
 *             conversion is parsed into a struct conversion, and one function for each kind prints
 *             it. No piece is ever collected, so no buffer limits the length of the result.
 *
 * Picture     %-#08.4llx       flags width precision length letter
 *
 *             |<------------ width ------------->|
 *             spaces   prefix   zeros     digits   spaces
 *                      - + 0x   up to precision, or up to width with the flag 0
 *
 * Data        struct printer: where the text goes, how much went there, and the arguments left.
 *
 * Cost        Constant stack. Numbers of more than 32 bits are divided once by 10^9 for each nine
 *             digits, because a 64-bit division is a function call here.
 *
 * Failure     There is none: what is no conversion is printed as it stands.
 *
 * Reading     C11, 7.21.6.1.
 */
#include "lib/format.h"

#include "lib/bits.h"
#include "lib/string.h"

#define NO_PRECISION (-1)

/* 22 octal digits write 64 bits. */
#define DIGITS_MAX 24

struct printer {
        format_sink_t sink;
        void *context;
        size_t count;
        va_list arguments;
};

enum argument_length {
        LENGTH_CHAR,
        LENGTH_SHORT,
        LENGTH_INT,
        LENGTH_LONG,
        LENGTH_LONG_LONG,
};

struct conversion {
        bool left;
        bool plus;
        bool space;
        bool zero;
        bool alternate;
        int width;
        int precision;
        enum argument_length length;
        char letter;
};

/* Hands one piece to the sink. */
static void print_text(struct printer *printer, const char *text, size_t length)
{
        if (!length)
                return;
        printer->sink(printer->context, text, length);
        printer->count += length;
}

/* Prints count times the same character, as many at once as the text at hand is long. */
static void print_padding(struct printer *printer, char character, int count)
{
        const char *text = character == '0' ? "0000000000000000" : "                ";

        for (; count > 0; count -= 16)
                print_text(printer, text, (size_t)min(count, 16));
}

/* Prints text within the width of the conversion. */
static void print_padded(struct printer *printer, const struct conversion *conversion,
                         const char *text, size_t length)
{
        int padding = length < (size_t)conversion->width ? conversion->width - (int)length : 0;

        if (!conversion->left)
                print_padding(printer, ' ', padding);
        print_text(printer, text, length);
        if (conversion->left)
                print_padding(printer, ' ', padding);
}

/* Writes the digits of value to the left of end; returns the first. Base 8 or 16. */
static char *write_binary_digits(char *end, u64 value, unsigned int bits, const char *digits)
{
        for (; value; value >>= bits)
                *--end = digits[value & (BIT(bits) - 1)];
        return end;
}

/*
 * Writes the decimal digits of value to the left of end; returns the first. Divides in three parts,
 * each with the rest of the one above, so that no division of 64 bits adds to a report's stack.
 */
static char *write_decimal_digits(char *end, u64 value)
{
        u32 high = (u32)(value >> 32);
        u32 middle = (u32)value >> 16;
        u32 low = (u32)value & 0xFFFF;

        while (high | middle | low) {
                middle |= high % 10 << 16;
                high /= 10;
                low |= middle % 10 << 16;
                middle /= 10;
                *--end = (char)('0' + low % 10);
                low /= 10;
        }
        return end;
}

/* Writes the digits of value in the base that the letter asks for; none at all for 0. */
static char *write_digits(char *end, u64 value, char letter)
{
        switch (letter) {
        case 'o':
                return write_binary_digits(end, value, 3, "01234567");
        case 'x':
                return write_binary_digits(end, value, 4, "0123456789abcdef");
        case 'X':
                return write_binary_digits(end, value, 4, "0123456789ABCDEF");
        default:
                return write_decimal_digits(end, value);
        }
}

/* How many zeros stand between prefix and digits, by precision, by the flags # and 0. */
static int count_zeros(const struct conversion *conversion, int prefix_length, int digit_count)
{
        int wanted = 1;

        if (conversion->precision != NO_PRECISION)
                wanted = conversion->precision;
        else if (conversion->zero && !conversion->left)
                wanted = max(1, conversion->width - prefix_length);
        if (conversion->letter == 'o' && conversion->alternate)
                wanted = max(wanted, digit_count + 1);
        return max(0, wanted - digit_count);
}

/* Prints a number; prefix is its sign or 0x, or empty. */
static void print_number(struct printer *printer, const struct conversion *conversion,
                         const char *prefix, u64 value)
{
        char buffer[DIGITS_MAX];
        char *end = buffer + DIGITS_MAX;
        char *digits = write_digits(end, value, conversion->letter);
        int digit_count = (int)(end - digits);
        int prefix_length = (int)strlen(prefix);
        int zeros = count_zeros(conversion, prefix_length, digit_count);
        int padding = conversion->width - prefix_length - zeros - digit_count;

        if (!conversion->left)
                print_padding(printer, ' ', padding);
        print_text(printer, prefix, (size_t)prefix_length);
        print_padding(printer, '0', zeros);
        print_text(printer, digits, (size_t)digit_count);
        if (conversion->left)
                print_padding(printer, ' ', padding);
}

/* Fetches a signed argument and cuts it to its length. */
static s64 next_signed(struct printer *printer, enum argument_length length)
{
        switch (length) {
        case LENGTH_CHAR:
                return (signed char)va_arg(printer->arguments, int);
        case LENGTH_SHORT:
                return (short)va_arg(printer->arguments, int);
        case LENGTH_LONG:
                return va_arg(printer->arguments, long);
        case LENGTH_LONG_LONG:
                return va_arg(printer->arguments, long long);
        default:
                return va_arg(printer->arguments, int);
        }
}

/* Fetches an unsigned argument and cuts it to its length. */
static u64 next_unsigned(struct printer *printer, enum argument_length length)
{
        switch (length) {
        case LENGTH_CHAR:
                return (unsigned char)va_arg(printer->arguments, unsigned int);
        case LENGTH_SHORT:
                return (unsigned short)va_arg(printer->arguments, unsigned int);
        case LENGTH_LONG:
                return va_arg(printer->arguments, unsigned long);
        case LENGTH_LONG_LONG:
                return va_arg(printer->arguments, unsigned long long);
        default:
                return va_arg(printer->arguments, unsigned int);
        }
}

/* %d and %i. */
static void print_signed(struct printer *printer, const struct conversion *conversion)
{
        s64 value = next_signed(printer, conversion->length);
        const char *prefix = conversion->plus ? "+" : conversion->space ? " " : "";

        if (value < 0)
                print_number(printer, conversion, "-", -(u64)value);
        else
                print_number(printer, conversion, prefix, (u64)value);
}

/* %u, %o, %x and %X. */
static void print_unsigned(struct printer *printer, const struct conversion *conversion)
{
        u64 value = next_unsigned(printer, conversion->length);
        const char *prefix = "";

        if (conversion->alternate && value && conversion->letter == 'x')
                prefix = "0x";
        if (conversion->alternate && value && conversion->letter == 'X')
                prefix = "0X";
        print_number(printer, conversion, prefix, value);
}

/* %p: 0x and all digits of an address. */
static void print_pointer(struct printer *printer, const struct conversion *conversion)
{
        struct conversion digits = *conversion;

        digits.letter = 'x';
        digits.precision = 2 * sizeof(void *);
        print_number(printer, &digits, "0x", (uintptr_t)va_arg(printer->arguments, void *));
}

/* %s, cut at the precision; the string need not be terminated before that. */
static void print_string(struct printer *printer, const struct conversion *conversion)
{
        const char *text = va_arg(printer->arguments, const char *);
        size_t limit = conversion->precision == NO_PRECISION ? SIZE_MAX
                                                             : (size_t)conversion->precision;

        if (!text)
                text = "(null)";
        print_padded(printer, conversion, text, strnlen(text, limit));
}

/* %c. */
static void print_character(struct printer *printer, const struct conversion *conversion)
{
        char character = (char)va_arg(printer->arguments, int);

        print_padded(printer, conversion, &character, 1);
}

/* Notes the flags that text starts with; returns what follows them. */
static const char *parse_flags(const char *text, struct conversion *conversion)
{
        for (;; text++) {
                switch (*text) {
                case '-':
                        conversion->left = true;
                        break;
                case '+':
                        conversion->plus = true;
                        break;
                case ' ':
                        conversion->space = true;
                        break;
                case '0':
                        conversion->zero = true;
                        break;
                case '#':
                        conversion->alternate = true;
                        break;
                default:
                        return text;
                }
        }
}

/* Reads a number, or takes an argument for *; returns what follows. Stops short of overflow. */
static const char *parse_count(const char *text, struct printer *printer, int *count)
{
        *count = 0;
        if (*text == '*') {
                *count = va_arg(printer->arguments, int);
                return text + 1;
        }
        for (; *text >= '0' && *text <= '9'; text++)
                if (*count < 100000000)
                        *count = *count * 10 + (*text - '0');
        return text;
}

/* Reads width and precision; a negative width means the flag -, a negative precision none. */
static const char *parse_width(const char *text, struct printer *printer,
                               struct conversion *conversion)
{
        text = parse_count(text, printer, &conversion->width);
        if (conversion->width < 0) {
                conversion->left = true;
                conversion->width = conversion->width == INT32_MIN ? 0 : -conversion->width;
        }
        conversion->precision = NO_PRECISION;
        if (*text == '.')
                text = parse_count(text + 1, printer, &conversion->precision);
        if (conversion->precision < 0)
                conversion->precision = NO_PRECISION;
        return text;
}

/* The length of an argument whose type has as many bytes as a long, or as a long long. */
static enum argument_length length_of_size(size_t bytes)
{
        return bytes == sizeof(long) ? LENGTH_LONG : LENGTH_LONG_LONG;
}

/* Reads the length of the argument; returns what follows it. */
static const char *parse_length(const char *text, struct conversion *conversion)
{
        conversion->length = LENGTH_INT;
        switch (*text) {
        case 'h':
                conversion->length = text[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT;
                return text[1] == 'h' ? text + 2 : text + 1;
        case 'l':
                conversion->length = text[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG;
                return text[1] == 'l' ? text + 2 : text + 1;
        case 'z':
                conversion->length = length_of_size(sizeof(size_t));
                return text + 1;
        case 't':
                conversion->length = length_of_size(sizeof(ptrdiff_t));
                return text + 1;
        case 'j':
                conversion->length = length_of_size(sizeof(intmax_t));
                return text + 1;
        default:
                return text;
        }
}

/* Prints the conversion by its letter; false when no conversion has that letter. */
static bool print_conversion(struct printer *printer, const struct conversion *conversion)
{
        switch (conversion->letter) {
        case 'd':
        case 'i':
                print_signed(printer, conversion);
                return true;
        case 'u':
        case 'o':
        case 'x':
        case 'X':
                print_unsigned(printer, conversion);
                return true;
        case 'p':
                print_pointer(printer, conversion);
                return true;
        case 's':
                print_string(printer, conversion);
                return true;
        case 'c':
                print_character(printer, conversion);
                return true;
        case '%':
                print_text(printer, "%", 1);
                return true;
        default:
                return false;
        }
}

/* Parses and prints the conversion that starts with the % at text; returns what follows it. */
static const char *format_conversion(struct printer *printer, const char *text)
{
        struct conversion conversion = {0};
        const char *position = parse_flags(text + 1, &conversion);

        position = parse_width(position, printer, &conversion);
        position = parse_length(position, &conversion);
        conversion.letter = *position;
        if (*position)
                position++;
        if (!print_conversion(printer, &conversion))
                print_text(printer, text, (size_t)(position - text));
        return position;
}

int format_to(format_sink_t sink, void *context, const char *format, va_list arguments)
{
        struct printer printer = { .sink = sink, .context = context };

        va_copy(printer.arguments, arguments);
        while (*format) {
                size_t plain = strcspn(format, "%");
                print_text(&printer, format, plain);
                format += plain;
                if (*format)
                        format = format_conversion(&printer, format);
        }
        va_end(printer.arguments);
        return (int)printer.count;
}

/* What is left of the caller's buffer, without the place of the terminating zero. */
struct buffer {
        char *next;
        size_t left;
};

/* The sink of vsnprintf: keeps what fits. */
static void append_to_buffer(void *context, const char *text, size_t length)
{
        struct buffer *buffer = context;
        size_t copied = min(length, buffer->left);

        memcpy(buffer->next, text, copied);
        buffer->next += copied;
        buffer->left -= copied;
}

int vsnprintf(char *text, size_t text_bytes, const char *format, va_list arguments)
{
        char nowhere;
        struct buffer buffer = { text, text_bytes - 1 };

        if (!text_bytes)
                buffer = (struct buffer){ &nowhere, 0 };
        int length = format_to(append_to_buffer, &buffer, format, arguments);
        *buffer.next = '\0';
        return length;
}

int snprintf(char *buffer, size_t buffer_bytes, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        int length = vsnprintf(buffer, buffer_bytes, format, arguments);
        va_end(arguments);
        return length;
}

int scnprintf(char *buffer, size_t buffer_bytes, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        int length = vsnprintf(buffer, buffer_bytes, format, arguments);
        va_end(arguments);
        if (!buffer_bytes)
                return 0;
        return (size_t)length < buffer_bytes ? length : (int)buffer_bytes - 1;
}
