/* printk.h - the log and the consoles, beyond what lib/panic.h and lib/console.h declare. */
#pragma once

#include "lib/types.h"

/*
 * consoles_select - show what is printed only on the consoles that names, such as "serial,vga",
 * lists; also those that register later.
 *
 * A name that no console has is reported. If no name is known, all consoles stay. names must stay
 * as it is for good. Context: boot, after the drivers' consoles have registered.
 */
void consoles_select(const char *names);

/*
 * console_mute - until told otherwise, print into the log only; for tests that read what others
 * print. A panic is shown all the same. Context: any.
 */
void console_mute(bool is_muted);

/* console_write - show text on the consoles without keeping it in the log. Context: any. */
void console_write(const char *text, size_t length_bytes);

/* log_end - the place in the log after the last byte printed; wraps. Context: any. */
unsigned int log_end(void);

/*
 * log_read - copy what the log holds from *position on, at most buffer_bytes, and move *position
 * behind it. What has been overwritten is left out; position 0 means from the oldest byte on.
 *
 * Returns: the bytes copied, without a terminating zero; 0 at the end. Context: any.
 */
size_t log_read(unsigned int *position, char *buffer, size_t buffer_bytes);
