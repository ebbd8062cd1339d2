/* symbol.c - names of functions and call chains, for hosted tests: what the build machine knows. */
#define _GNU_SOURCE
#include "lib/symbol.h"

#include <dlfcn.h>
#include <stdio.h>

#include "lib/backtrace.h"
#include "lib/panic.h"

void symbol_format(char *buffer, size_t buffer_bytes, unsigned long address)
{
        Dl_info info;

        if (dladdr((void *)address, &info) && info.dli_sname)
                snprintf(buffer, buffer_bytes, "%s+%#lx", info.dli_sname,
                         address - (unsigned long)info.dli_saddr);
        else
                snprintf(buffer, buffer_bytes, "%#lx", address);
}

void dump_stack(void)
{
        printk("call chain: not kept on the build machine\n");
}

unsigned int backtrace_capture(unsigned long *addresses __unused, unsigned int capacity __unused)
{
        return 0;
}
