/* address_describe.h - in which part of the address space an address lies, in words. */
#pragma once

/*
 * address_describe - such as "kernel text", "NULL page", "vmalloc area". Never NULL; constant.
 *
 * Context: any.
 */
const char *address_describe(unsigned long address);
