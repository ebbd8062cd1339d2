/*
 * panic_hook.h - what else to say when the machine stops: state that a subsystem prints at panic.
 */
#pragma once

#include "lib/list.h"

/*
 * A hook. run() is called once, with interrupts off, after the message and the call chain. It may
 * not wait for a lock: whoever holds it never goes on.
 */
struct panic_hook {
        const char *name;
        void (*run)(void);
        struct list_head list;          /* links the registered hooks */
};

/*
 * panic_register_hook - add a hook, which runs after those registered earlier. It is the caller's
 * and stays registered for good.
 *
 * Context: boot, one CPU.
 */
void panic_register_hook(struct panic_hook *hook);
