/* debug_exit.h - QEMU's isa-debug-exit device: ending the machine with a status. */
#pragma once

#include "lib/types.h"

/* What the kernel tells whoever started it; QEMU exits with twice the value plus one. */
enum debug_exit_status {
        DEBUG_EXIT_SUCCESS = 0x10,
        DEBUG_EXIT_TESTS_FAILED = 0x11,
        DEBUG_EXIT_PANIC = 0x12,
        DEBUG_EXIT_REFUSED = 0x13,
};

/* debug_exit - end the machine with status, if it has the device. Returns if it has not. */
void debug_exit(enum debug_exit_status status);
