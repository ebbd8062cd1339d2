/*
 * lock_class.h - locks by kind, and the order in which kinds were seen to be taken; debug build.
 *
 * All locks with one name are one class: what was seen of one holds for all. Context: any.
 */
#pragma once

#include "kernel/sync/lock_debug.h"

#define LOCK_CLASS_LIMIT 128u           /* classes are numbered below this, from 1 on */

/* How locks of a class were taken, a bit each. "On": where such an interrupt could come. */
#define LOCK_USED_IN_IRQ 0x01u          /* by interrupt handlers */
#define LOCK_USED_IRQS_ON 0x02u
#define LOCK_USED_IN_SOFTIRQ 0x04u
#define LOCK_USED_SOFTIRQS_ON 0x08u
#define LOCK_USED_SHARED_SHIFT 4u       /* the same for readers, in the upper four bits */

struct lock_class {
        const char *name;
        u8 rank;
        u8 usage;                       /* LOCK_USED_ */
        u32 acquired_count;
        u32 contended_count;            /* acquisitions that had to wait */
};

/*
 * lock_class_number - the class of the lock with this tag; its first lock makes it.
 * Returns: 0 when there is no room for more classes: such locks are not checked.
 */
unsigned int lock_class_number(struct lock_tag *tag);

/* lock_class - a class by number; NULL when there is none. */
struct lock_class *lock_class(unsigned int number);

/* lock_class_successor_count - how many classes were taken with one of this held. */
unsigned int lock_class_successor_count(unsigned int number);

/* lock_class_follows - whether a lock of class next was seen taken while one of held was held. */
bool lock_class_follows(unsigned int held, unsigned int next);

/* What is wrong with taking a lock while another is held. */
enum lock_order {
        LOCK_ORDER_GOOD,
        LOCK_ORDER_RANK,                /* the ranks say otherwise */
        LOCK_ORDER_CYCLE,               /* the other way round was seen: text tells */
        LOCK_ORDER_UNSAFE,              /* an interrupt handler may have to wait: text tells */
};

/*
 * lock_class_add_order - note that next is taken while held is; the first time, judge it. What
 * was reported once is good the next time. text gets the chain of names that contradicts.
 */
enum lock_order lock_class_add_order(unsigned int held, unsigned int next, char *text,
                                     unsigned int text_bytes);

/*
 * lock_class_add_usage - note LOCK_USED_ bits; the first time, judge them.
 * Returns: whether they fit what was seen; text gets what contradicts.
 */
bool lock_class_add_usage(unsigned int number, unsigned int usage, char *text,
                          unsigned int text_bytes);
