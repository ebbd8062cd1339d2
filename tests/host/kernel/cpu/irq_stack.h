/* irq_stack.h - stand-in for hosted tests: there is one stack. */
#pragma once

#include "lib/types.h"

/* irq_stack_call - function(argument). */
static inline bool irq_stack_call(bool (*function)(void *argument), void *argument)
{
        return function(argument);
}
