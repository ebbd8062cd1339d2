/*
 * ram.h - the physical memory of the hosted machine, and the gigabyte of addresses through which
 * the code under test sees it.
 *
 * Memory is a sparse file without a name: what nobody touches costs nothing, so that a machine may
 * have any amount of it, at any physical address below 16 TiB.
 */
#pragma once

#include "kernel/cpu/address.h"

/* How many bytes of addresses the kernel has, from PAGE_OFFSET on. */
#define RAM_WINDOW_BYTES (1ul << 30)

/* Beyond this physical address there is nothing. */
#define RAM_END_ADDRESS (1ull << 44)

/* What ram_next_touched() returns when there is no more. */
#define RAM_NONE UINT64_MAX

/*
 * ram_start - begin with memory that is all zero, and map none of it. Sets PAGE_OFFSET. What there
 * was of an earlier call is forgotten.
 */
void ram_start(void);

/* ram_read, ram_write - copy bytes from or to a physical address, whatever is mapped. */
void ram_read(phys_addr_t address, void *buffer, size_t bytes);
void ram_write(phys_addr_t address, const void *buffer, size_t bytes);

/* ram_map - make bytes from physical on visible at address, both multiples of a page. */
void ram_map(unsigned long address, phys_addr_t physical, size_t bytes, bool writable);

/* ram_unmap - let every access to bytes from address on fault. */
void ram_unmap(unsigned long address, size_t bytes);

/*
 * ram_next_touched - the first page at or above a physical address that anybody has written or
 * read through a mapping since ram_start(); RAM_NONE when there is none.
 */
phys_addr_t ram_next_touched(phys_addr_t address);
