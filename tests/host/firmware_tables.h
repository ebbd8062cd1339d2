/*
 * firmware_tables.h - ACPI and MP tables, put together byte by byte in the memory of
 * tests/host/firmware.h, with sums that are right until a test makes them wrong.
 *
 *      tables_start(TABLES_HIGH);
 *      tables_madt_begin();
 *      tables_madt_cpu(0, true);
 *      tables_acpi_end();
 */
#pragma once

#include "lib/types.h"

/* Where things are laid out. */
#define TABLES_BIOS_AREA 0x9FC00u
#define TABLES_LOW_END 0xA0000u
#define TABLES_RSDP 0xF5A40u
#define TABLES_MP_POINTER 0xF5A60u
#define TABLES_MP 0xF6000u
#define TABLES_HIGH 0x7FFE0000ull       /* of the three below, where tables_start() says nothing */
#define TABLES_RSDT_OFFSET 0x100u
#define TABLES_XSDT_OFFSET 0x200u
#define TABLES_MADT_OFFSET 0x400u

/* tables_start - begin anew; ACPI tables other than the RSDP lie at high. */
void tables_start(phys_addr_t high);

/* tables_put - write a number of 1 to 8 bytes, the lowest first. */
void tables_put(phys_addr_t address, u64 value, unsigned int bytes);

/* The MADT: its start, entries in any number and order. */
void tables_madt_begin(void);
void tables_madt_cpu(u8 apic_id, bool enabled);
void tables_madt_x2apic(u32 apic_id, bool enabled);
void tables_madt_ioapic(u8 id, u32 address, u32 gsi_base);
void tables_madt_override(u8 bus, u8 irq, u32 gsi, u16 signal);
void tables_madt_nmi(u8 pin);
void tables_madt_local_apic(u64 address);

/* tables_madt_raw - an entry of any bytes; what it says of its length may be wrong. */
void tables_madt_raw(const u8 *entry, unsigned int bytes);

/* tables_madt - the address of the MADT; tables_madt_bytes - its length so far. */
phys_addr_t tables_madt(void);
u32 tables_madt_bytes(void);

/* tables_madt_sum - make the MADT's sum right, after a change. */
void tables_madt_sum(void);

/* tables_acpi_end - close the MADT, and lead to it by RSDP, XSDT and RSDT. */
void tables_acpi_end(void);

/* tables_rsdp - an RSDP of a revision, with both sums right. */
void tables_rsdp(phys_addr_t address, u8 revision, u32 rsdt, u64 xsdt);

/* tables_list - an RSDT or XSDT with some entries, of 4 or 8 bytes. */
void tables_list(phys_addr_t address, const char *signature, const u64 *tables,
                 unsigned int count, unsigned int entry_bytes);

/* The MP configuration table: its start, entries in any number and order, and its end. */
void tables_mp_begin(void);
void tables_mp_cpu(u8 apic_id, bool enabled);
void tables_mp_bus(u8 id, const char *type);
void tables_mp_ioapic(u8 id, bool enabled, u32 address);
void tables_mp_interrupt(u8 type, u16 signal, u8 bus, u8 irq, u8 apic, u8 pin);
void tables_mp_local_nmi(u8 pin);
void tables_mp_raw(const u8 *entry, unsigned int bytes);
void tables_mp_sum(void);
void tables_mp_end(void);

/* tables_mp_pointer - a floating pointer, with its sum right. */
void tables_mp_pointer(phys_addr_t address, u32 table, u8 configuration, u8 features2);
