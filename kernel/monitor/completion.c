/*
 * completion.c - a table from the placeholders in the descriptions of commands to lists of names.
 */
#include "kernel/monitor/completion.h"

#include "kernel/bench/bench.h"
#include "kernel/monitor/arguments.h"
#include "kernel/monitor/monitor.h"
#include "kernel/self_test.h"
#include "kernel/symbols.h"
#include "lib/bits.h"
#include "lib/string.h"

#define COMMAND_NAME_BYTES 32u

/* The names of all commands. */
static const char *command_candidate(unsigned int index)
{
        unsigned int count = (unsigned int)(__stop_monitor_commands - __start_monitor_commands);

        return index < count ? __start_monitor_commands[index].name : NULL;
}

/* The names of all functions and variables. */
static const char *symbol_candidate(unsigned int index)
{
        return index < symbol_count() ? symbol_at(index).name : NULL;
}

/* The names of all rows of the benchmark. */
static const char *bench_candidate(unsigned int index)
{
        unsigned int count = (unsigned int)(__stop_benchmarks - __start_benchmarks);

        return index < count ? __start_benchmarks[index].name : NULL;
}

/* What stands in a command's description of its arguments, and what may take its place. */
static const struct {
        const char *placeholder;
        const char *(*candidate)(unsigned int index);
} kinds[] = {
        { "COMMAND", command_candidate },
        { "ADDRESS", symbol_candidate },
        { "GFP", gfp_name },
        { "NAMES", self_test_suite },
        { "[NAME]", bench_candidate },
};

/* The first character of the command that the word at line + word_start belongs to. */
static const char *command_start(const char *line, size_t word_start)
{
        while (word_start && line[word_start - 1] != ';')
                word_start--;
        return line + word_start + strspn(line + word_start, " ");
}

const char *completion_candidate(void *context __unused, const char *line, size_t word_start,
                                 unsigned int index)
{
        const char *start = command_start(line, word_start);
        char name[COMMAND_NAME_BYTES];

        if (start >= line + word_start)
                return command_candidate(index);
        strlcpy(name, start, min(strcspn(start, " ") + 1, sizeof(name)));
        const struct monitor_command *command = monitor_command_find(name);
        for (unsigned int kind = 0; command && kind < ARRAY_SIZE(kinds); kind++)
                if (strstr(command->arguments, kinds[kind].placeholder))
                        return kinds[kind].candidate(index);
        return NULL;
}
