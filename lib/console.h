/*
 * console.h - where printk() goes: sinks that drivers register while the kernel runs.
 *
 * Declared at the bottom of the house so that drivers can register; defined by kernel/printk.c.
 */
#pragma once

#include "lib/list.h"
#include "lib/types.h"

struct console {
        const char *name;               /* as in console=NAME */
        void (*write)(const char *text, size_t length_bytes);
        struct list_head list;          /* [p] links the registered consoles */
};

/*
 * console_register - add a sink. It is first sent what was printed before, as far as the log
 * still has it. The structure is the caller's and stays registered for good.
 *
 * Context: boot, one CPU.
 */
void console_register(struct console *console);
