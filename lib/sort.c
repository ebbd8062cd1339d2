/*
 * Heap sort
 *
 * Idea        Make the array a heap, where no parent is less than its children; then again and
 *             again exchange the first element, the largest, with the last of the heap, which
 *             becomes one shorter, and let the new first element sink to its place. No recursion,
 *             no memory, and no input for which it is slow.
 *
 * Picture     element i has the children 2i + 1 and 2i + 2
 *
 *             [ heap: largest first            | sorted already ]
 *               0                               size             count
 *
 * Reading     Williams, "Algorithm 232, Heapsort", 1964; Cormen et al., chapter 6.
 */
#include "lib/sort.h"

#include "lib/string.h"

struct heap {
        unsigned char *elements;
        size_t size;
        size_t element_bytes;
        sort_compare_t compare;
};

/* The address of one element. */
static unsigned char *heap_element(const struct heap *heap, size_t index)
{
        return heap->elements + index * heap->element_bytes;
}

/* Whether the element at left is less than that at right. */
static bool heap_less(const struct heap *heap, size_t left, size_t right)
{
        return heap->compare(heap_element(heap, left), heap_element(heap, right)) < 0;
}

/* Exchanges two elements. */
static void heap_swap(const struct heap *heap, size_t left, size_t right)
{
        memswap(heap_element(heap, left), heap_element(heap, right), heap->element_bytes);
}

/* Lets an element sink below all larger ones; everything under it is a heap already. */
static void heap_sink(const struct heap *heap, size_t parent)
{
        for (;;) {
                size_t child = 2 * parent + 1;
                if (child >= heap->size)
                        return;
                if (child + 1 < heap->size && heap_less(heap, child, child + 1))
                        child++;
                if (!heap_less(heap, parent, child))
                        return;
                heap_swap(heap, parent, child);
                parent = child;
        }
}

void sort_array(void *array, size_t count, size_t element_bytes, sort_compare_t compare)
{
        struct heap heap = { array, count, element_bytes, compare };

        for (size_t parent = count / 2; parent-- > 0;)
                heap_sink(&heap, parent);
        while (heap.size > 1) {
                heap.size--;
                heap_swap(&heap, 0, heap.size);
                heap_sink(&heap, 0);
        }
}
