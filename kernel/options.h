/* options.h - the kernel's command line, taken apart. */
#pragma once

#include "lib/types.h"

#define OPTION_UNKNOWN_MAX 16u

/* What the command line asks for. Strings lie in boot_info; NULL where nothing was said. */
struct options {
        const char *test;               /* test=all, test=NAME,NAME */
        const char *run;                /* run="CMD; CMD" */
        const char *console;            /* console=serial, console=vga */
        const char *fail_page_alloc;    /* fail_page_alloc=P,I,N */
        const char *acpi;               /* acpi=off */
        u64 seed;                       /* seed=N; 1 when nothing was said */
        unsigned int tick_hz;           /* tick=N */
        u64 memory_limit;               /* mem=nn[KMG]; UINT64_MAX when nothing was said */
        unsigned int max_cpus;          /* maxcpus=N; NR_CPUS when nothing was said */
        unsigned int late_cpu;          /* latecpu=N,MS: a CPU that is to come late; 0: none */
        unsigned long late_ms;          /* so much later than it could */
        bool late_never;                /* latecpu=N,never */
        unsigned int watchdog_seconds;  /* watchdog=N; 0: it does not watch */
        const char *bad_watchdog;       /* the value that was no number of seconds */
        const char *bad_max_cpus;       /* the value that was no number */
        const char *bad_late_cpu;       /* the value that was not understood */
        const char *bad_seed;           /* the value that was no number */
        const char *bad_tick;           /* the value that was none of those allowed */
        const char *bad_mem;            /* the value that was no size */
        const char *unknown[OPTION_UNKNOWN_MAX];
        unsigned int unknown_count;     /* may be larger than the array */
};

extern struct options options;

/*
 * options_parse - fill options from a command line, which is cut into words in place. Prints
 * nothing: there may be no console yet. Context: boot.
 */
void options_parse(char *command_line);

/* options_report - print a warning for everything that was not understood. Context: boot. */
void options_report(void);
