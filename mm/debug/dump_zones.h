/*
 * dump_zones.h - the zones and their free blocks, as /proc/buddyinfo, /proc/zoneinfo and
 * /proc/pagetypeinfo print them.
 *
 * Source: Linux, Documentation/filesystems/proc.rst.
 */
#pragma once

/* dump_buddyinfo - a line for each zone: its free blocks of each order. Context: any. */
void dump_buddyinfo(void);

/* dump_zoneinfo - each zone's pages, marks, reserves and per-CPU lists. Context: any. */
void dump_zoneinfo(void);

/*
 * dump_pagetypes - for each zone, the blocks of each order that are free, on CPUs' lists and
 * allocated, found by walking all descriptors; and how many pages that makes.
 *
 * Context: stop_machine()'s (kernel/cpu/stop.h); all counts are of one moment.
 */
void dump_pagetypes(void);
