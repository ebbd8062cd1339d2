/* verbose.h - whether hosted tests show what printk() prints. */
#pragma once

#include "lib/types.h"

/* Set by the argument `verbose`: everything goes to standard error as well. */
extern bool host_verbose;
