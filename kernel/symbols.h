/*
 * symbols.h - the names of the kernel's functions and variables, from a table inside its image.
 *
 * Everything here only reads; any context. lib/symbol.h turns an address into text.
 */
#pragma once

#include "lib/types.h"

struct symbol {
        const char *name;
        unsigned long address;
        unsigned long size_bytes;       /* up to the next symbol */
        bool is_function;
};

/*
 * symbol_name - the function or variable that an address lies in.
 *
 * Returns: its name, with *offset bytes from its start to address; NULL when the address is not
 *          in the kernel's image. A function that the compiler split is named as "name.part" or
 *          "name.cold".
 */
const char *symbol_name(unsigned long address, unsigned long *offset);

/* symbol_address - where the symbol of this name begins, the first if several have it, or 0. */
unsigned long symbol_address(const char *name);

/* symbol_count - how many symbols there are. */
unsigned int symbol_count(void);

/*
 * symbol_at - the symbol of a number below symbol_count(), for loops; addresses ascend.
 */
struct symbol symbol_at(unsigned int index);

/* kernel_text_contains - whether an address lies in the kernel's code. */
bool kernel_text_contains(unsigned long address);
