/*
 * list.h - circular doubly linked lists, threaded through the objects themselves.
 *
 * A list is a struct list_head that stands alone; an element is a struct list_head inside an
 * object. An empty list points to itself both ways, so that no operation has a special case.
 * The names and meanings are those of Linux (LKD, chapter 6). No locking: that is the caller's.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

struct list_head {
        struct list_head *next;
        struct list_head *prev;
};

/* Left in the links of a removed element, so that its use faults and shows in a dump. */
#define LIST_POISON_NEXT ((struct list_head *)0x00100100)
#define LIST_POISON_PREV ((struct list_head *)0x00200200)

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

/* INIT_LIST_HEAD - make list empty. */
static inline void INIT_LIST_HEAD(struct list_head *list)
{
        list->next = list;
        list->prev = list;
}

/* list_insert_between - link element between two neighbours. */
static inline void list_insert_between(struct list_head *element, struct list_head *prev,
                                       struct list_head *next)
{
        next->prev = element;
        element->next = next;
        element->prev = prev;
        prev->next = element;
}

/* list_add - insert element as the first of list. */
static inline void list_add(struct list_head *element, struct list_head *list)
{
        list_insert_between(element, list, list->next);
}

/* list_add_tail - insert element as the last of list. */
static inline void list_add_tail(struct list_head *element, struct list_head *list)
{
        list_insert_between(element, list->prev, list);
}

/* list_unlink - take element out and leave its own links as they were. */
static inline void list_unlink(struct list_head *element)
{
        element->next->prev = element->prev;
        element->prev->next = element->next;
}

/* list_del - take element out and poison its links. */
static inline void list_del(struct list_head *element)
{
        list_unlink(element);
        element->next = LIST_POISON_NEXT;
        element->prev = LIST_POISON_PREV;
}

/* list_del_init - take element out and make it an empty list. */
static inline void list_del_init(struct list_head *element)
{
        list_unlink(element);
        INIT_LIST_HEAD(element);
}

/* list_empty - whether list has no elements. */
static inline bool list_empty(const struct list_head *list)
{
        return list->next == list;
}

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(list, type, member) list_entry((list)->next, type, member)
#define list_last_entry(list, type, member) list_entry((list)->prev, type, member)

/* Visit each object of list; the body may not remove any. */
#define list_for_each_entry(object, list, member)                                       \
        for (object = list_first_entry(list, __typeof__(*object), member);              \
             &object->member != (list);                                                 \
             object = list_entry(object->member.next, __typeof__(*object), member))

/* Visit each object of list; the body may remove the one it is given. */
#define list_for_each_entry_safe(object, following, list, member)                       \
        for (object = list_first_entry(list, __typeof__(*object), member),              \
             following = list_entry(object->member.next, __typeof__(*object), member);  \
             &object->member != (list);                                                 \
             object = following,                                                        \
             following = list_entry(following->member.next, __typeof__(*following), member))
