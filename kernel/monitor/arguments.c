/* arguments.c - numbers, addresses and masks, as people write them. */
#include "kernel/monitor/arguments.h"

#include "kernel/symbols.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/parse.h"
#include "lib/string.h"

#define SYMBOL_NAME_BYTES 128u

#define NAMED(name) { #name, name }

/* All masks that have a name, the types of requests before single bits. */
static const struct {
        const char *name;
        gfp_t gfp_mask;
} gfp_names[] = {
        NAMED(GFP_KERNEL), NAMED(GFP_ATOMIC), NAMED(GFP_NOWAIT), NAMED(GFP_NOIO), NAMED(GFP_NOFS),
        NAMED(GFP_USER), NAMED(GFP_HIGHUSER), NAMED(GFP_DMA), NAMED(GFP_DMA32),
        NAMED(__GFP_DMA), NAMED(__GFP_HIGHMEM), NAMED(__GFP_DMA32), NAMED(__GFP_WAIT),
        NAMED(__GFP_HIGH), NAMED(__GFP_IO), NAMED(__GFP_FS), NAMED(__GFP_NOWARN),
        NAMED(__GFP_NOFAIL), NAMED(__GFP_NORETRY), NAMED(__GFP_ZERO),
};

bool argument_number(const char *text, u64 most, u64 *value)
{
        u64 number;

        if (!parse_u64(text, NULL, 0, &number)) {
                printk("%s is no number\n", text);
                return false;
        }
        if (number > most) {
                printk("%s is too large: at most %llu\n", text, (unsigned long long)most);
                return false;
        }
        *value = number;
        return true;
}

/* Read NAME or NAME+NUMBER. Prints nothing. */
static bool parse_symbol(const char *text, u64 *address)
{
        char name[SYMBOL_NAME_BYTES];
        size_t length = strcspn(text, "+");
        u64 offset = 0;

        if (length >= sizeof(name))
                return false;
        strlcpy(name, text, length + 1);
        *address = symbol_address(name);
        if (!*address || (text[length] && !parse_u64(text + length + 1, NULL, 0, &offset)))
                return false;
        if (offset > UINT32_MAX)
                return false;
        *address += offset;
        return true;
}

bool argument_address(const char *text, unsigned long *address)
{
        u64 number;

        if (!parse_u64(text, NULL, 0, &number) && !parse_symbol(text, &number) &&
            !parse_u64(text, NULL, 16, &number)) {
                printk("%s is neither an address nor a symbol\n", text);
                return false;
        }
        if (number > UINT32_MAX) {
                printk("%s lies beyond the 32-bit address space\n", text);
                return false;
        }
        *address = (unsigned long)number;
        return true;
}

const char *argument_suffix(const char *text, const char *prefix)
{
        size_t length = strlen(prefix);

        return strncmp(text, prefix, length) ? NULL : text + length;
}

/* Whether length characters of text are name, all of it or without what it begins with. */
static bool is_gfp_name(const char *text, size_t length, const char *name)
{
        const char *proper = argument_suffix(name, "__GFP_");

        if (!proper)
                proper = argument_suffix(name, "GFP_");
        return (strlen(name) == length && !strncmp(text, name, length)) ||
               (strlen(proper) == length && !strncmp(text, proper, length));
}

/* Add the mask that length characters of text name. Prints nothing. */
static bool add_gfp(const char *text, size_t length, gfp_t *gfp_mask)
{
        for (unsigned int index = 0; index < ARRAY_SIZE(gfp_names); index++) {
                if (!is_gfp_name(text, length, gfp_names[index].name))
                        continue;
                *gfp_mask |= gfp_names[index].gfp_mask;
                return true;
        }
        return false;
}

bool argument_gfp(const char *text, gfp_t *gfp_mask)
{
        gfp_t mask = 0;

        for (;;) {
                size_t length = strcspn(text, "|");

                if (!add_gfp(text, length, &mask)) {
                        printk("%.*s is no GFP_ name; such are GFP_KERNEL, GFP_HIGHUSER\n",
                               (int)length, text);
                        return false;
                }
                if (!text[length])
                        break;
                text += length + 1;
        }
        *gfp_mask = mask;
        return true;
}

const char *gfp_name(unsigned int index)
{
        return index < ARRAY_SIZE(gfp_names) ? gfp_names[index].name : NULL;
}
