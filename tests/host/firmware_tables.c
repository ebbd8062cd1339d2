/* firmware_tables.c - lays out the firmware's tables as the specifications have them. */
#include "tests/host/firmware_tables.h"

#include <string.h>

#include "tests/host/firmware.h"

#define HEADER_BYTES 36u
#define MADT_HEADER_BYTES 44u
#define MP_HEADER_BYTES 44u
#define LENGTH_OFFSET 4u
#define SUM_OFFSET 9u

static phys_addr_t high;
static u32 madt_bytes;
static u32 mp_bytes;
static u32 mp_entries;

void tables_put(phys_addr_t address, u64 value, unsigned int bytes)
{
        u8 *place = host_firmware_at(address, bytes);

        for (unsigned int index = 0; index < bytes; index++)
                place[index] = (u8)(value >> (8 * index));
}

/* Write the characters of a text, without its end. */
static void put_text(phys_addr_t address, const char *text)
{
        memcpy(host_firmware_at(address, strlen(text)), text, strlen(text));
}

void tables_start(phys_addr_t start)
{
        host_firmware_start(start);
        high = start;
        madt_bytes = 0;
        mp_bytes = 0;
        mp_entries = 0;
        tables_put(0x40E, TABLES_BIOS_AREA >> 4, 2);
        tables_put(0x413, TABLES_BIOS_AREA >> 10, 2);
}

phys_addr_t tables_madt(void)
{
        return high + TABLES_MADT_OFFSET;
}

u32 tables_madt_bytes(void)
{
        return madt_bytes;
}

void tables_madt_begin(void)
{
        put_text(tables_madt(), "APIC");
        tables_put(tables_madt() + HEADER_BYTES, 0xFEE00000, 4);
        tables_put(tables_madt() + HEADER_BYTES + 4, 1, 4);
        madt_bytes = MADT_HEADER_BYTES;
}

void tables_madt_raw(const u8 *entry, unsigned int bytes)
{
        memcpy(host_firmware_at(tables_madt() + madt_bytes, bytes), entry, bytes);
        madt_bytes += bytes;
}

/* Write the kind and length of an entry, and make it a part of the table. Returns its address. */
static phys_addr_t begin_entry(u8 kind, u8 bytes)
{
        phys_addr_t entry = tables_madt() + madt_bytes;

        tables_put(entry, kind, 1);
        tables_put(entry + 1, bytes, 1);
        madt_bytes += bytes;
        return entry;
}

void tables_madt_cpu(u8 apic_id, bool enabled)
{
        phys_addr_t entry = begin_entry(0, 8);

        tables_put(entry + 2, apic_id, 1);
        tables_put(entry + 3, apic_id, 1);
        tables_put(entry + 4, enabled, 4);
}

void tables_madt_x2apic(u32 apic_id, bool enabled)
{
        phys_addr_t entry = begin_entry(9, 16);

        tables_put(entry + 4, apic_id, 4);
        tables_put(entry + 8, enabled, 4);
}

void tables_madt_ioapic(u8 id, u32 address, u32 gsi_base)
{
        phys_addr_t entry = begin_entry(1, 12);

        tables_put(entry + 2, id, 1);
        tables_put(entry + 4, address, 4);
        tables_put(entry + 8, gsi_base, 4);
}

void tables_madt_override(u8 bus, u8 irq, u32 gsi, u16 signal)
{
        phys_addr_t entry = begin_entry(2, 10);

        tables_put(entry + 2, bus, 1);
        tables_put(entry + 3, irq, 1);
        tables_put(entry + 4, gsi, 4);
        tables_put(entry + 8, signal, 2);
}

void tables_madt_nmi(u8 pin)
{
        phys_addr_t entry = begin_entry(4, 6);

        tables_put(entry + 2, 0xFF, 1);
        tables_put(entry + 5, pin, 1);
}

void tables_madt_local_apic(u64 address)
{
        tables_put(begin_entry(5, 12) + 4, address, 8);
}

void tables_madt_sum(void)
{
        host_firmware_sum(tables_madt(), madt_bytes, tables_madt() + SUM_OFFSET);
}

void tables_list(phys_addr_t address, const char *signature, const u64 *tables,
                 unsigned int count, unsigned int entry_bytes)
{
        u32 bytes = HEADER_BYTES + count * entry_bytes;

        put_text(address, signature);
        tables_put(address + LENGTH_OFFSET, bytes, 4);
        for (unsigned int index = 0; index < count; index++)
                tables_put(address + HEADER_BYTES + index * entry_bytes, tables[index],
                           entry_bytes);
        host_firmware_sum(address, bytes, address + SUM_OFFSET);
}

void tables_rsdp(phys_addr_t address, u8 revision, u32 rsdt, u64 xsdt)
{
        put_text(address, "RSD PTR ");
        tables_put(address + 15, revision, 1);
        tables_put(address + 16, rsdt, 4);
        tables_put(address + 20, 36, 4);
        tables_put(address + 24, xsdt, 8);
        host_firmware_sum(address, 20, address + 8);
        host_firmware_sum(address, 36, address + 32);
}

void tables_acpi_end(void)
{
        const u64 tables[] = { high + 0x8000, tables_madt() };

        tables_put(tables_madt() + LENGTH_OFFSET, madt_bytes, 4);
        tables_madt_sum();
        put_text(high + 0x8000, "FACP");
        tables_list(high + TABLES_RSDT_OFFSET, "RSDT", tables, 2, 4);
        tables_list(high + TABLES_XSDT_OFFSET, "XSDT", tables, 2, 8);
        tables_rsdp(TABLES_RSDP, 2, (u32)(high + TABLES_RSDT_OFFSET), high + TABLES_XSDT_OFFSET);
}

void tables_mp_begin(void)
{
        put_text(TABLES_MP, "PCMP");
        tables_put(TABLES_MP + HEADER_BYTES, 0xFEE00000, 4);
        mp_bytes = MP_HEADER_BYTES;
        mp_entries = 0;
}

void tables_mp_raw(const u8 *entry, unsigned int bytes)
{
        memcpy(host_firmware_at(TABLES_MP + mp_bytes, bytes), entry, bytes);
        mp_bytes += bytes;
        mp_entries++;
}

void tables_mp_cpu(u8 apic_id, bool enabled)
{
        const u8 entry[20] = { 0, apic_id, 0x14, enabled };

        tables_mp_raw(entry, sizeof(entry));
}

void tables_mp_bus(u8 id, const char *type)
{
        u8 entry[8] = { 1, id, ' ', ' ', ' ', ' ', ' ', ' ' };

        memcpy(entry + 2, type, strlen(type));
        tables_mp_raw(entry, sizeof(entry));
}

void tables_mp_ioapic(u8 id, bool enabled, u32 address)
{
        const u8 entry[8] = { 2, id, 0x11, enabled, (u8)address, (u8)(address >> 8),
                              (u8)(address >> 16), (u8)(address >> 24) };

        tables_mp_raw(entry, sizeof(entry));
}

void tables_mp_interrupt(u8 type, u16 signal, u8 bus, u8 irq, u8 apic, u8 pin)
{
        const u8 entry[8] = { 3, type, (u8)signal, (u8)(signal >> 8), bus, irq, apic, pin };

        tables_mp_raw(entry, sizeof(entry));
}

void tables_mp_local_nmi(u8 pin)
{
        const u8 entry[8] = { 4, 1, 0, 0, 0, 0, 0xFF, pin };

        tables_mp_raw(entry, sizeof(entry));
}

void tables_mp_pointer(phys_addr_t address, u32 table, u8 configuration, u8 features2)
{
        put_text(address, "_MP_");
        tables_put(address + 4, table, 4);
        tables_put(address + 8, 1, 1);
        tables_put(address + 9, 4, 1);
        tables_put(address + 11, configuration, 1);
        tables_put(address + 12, features2, 1);
        host_firmware_sum(address, 16, address + 10);
}

void tables_mp_sum(void)
{
        host_firmware_sum(TABLES_MP, mp_bytes, TABLES_MP + 7);
}

void tables_mp_end(void)
{
        tables_put(TABLES_MP + LENGTH_OFFSET, mp_bytes, 2);
        tables_put(TABLES_MP + 34, mp_entries, 2);
        tables_mp_sum();
        tables_mp_pointer(TABLES_MP_POINTER, TABLES_MP, 0, 0);
}
