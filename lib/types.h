/* types.h - the integer types of the kernel, and a type for each world an address can belong to. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/* A physical address: what the CPU puts on its bus. 64 bits wide, of which PAE uses 36 to 52. */
typedef u64 phys_addr_t;

/* The number of a page frame: a physical address shifted right by PAGE_SHIFT; reaches 16 TiB. */
typedef u32 pfn_t;
