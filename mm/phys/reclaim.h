/*
 * reclaim.h - making pages free: for a request that may sleep, and ahead of all requests by a task
 * of its own.
 */
#pragma once

#include "mm/gfp.h"

/*
 * reclaim_pages - empty all CPUs' lists, then ask the shrinkers for at least wanted_count pages.
 *
 * Context: may sleep; no lock held. Returns: how many pages the shrinkers freed.
 */
unsigned long reclaim_pages(gfp_t gfp_mask, unsigned long wanted_count);

/* reclaim_wake - a zone has fallen to its LOW mark: time for the reclaim task. Context: any. */
void reclaim_wake(void);

/* reclaim_is_wanted - whether reclaim_wake() was called since reclaim_balance() began. */
bool reclaim_is_wanted(void);

/*
 * reclaim_wait - sleep until reclaim is wanted, or the task is woken for another reason.
 *
 * Context: the reclaim task.
 */
void reclaim_wait(void);

/* Whether reclaim_balance() does anything: not in tests that count what requests reclaim. */
extern bool reclaim_balance_enabled;

/*
 * reclaim_balance - reclaim until every zone has its HIGH mark, or nothing more comes.
 *
 * Context: may sleep; the reclaim task. Returns: whether all zones have as much.
 */
bool reclaim_balance(void);
