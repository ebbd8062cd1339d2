/* context.c - the check behind might_sleep(). */
#include "kernel/sync/context.h"

#include "kernel/cpu/irqflags.h"
#include "kernel/sync/lock_debug.h"
#include "lib/symbol.h"

static bool sleep_is_allowed;

void context_allow_sleep(void)
{
        WRITE_ONCE(sleep_is_allowed, true);
}

bool context_can_sleep(void)
{
        return READ_ONCE(sleep_is_allowed) && !in_atomic() && !irqs_disabled();
}

/* Say who would have slept, and what forbids it. */
static void __cold report(unsigned long caller)
{
        const char *lock = lock_debug_spinning_name();
        char name[SYMBOL_TEXT_BYTES];

        symbol_format(name, sizeof(name), caller);
        bug_report("sleep-in-atomic", "%s, preempt count %#x, interrupts %s%s%s", name,
                   preempt_count(), irqs_disabled() ? "off" : "on", lock ? ", holding " : "",
                   lock ? lock : "");
}

void context_check_sleep(void)
{
        if (likely(!in_atomic() && !irqs_disabled()))
                return;
        if (READ_ONCE(sleep_is_allowed))
                report(RETURN_ADDRESS());
}

void context_check_clean(const char *where)
{
        const char *lock = lock_debug_spinning_name();

        if (likely(!in_atomic() && !irqs_disabled() && !lock))
                return;
        bug_report("unclean-context", "%s: preempt count %#x, interrupts %s%s%s", where,
                   preempt_count(), irqs_disabled() ? "off" : "on", lock ? ", holding " : "",
                   lock ? lock : "");
}
