/*
 * idt.h - the gates by which the CPU enters the kernel: one table for all CPUs.
 *
 * All gates turn interrupts off. That of the double fault switches to a task of its own.
 *
 * Source: Intel SDM volume 3A, section 6.11, "IDT Descriptors".
 */
#pragma once

#include "lib/types.h"

#define IDT_ENTRY_COUNT 256u

/* idt_init - fill the table with a gate for every vector. Context: boot, one CPU. */
void idt_init(void);

/* idt_load - use the table on this CPU. Context: interrupts off. */
void idt_load(void);

/* idt_allow_user - let user programs raise a vector by the INT instruction. Context: boot. */
void idt_allow_user(unsigned int vector);
