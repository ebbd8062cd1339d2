/*
 * local_apic_registers.h - the registers of the local APIC, by offset in their page.
 *
 * Source: Intel SDM volume 3A, table 11-1, "Local APIC Register Address Map".
 */
#pragma once

#include "mm/map/fixmap.h"

#define APIC_ID 0x020u
#define APIC_VERSION 0x030u
#define APIC_TASK_PRIORITY 0x080u
#define APIC_END 0x0B0u
#define APIC_SPURIOUS 0x0F0u
#define APIC_IN_SERVICE 0x100u                  /* eight words */
#define APIC_ERROR_STATUS 0x280u
#define APIC_COMMAND_LOW 0x300u                 /* writing it sends */
#define APIC_COMMAND_HIGH 0x310u
#define APIC_ENTRY_TIMER 0x320u
#define APIC_ENTRY_THERMAL 0x330u
#define APIC_ENTRY_COUNTER 0x340u
#define APIC_ENTRY_PIN_0 0x350u
#define APIC_ENTRY_ERROR 0x370u
#define APIC_TIMER_INITIAL 0x380u               /* writing it starts the timer */
#define APIC_TIMER_CURRENT 0x390u
#define APIC_TIMER_DIVIDER 0x3E0u

#define APIC_ID_SHIFT 24
#define APIC_VERSION_HIGHEST_SHIFT 16           /* the number of the last entry */
#define APIC_HIGHEST_WITH_COUNTER 4u
#define APIC_HIGHEST_WITH_THERMAL 5u

#define APIC_SPURIOUS_ENABLE 0x100u

/* Of entries and commands. */
#define APIC_DELIVER_NMI 0x400u
#define APIC_DELIVER_INIT 0x500u
#define APIC_DELIVER_STARTUP 0x600u
#define APIC_DELIVER_8259 0x700u
#define APIC_ENTRY_MASKED 0x10000u
#define APIC_ENTRY_PERIODIC 0x20000u
#define APIC_COMMAND_PENDING 0x1000u
#define APIC_COMMAND_ASSERT 0x4000u
#define APIC_COMMAND_LEVEL 0x8000u
#define APIC_COMMAND_ALL_OTHERS 0xC0000u

#define APIC_DIVIDE_BY_16 0x3u

/* apic_register - where a register of this CPU's is seen. */
static inline volatile u32 *apic_register(u32 offset)
{
        return (volatile u32 *)(fixmap_address(FIXMAP_LOCAL_APIC) + offset);
}

/* apic_read, apic_write - a register of this CPU. Context: preemption off. */
static inline u32 apic_read(u32 offset)
{
        return *apic_register(offset);
}

static inline void apic_write(u32 offset, u32 value)
{
        barrier();
        *apic_register(offset) = value;
}
