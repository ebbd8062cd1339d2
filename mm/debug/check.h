/* check.h - every invariant of the memory manager, checked at once. */
#pragma once

/*
 * mm_check - walk every structure of the memory manager; panic at the first invariant that does
 * not hold. The other CPUs stand still meanwhile.
 *
 * Context: stop_machine()'s. No task is in the midst of taking or giving a page: a test between two
 * steps, panic.
 *
 * mm_check_running - the same while tasks take and give pages. All is as exact, but for one thing:
 * a block that a task is just taking off a CPU's list, or putting there, is on no list, and counts
 * for none. Context: stop_machine()'s; the monitor.
 */
void mm_check(void);
void mm_check_running(void);
