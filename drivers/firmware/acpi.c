/*
 * ACPI tables
 *
 * Idea        A pointer with a signature, the RSDP, lies somewhere in the BIOS's memory. It leads
 *             to a list of tables; the one with signature "APIC", the MADT, is a row of entries
 *             of several kinds, each with its length in front.
 *
 * Picture     RSDP ---> XSDT or RSDT ---> "FACP"
 *                                  +----> "APIC" = MADT: | header | 44 bytes
 *                                                        | kind length … | kind length … |
 *
 * Failure     Everything is checked before it is believed: sums, lengths against the end of the
 *             table, kinds against their least lengths. A table with an entry that cannot be is
 *             refused as a whole. The only loops are over entries that each make the rest shorter,
 *             and no table is followed but from the list, so nothing can go round in a circle.
 *
 * Reading     ACPI specification 6.4, sections 5.2.5 (RSDP), 5.2.7 (RSDT), 5.2.12 (MADT).
 */
#include "drivers/firmware/acpi.h"

#include "drivers/firmware/firmware_memory.h"
#include "drivers/firmware/table.h"
#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"

#define ROOT_POINTER_SIGNATURE "RSD PTR "
#define ROOT_POINTER_BYTES_FIRST 20u            /* what revision 0 has, summed by itself */
#define ROOT_POINTER_BYTES_MOST 4096u
#define ROOT_POINTER_REVISION_64 2u
#define TABLE_BYTES_MOST (1u << 20)

#define MADT_FLAG_HAS_8259 BIT(0)
#define CPU_FLAG_ENABLED BIT(0)
#define APIC_ID_BROADCAST 0xFFu
#define BUS_ISA 0

struct root_pointer {
        char signature[8];
        u8 sum;
        char maker[6];
        u8 revision;
        u32 list_32;                            /* the RSDT */
        u32 length;                             /* from here on: only since revision 2 */
        u64 list_64;                            /* the XSDT */
        u8 sum_of_all;
        u8 reserved[3];
} __packed;

struct table_header {
        char signature[4];
        u32 length;                             /* of the whole table */
        u8 revision;
        u8 sum;
        char maker[6];
        char maker_table[8];
        u32 maker_revision;
        u32 compiler;
        u32 compiler_revision;
} __packed;

struct madt_header {
        struct table_header common;
        u32 local_apic;
        u32 flags;
} __packed;

enum madt_kind {
        MADT_LOCAL_APIC = 0,
        MADT_IOAPIC = 1,
        MADT_OVERRIDE = 2,
        MADT_LOCAL_NMI = 4,
        MADT_LOCAL_APIC_ADDRESS = 5,
        MADT_LOCAL_X2APIC = 9,
        MADT_LOCAL_X2APIC_NMI = 10,
        MADT_KIND_COUNT,
};

/* An entry of the MADT. */
union madt_entry {
        struct {
                u8 kind;
                u8 length;
        } __packed head;
        struct {
                u8 kind, length, processor, apic_id;
                u32 flags;
        } __packed local_apic;
        struct {
                u8 kind, length, id, reserved;
                u32 address;
                u32 gsi_base;
        } __packed ioapic;
        struct {
                u8 kind, length, bus, irq;
                u32 gsi;
                u16 signal;
        } __packed override;
        struct {
                u8 kind, length, processor;
                u16 signal;
                u8 pin;
        } __packed local_nmi;
        struct {
                u8 kind, length;
                u16 reserved;
                u64 address;
        } __packed local_apic_address;
        struct {
                u8 kind, length;
                u16 reserved;
                u32 apic_id;
                u32 flags;
                u32 processor;
        } __packed local_x2apic;
        struct {
                u8 kind, length;
                u16 signal;
                u32 processor;
                u8 pin;
                u8 reserved[3];
        } __packed local_x2apic_nmi;
};

/* The bytes that an entry of each kind has at least; 0: nothing is wanted of that kind. */
static const u8 bytes_least[MADT_KIND_COUNT] = {
        [MADT_LOCAL_APIC] = 8,
        [MADT_IOAPIC] = 12,
        [MADT_OVERRIDE] = 10,
        [MADT_LOCAL_NMI] = 6,
        [MADT_LOCAL_APIC_ADDRESS] = 12,
        [MADT_LOCAL_X2APIC] = 16,
        [MADT_LOCAL_X2APIC_NMI] = 12,
};

/* Whether the revision-2 part of a root pointer is as it must be. */
static bool extension_is_good(phys_addr_t address, const struct root_pointer *pointer)
{
        return pointer->length >= sizeof(*pointer) && pointer->length <= ROOT_POINTER_BYTES_MOST &&
               table_sum_is_zero(address, pointer->length);
}

/* Whether a root pointer can be believed. */
static bool accept_root_pointer(phys_addr_t address)
{
        struct root_pointer pointer;

        if (!table_sum_is_zero(address, ROOT_POINTER_BYTES_FIRST) ||
            !firmware_read(address, &pointer, sizeof(pointer))) {
                printk("firmware: ACPI pointer at %#llx refused: wrong sum\n",
                       (unsigned long long)address);
                return false;
        }
        if (pointer.revision >= ROOT_POINTER_REVISION_64 && !extension_is_good(address, &pointer)) {
                printk("firmware: ACPI pointer at %#llx refused: wrong length or sum\n",
                       (unsigned long long)address);
                return false;
        }
        return true;
}

/* The address of the root pointer, or 0. */
static phys_addr_t find_root_pointer(void)
{
        phys_addr_t area = table_bios_area();
        phys_addr_t found = 0;

        if (area)
                found = table_find_pointer(area, area + FIRMWARE_AREA_BYTES,
                                           ROOT_POINTER_SIGNATURE, accept_root_pointer);
        if (!found)
                found = table_find_pointer(FIRMWARE_ROM_START, FIRMWARE_ROM_END,
                                           ROOT_POINTER_SIGNATURE, accept_root_pointer);
        return found;
}

/* Say why a table is not used. Returns false, for the caller to return. */
static bool refuse(const char *signature, phys_addr_t address, const char *reason)
{
        printk("firmware: ACPI table %s at %#llx refused: %s\n", signature,
               (unsigned long long)address, reason);
        return false;
}

/* Read the header of a table, and check it all if it has the signature. */
static bool open_table(phys_addr_t address, const char *signature, size_t bytes_needed,
                       struct table_header *header)
{
        if (!firmware_read(address, header, sizeof(*header)))
                return refuse(signature, address, "out of reach");
        if (memcmp(header->signature, signature, sizeof(header->signature)))
                return refuse(signature, address, "wrong signature");
        if (header->length < bytes_needed || header->length > TABLE_BYTES_MOST)
                return refuse(signature, address, "impossible length");
        if (!table_sum_is_zero(address, header->length))
                return refuse(signature, address, "wrong sum");
        return true;
}

/* Note a CPU with a local APIC, if it works. Ids that need x2APIC mode are out of reach. */
static void take_cpu(struct topology_builder *builder, u32 apic_id, u32 flags)
{
        if (!(flags & CPU_FLAG_ENABLED))
                return;
        if (apic_id >= APIC_ID_BROADCAST)
                printk("firmware: CPU with APIC id %u refused: ids end at 254\n", apic_id);
        else
                topology_add_cpu(builder, apic_id);
}

/* Note where an ISA line is found. */
static void take_override(struct topology_builder *builder, const union madt_entry *entry)
{
        if (entry->override.bus != BUS_ISA)
                printk("firmware: override of bus %u refused: not ISA\n", entry->override.bus);
        else
                topology_add_override(builder, entry->override.irq, entry->override.gsi,
                                      entry->override.signal);
}

/* Take over one entry, long enough for its kind. Returns: false when the table is nonsense. */
static bool take_entry(struct topology_builder *builder, const union madt_entry *entry)
{
        switch (entry->head.kind) {
        case MADT_LOCAL_APIC:
                take_cpu(builder, entry->local_apic.apic_id, entry->local_apic.flags);
                break;
        case MADT_LOCAL_X2APIC:
                take_cpu(builder, entry->local_x2apic.apic_id, entry->local_x2apic.flags);
                break;
        case MADT_IOAPIC:
                topology_add_ioapic(builder, entry->ioapic.id, entry->ioapic.address,
                                    entry->ioapic.gsi_base);
                break;
        case MADT_OVERRIDE:
                take_override(builder, entry);
                break;
        case MADT_LOCAL_NMI:
                topology_add_nmi_pin(builder, entry->local_nmi.pin);
                break;
        case MADT_LOCAL_X2APIC_NMI:
                topology_add_nmi_pin(builder, entry->local_x2apic_nmi.pin);
                break;
        case MADT_LOCAL_APIC_ADDRESS:
                return topology_set_local_apic(builder, entry->local_apic_address.address);
        }
        return true;
}

/* Read the entry at offset; the table is length bytes long. Returns: false when it cannot be. */
static bool read_entry(phys_addr_t table, u32 offset, u32 length, union madt_entry *entry)
{
        u8 least;

        memset(entry, 0, sizeof(*entry));
        if (length - offset < sizeof(entry->head) ||
            !firmware_read(table + offset, &entry->head, sizeof(entry->head)))
                return false;
        if (entry->head.length < sizeof(entry->head) || entry->head.length > length - offset)
                return false;
        least = entry->head.kind < MADT_KIND_COUNT ? bytes_least[entry->head.kind] : 0;
        return entry->head.length >= least &&
               firmware_read(table + offset, entry, max(least, (u8)sizeof(entry->head)));
}

/* Build from the MADT at an address. */
static bool read_madt(struct topology_builder *builder, phys_addr_t address)
{
        struct madt_header header;
        union madt_entry entry;

        if (!open_table(address, "APIC", sizeof(header), &header.common) ||
            !firmware_read(address, &header, sizeof(header)))
                return false;
        if (!topology_set_local_apic(builder, header.local_apic))
                return refuse("APIC", address, "impossible address of the local APIC");
        builder->topology->has_8259 = header.flags & MADT_FLAG_HAS_8259;
        for (u32 offset = sizeof(header); offset < header.common.length;
             offset += entry.head.length)
                if (!read_entry(address, offset, header.common.length, &entry) ||
                    !take_entry(builder, &entry))
                        return refuse("APIC", address, "an entry makes no sense");
        return true;
}

/* The address of the table in one place of a list, whose addresses have as many bytes; or 0. */
static phys_addr_t list_entry(phys_addr_t list, u32 offset, u32 address_bytes)
{
        u64 address = 0;

        return firmware_read(list + offset, &address, address_bytes) ? address : 0;
}

/* Whether a table has the MADT's signature. */
static bool is_madt(phys_addr_t address)
{
        char signature[4];

        return address && firmware_read(address, signature, sizeof(signature)) &&
               !memcmp(signature, "APIC", sizeof(signature));
}

/* Build from the first MADT in a list of tables. */
static bool read_list(struct topology_builder *builder, phys_addr_t list, const char *signature,
                      u32 address_bytes)
{
        struct table_header header;

        if (!open_table(list, signature, sizeof(header), &header))
                return false;
        for (u32 offset = sizeof(header); offset + address_bytes <= header.length;
             offset += address_bytes) {
                phys_addr_t table = list_entry(list, offset, address_bytes);

                if (is_madt(table))
                        return read_madt(builder, table);
        }
        return refuse(signature, list, "it lists no table APIC");
}

bool acpi_read_topology(struct topology_builder *builder)
{
        struct cpu_topology *topology = builder->topology;
        phys_addr_t address = find_root_pointer();
        struct root_pointer pointer;

        topology->source = "ACPI";
        if (!address || !firmware_read(address, &pointer, sizeof(pointer)))
                return false;
        if (pointer.revision >= ROOT_POINTER_REVISION_64 && pointer.list_64) {
                u32 boot_apic_id = topology->apic_ids[0];

                if (read_list(builder, pointer.list_64, "XSDT", sizeof(u64)))
                        return true;
                topology_begin(builder, topology, boot_apic_id);
                topology->source = "ACPI";
        }
        return pointer.list_32 && read_list(builder, pointer.list_32, "RSDT", sizeof(u32));
}
