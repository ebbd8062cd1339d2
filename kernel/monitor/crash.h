/* crash.h - misbehaving on command, so that each way to stop the machine can be tested. */
#pragma once

#include "lib/types.h"

/*
 * crash_run - do what the kind says: "null-read", "double-fault", …
 *
 * Most kinds do not return. Without a known kind the list of them is printed.
 *
 * Returns: whether the kind is known.
 */
bool crash_run(const char *kind);
