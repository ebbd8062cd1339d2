/*
 * vectors.h - who has which vector of the CPU.
 *
 *      00 - 1f     exceptions (kernel/cpu/trap.h)
 *      20 - 5f     interrupt lines (kernel/cpu/interrupt.h)
 *      ef - ff     the local APIC, and what CPUs send each other
 *
 * The high digit of a vector is its priority: a local APIC holds back what is not above the one in
 * service.
 */
#pragma once

#define IRQ_VECTOR_FIRST 0x20u

#define VECTOR_TIMER 0xEFu              /* this CPU's own tick */
#define VECTOR_RESCHEDULE 0xF0u
#define VECTOR_CALL 0xF1u               /* run a function for another CPU */
#define VECTOR_TLB_FLUSH 0xF2u
#define VECTOR_APIC_ERROR 0xFEu
#define VECTOR_SPURIOUS 0xFFu           /* the lowest four bits are set, as old APICs want it */
