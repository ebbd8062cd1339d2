/* check.h - every invariant of the memory manager, checked at once. */
#pragma once

/*
 * mm_check - walk every structure of the memory manager; panic at the first invariant that does
 * not hold.
 *
 * Context: nobody else uses memory meanwhile: a test between two steps, the monitor, panic.
 */
void mm_check(void);
