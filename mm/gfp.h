/*
 * gfp.h - how a request for memory is described: where the memory may lie, what may be done to
 * get it.
 *
 * Source: LKD, chapter 12, "gfp_mask Flags"; names and combinations are those of Linux 2.6.
 */
#pragma once

#include "lib/types.h"

typedef unsigned int gfp_t;

/* Zone modifiers. */
#define __GFP_DMA 0x01u                 /* below 16 MiB */
#define __GFP_HIGHMEM 0x02u             /* no logical address needed */
#define __GFP_DMA32 0x04u               /* below 4 GiB, with or without a logical address */

/* Action modifiers. */
#define __GFP_WAIT 0x10u                /* may sleep */
#define __GFP_HIGH 0x20u                /* may use the emergency reserve */
#define __GFP_IO 0x40u
#define __GFP_FS 0x80u
#define __GFP_NOWARN 0x200u             /* failure is expected: print nothing */
#define __GFP_NOFAIL 0x800u             /* wait for ever; who cannot wait panics */
#define __GFP_NORETRY 0x1000u           /* fail rather than wait or try hard */
#define __GFP_ZERO 0x8000u              /* filled with zeros */

/* Types. */
#define GFP_NOWAIT 0u
#define GFP_ATOMIC __GFP_HIGH
#define GFP_NOIO __GFP_WAIT
#define GFP_NOFS (__GFP_WAIT | __GFP_IO)
#define GFP_KERNEL (__GFP_WAIT | __GFP_IO | __GFP_FS)
#define GFP_USER (__GFP_WAIT | __GFP_IO | __GFP_FS)
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32

/* The bits that choose the zone list. */
#define GFP_ZONE_MASK (__GFP_DMA | __GFP_HIGHMEM | __GFP_DMA32)
#define GFP_ZONE_LISTS (GFP_ZONE_MASK + 1)
