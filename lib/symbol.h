/*
 * symbol.h - addresses of the program in words.
 *
 * Declared at the bottom of the house so that everything can say who called it. Defined above: by
 * kernel/symbols.c in the kernel, by a stand-in in hosted tests.
 */
#pragma once

#include "lib/types.h"

/* Room for the text of any address: a name, an offset and the terminator. */
#define SYMBOL_TEXT_BYTES 64

/*
 * symbol_format - write an address as "name+0x12", or "0xc0101234" where no symbol is known.
 *
 * The text is cut to buffer_bytes and always terminated. Context: any.
 */
void symbol_format(char *buffer, size_t buffer_bytes, unsigned long address);
