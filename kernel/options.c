/*
 * options.c - one row for each option. The first word may be the kernel's own file name: QEMU
 * puts it there, GRUB does not; a first word that contains a slash is taken for one.
 */
#include "kernel/options.h"

#include "kernel/cpu/nr_cpus.h"
#include "kernel/time/tick.h"
#include "kernel/watchdog.h"
#include "lib/bits.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/parse.h"
#include "lib/string.h"

#define LATE_MS_MOST 60000u
#define WATCHDOG_SECONDS_MOST 3600u

struct options options = {
        .seed = 1,
        .tick_hz = TICK_HZ_DEFAULT,
        .memory_limit = UINT64_MAX,
        .max_cpus = NR_CPUS,
        .watchdog_seconds = WATCHDOG_SECONDS_DEFAULT,
};

/* seed=N. What is no number is reported and ignored. */
static void take_seed(const char *value)
{
        if (!value || !parse_u64(value, NULL, 0, &options.seed))
                options.bad_seed = value ? value : "";
}

/* tick=N. What is no number of ticks that a CPU can have is reported and ignored. */
static void take_tick(const char *value)
{
        u64 hz;

        if (!value || !parse_u64(value, NULL, 0, &hz) || hz < TICK_HZ_LEAST || hz > TICK_HZ_MOST)
                options.bad_tick = value ? value : "";
        else
                options.tick_hz = (unsigned int)hz;
}

/* mem=nn[KMG]. What is no size, or nothing at all, is reported and ignored. */
static void take_mem(const char *value)
{
        u64 bytes;

        if (!value || !parse_size(value, &bytes) || bytes == 0)
                options.bad_mem = value ? value : "";
        else
                options.memory_limit = bytes;
}

/* maxcpus=N: 0 and 1 both leave the boot CPU alone. What is no number is reported and ignored. */
static void take_max_cpus(const char *value)
{
        u64 count;

        if (!value || !parse_u64(value, NULL, 0, &count))
                options.bad_max_cpus = value ? value : "";
        else
                options.max_cpus = (unsigned int)max(min(count, (u64)NR_CPUS), (u64)1);
}

/* watchdog=SECONDS; 0 turns it off. What is no such number is reported and ignored. */
static void take_watchdog(const char *value)
{
        u64 seconds;

        if (!value || !parse_u64(value, NULL, 0, &seconds) || seconds > WATCHDOG_SECONDS_MOST)
                options.bad_watchdog = value ? value : "";
        else
                options.watchdog_seconds = (unsigned int)seconds;
}

/* latecpu=N,MS or latecpu=N,never. What is neither is reported and ignored. */
static void take_late_cpu(const char *value)
{
        const char *rest;
        u64 cpu, milliseconds = 0;

        options.bad_late_cpu = value ? value : "";
        if (!value || !parse_u64(value, &rest, 10, &cpu) || cpu == 0 || cpu >= NR_CPUS ||
            *rest++ != ',')
                return;
        options.late_never = !strcmp(rest, "never");
        if (!options.late_never &&
            (!parse_u64(rest, NULL, 10, &milliseconds) || milliseconds > LATE_MS_MOST))
                return;
        options.late_cpu = (unsigned int)cpu;
        options.late_ms = (unsigned long)milliseconds;
        options.bad_late_cpu = NULL;
}

/* Options whose value is only kept. */
static const char **string_option(const char *key)
{
        static const struct {
                const char *key;
                const char **value;
        } rows[] = {
                { "test", &options.test },
                { "run", &options.run },
                { "console", &options.console },
                { "fail_page_alloc", &options.fail_page_alloc },
                { "acpi", &options.acpi },
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(rows); index++)
                if (!strcmp(key, rows[index].key))
                        return rows[index].value;
        return NULL;
}

/* Take the value of an option that has to be understood; returns false when there is none. */
static bool take_value(const struct parse_word *word)
{
        static const struct {
                const char *key;
                void (*take)(const char *value);
        } rows[] = {
                { "seed", take_seed },
                { "tick", take_tick },
                { "mem", take_mem },
                { "maxcpus", take_max_cpus },
                { "latecpu", take_late_cpu },
                { "watchdog", take_watchdog },
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(rows); index++) {
                if (!strcmp(word->key, rows[index].key)) {
                        rows[index].take(word->value);
                        return true;
                }
        }
        return false;
}

/* Take one word. */
static void take_word(const struct parse_word *word, bool is_first)
{
        const char **string = string_option(word->key);

        if (string && word->value)
                *string = word->value;
        else if (take_value(word) || (is_first && strchr(word->key, '/')))
                return;
        else if (options.unknown_count++ < OPTION_UNKNOWN_MAX)
                options.unknown[options.unknown_count - 1] = word->key;
}

void options_parse(char *command_line)
{
        struct parse_word word;
        bool is_first = true;

        while (parse_next_word(&command_line, &word)) {
                take_word(&word, is_first);
                is_first = false;
        }
}

void options_report(void)
{
        if (options.bad_mem)
                printk("warning: mem=%s is no size, ignored\n", options.bad_mem);
        if (options.bad_seed)
                printk("warning: seed=%s is no number, ignored\n", options.bad_seed);
        if (options.acpi && strcmp(options.acpi, "off"))
                printk("warning: acpi=%s is not acpi=off, ignored\n", options.acpi);
        if (options.bad_max_cpus)
                printk("warning: maxcpus=%s is no number, ignored\n", options.bad_max_cpus);
        if (options.bad_watchdog)
                printk("warning: watchdog=%s is no number of seconds, ignored\n",
                       options.bad_watchdog);
        if (options.bad_late_cpu)
                printk("warning: latecpu=%s is not CPU,MILLISECONDS, ignored\n",
                       options.bad_late_cpu);
        if (options.bad_tick)
                printk("warning: tick=%s is not %u to %u ticks a second, ignored\n",
                       options.bad_tick, TICK_HZ_LEAST, TICK_HZ_MOST);
        if (!options.unknown_count)
                return;
        printk("warning: unknown words on the command line:");
        for (unsigned int index = 0; index < OPTION_UNKNOWN_MAX; index++)
                if (options.unknown[index])
                        printk(" %s", options.unknown[index]);
        if (options.unknown_count > OPTION_UNKNOWN_MAX)
                printk(" and %u more", options.unknown_count - OPTION_UNKNOWN_MAX);
        printk("\n");
}
