/* sort.h - sorting in place, without memory of its own. */
#pragma once

#include "lib/types.h"

/* The order of two elements: negative, 0 or positive, as for strcmp. */
typedef int (*sort_compare_t)(const void *left, const void *right);

/*
 * sort_array - put count elements of element_bytes each into rising order.
 *
 * Not stable: equal elements may change places. Takes count * log2(count) steps in the worst case.
 * Context: any.
 */
void sort_array(void *array, size_t count, size_t element_bytes, sort_compare_t compare);
