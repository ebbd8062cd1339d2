/*
 * census.h - counting what every page of RAM is, by walking all descriptors; and accounting for
 * every byte of RAM by name.
 */
#pragma once

#include "mm/memmap.h"
#include "mm/phys/zone.h"

/* Pages of RAM, by what they are. */
struct page_census {
        unsigned long ram;                      /* all whole pages of MEMORY_RAM */
        unsigned long claimed;                  /* reserved, and named by a claim */
        unsigned long bootmem;                  /* reserved, and bootmem's gift */
        unsigned long free[MAX_NR_ZONES];
        unsigned long cached[MAX_NR_ZONES];
        unsigned long allocated[MAX_NR_ZONES];
};

/*
 * page_census_take - walk mem_map over the RAM of the machine's map.
 *
 * Context: the other CPUs stand still, and interrupts are off (kernel/cpu/stop.h). Panics with
 * PAGE-1 or PAGE-2 where a block is malformed.
 */
void page_census_take(struct page_census *census);

/*
 * page_census_check - PAGE-1, PAGE-2, BUDDY-3, PCP-1, ZONE-3, HANDOVER-3: the census agrees with
 * all counters. page_census_check_running - the same, but more pages may say that they are on
 * CPUs' lists than are: those that a stopped task is just taking or giving.
 *
 * Context: as page_census_take().
 */
void page_census_check(void);
void page_census_check_running(void);

/* One line of the account of all RAM. */
struct memory_account_row {
        const char *name;
        u64 bytes;
};

#define MEMORY_ACCOUNT_ROWS_MAX 72u

/*
 * memory_account - account for every byte of RAM that the firmware's map lists.
 *
 * Writes at most MEMORY_ACCOUNT_ROWS_MAX rows, none of which covers what another covers, and
 * stores the firmware's total in *total_bytes. Each row is counted by itself, none is a difference:
 * that their sum is the total is what a self-test proves.
 *
 * Context: stop_machine()'s; others may allocate and free, the account is of one moment.
 * Returns: the number of rows.
 */
unsigned int memory_account(struct memory_account_row *rows, u64 *total_bytes);
