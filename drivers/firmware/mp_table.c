/*
 * MP table
 *
 * Idea        A pointer with signature "_MP_" lies somewhere in the BIOS's memory. Either it leads
 *             to the configuration table, a row of entries whose kind tells their length, or it
 *             names one of seven default configurations, which need no table.
 *
 * Picture     _MP_ ---> "PCMP" | header | 44 bytes
 *                              | kind 0: CPU | 20 bytes
 *                              | kind 1: bus, 2: I/O APIC, 3, 4: interrupt | 8 bytes each
 *
 *             An interrupt names its bus and an input of an I/O APIC. There are no GSIs here; they
 *             are made: I/O APIC n of the table gets those from n * MP_GSI_STRIDE on.
 *
 * Failure     As for ACPI: sums, lengths and kinds are checked first, and a table that cannot be is
 *             refused as a whole. Interrupts name things that other entries describe, in any
 *             order, so the row is gone through twice.
 *
 * Reading     Intel MultiProcessor Specification 1.4, chapters 4 and 5.
 */
#include "drivers/firmware/mp_table.h"

#include "drivers/firmware/firmware_memory.h"
#include "drivers/firmware/table.h"
#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"

#define POINTER_SIGNATURE "_MP_"
#define DEFAULT_CONFIGURATION_COUNT 7u
#define DEFAULT_WITHOUT_TIMER 2u                /* line 0 leads to no input of the I/O APIC */
#define DEFAULT_LOCAL_APIC 0xFEE00000u
#define DEFAULT_IOAPIC 0xFEC00000u
#define DEFAULT_IOAPIC_ID 2u
#define DEFAULT_TIMER_INPUT 2u

#define FEATURE2_IMCR BIT(7)
#define CPU_FLAG_ENABLED BIT(0)
#define IOAPIC_FLAG_ENABLED BIT(0)
#define INTERRUPT_VECTORED 0u
#define INTERRUPT_NMI 1u
#define BUS_NONE 0x100u
#define MP_GSI_STRIDE 256u                      /* more than any I/O APIC has inputs */

struct mp_pointer {
        char signature[4];
        u32 table;
        u8 length;                              /* in units of 16 bytes */
        u8 revision;
        u8 sum;
        u8 features[5];                         /* [0] names a default configuration, if not 0 */
} __packed;

struct mp_header {
        char signature[4];
        u16 length;
        u8 revision;
        u8 sum;
        char maker[8];
        char product[12];
        u32 maker_table;
        u16 maker_table_bytes;
        u16 entry_count;
        u32 local_apic;
        u16 extended_bytes;
        u8 extended_sum;
        u8 reserved;
} __packed;

enum mp_kind {
        MP_CPU = 0,
        MP_BUS = 1,
        MP_IOAPIC = 2,
        MP_INTERRUPT = 3,
        MP_LOCAL_INTERRUPT = 4,
        MP_KIND_COUNT,
};

/* An entry of the configuration table. */
union mp_entry {
        u8 kind;
        struct {
                u8 kind, apic_id, apic_version, flags;
                u32 signature;
                u32 features;
                u64 reserved;
        } __packed cpu;
        struct {
                u8 kind, id;
                char type[6];
        } __packed bus;
        struct {
                u8 kind, id, version, flags;
                u32 address;
        } __packed ioapic;
        struct {
                u8 kind, type;
                u16 signal;
                u8 bus, irq;                    /* where it comes from */
                u8 apic, pin;                   /* where it goes to */
        } __packed interrupt;
};

static const u8 bytes_of_kind[MP_KIND_COUNT] = {
        [MP_CPU] = 20, [MP_BUS] = 8, [MP_IOAPIC] = 8, [MP_INTERRUPT] = 8, [MP_LOCAL_INTERRUPT] = 8,
};

/* What is known while a configuration table is read. */
struct mp_reading {
        struct topology_builder *builder;
        phys_addr_t table;
        u32 isa_bus;                            /* the number of the ISA bus, or BUS_NONE */
};

/* Whether a floating pointer can be believed. */
static bool accept_pointer(phys_addr_t address)
{
        struct mp_pointer pointer;

        if (firmware_read(address, &pointer, sizeof(pointer)) && pointer.length == 1 &&
            table_sum_is_zero(address, sizeof(pointer)))
                return true;
        printk("firmware: MP pointer at %#llx refused: wrong length or sum\n",
               (unsigned long long)address);
        return false;
}

/* The address of the floating pointer, or 0. */
static phys_addr_t find_pointer(void)
{
        phys_addr_t area = table_bios_area();
        phys_addr_t low_end = table_low_memory_end();
        phys_addr_t found = 0;

        if (area)
                found = table_find_pointer(area, area + FIRMWARE_AREA_BYTES, POINTER_SIGNATURE,
                                           accept_pointer);
        if (!found && low_end)
                found = table_find_pointer(low_end - FIRMWARE_AREA_BYTES, low_end,
                                           POINTER_SIGNATURE, accept_pointer);
        if (!found)
                found = table_find_pointer(FIRMWARE_ROM_UPPER_HALF, FIRMWARE_ROM_END,
                                           POINTER_SIGNATURE, accept_pointer);
        return found;
}

/* Say why a table is not used. Returns false, for the caller to return. */
static bool refuse(phys_addr_t address, const char *reason)
{
        printk("firmware: MP table at %#llx refused: %s\n", (unsigned long long)address, reason);
        return false;
}

/* Note an I/O APIC, unless it is switched off. */
static void take_ioapic(struct topology_builder *builder, const union mp_entry *entry)
{
        if (entry->ioapic.flags & IOAPIC_FLAG_ENABLED)
                topology_add_ioapic(builder, entry->ioapic.id, entry->ioapic.address,
                                    builder->topology->ioapic_count * MP_GSI_STRIDE);
}

/* Take over an entry that describes a thing: the first time through. */
static void take_thing(struct mp_reading *reading, const union mp_entry *entry)
{
        switch (entry->kind) {
        case MP_CPU:
                if (entry->cpu.flags & CPU_FLAG_ENABLED)
                        topology_add_cpu(reading->builder, entry->cpu.apic_id);
                break;
        case MP_BUS:
                if (!memcmp(entry->bus.type, "ISA", 3) || !memcmp(entry->bus.type, "EISA", 4))
                        reading->isa_bus = entry->bus.id;
                break;
        case MP_IOAPIC:
                take_ioapic(reading->builder, entry);
                break;
        }
}

/* Note which input an ISA line leads to. */
static void take_isa_line(struct topology_builder *builder, const union mp_entry *entry)
{
        const struct cpu_topology *topology = builder->topology;

        for (unsigned int index = 0; index < topology->ioapic_count; index++) {
                const struct topology_ioapic *ioapic = &topology->ioapics[index];

                if (ioapic->id != entry->interrupt.apic)
                        continue;
                topology_add_override(builder, entry->interrupt.irq,
                                      ioapic->gsi_base + entry->interrupt.pin,
                                      entry->interrupt.signal);
                return;
        }
        printk("firmware: line %u refused: there is no I/O APIC %u\n", entry->interrupt.irq,
               entry->interrupt.apic);
}

/* Take over an entry that connects things: the second time through. */
static void take_connection(struct mp_reading *reading, const union mp_entry *entry)
{
        if (entry->kind == MP_INTERRUPT && entry->interrupt.type == INTERRUPT_VECTORED &&
            entry->interrupt.bus == reading->isa_bus)
                take_isa_line(reading->builder, entry);
        if (entry->kind == MP_LOCAL_INTERRUPT && entry->interrupt.type == INTERRUPT_NMI)
                topology_add_nmi_pin(reading->builder, entry->interrupt.pin);
}

/* Hand every entry to take. Returns: false when the row of entries is broken. */
static bool for_each_entry(struct mp_reading *reading, const struct mp_header *header,
                           void (*take)(struct mp_reading *, const union mp_entry *))
{
        u32 offset = sizeof(*header);
        union mp_entry entry;

        for (unsigned int index = 0; index < header->entry_count; index++) {
                u32 left = header->length - offset;

                if (!left || !firmware_read(reading->table + offset, &entry, sizeof(entry.kind)))
                        return false;
                if (entry.kind >= MP_KIND_COUNT || bytes_of_kind[entry.kind] > left ||
                    !firmware_read(reading->table + offset, &entry, bytes_of_kind[entry.kind]))
                        return false;
                take(reading, &entry);
                offset += bytes_of_kind[entry.kind];
        }
        return true;
}

/* Read the header of the configuration table, and check it all. */
static bool open_table(phys_addr_t address, struct mp_header *header)
{
        if (!firmware_read(address, header, sizeof(*header)))
                return refuse(address, "out of reach");
        if (memcmp(header->signature, "PCMP", sizeof(header->signature)))
                return refuse(address, "wrong signature");
        if (header->length < sizeof(*header))
                return refuse(address, "impossible length");
        if (!table_sum_is_zero(address, header->length))
                return refuse(address, "wrong sum");
        return true;
}

/* Build from the configuration table at an address. */
static bool read_table(struct topology_builder *builder, phys_addr_t address)
{
        struct mp_reading reading = { .builder = builder, .table = address, .isa_bus = BUS_NONE };
        struct mp_header header;

        builder->topology->source = "MP table";
        if (!open_table(address, &header))
                return false;
        if (!topology_set_local_apic(builder, header.local_apic))
                return refuse(address, "impossible address of the local APIC");
        if (!for_each_entry(&reading, &header, take_thing) ||
            !for_each_entry(&reading, &header, take_connection))
                return refuse(address, "an entry makes no sense");
        return true;
}

/* Build a default configuration: two CPUs, one I/O APIC, everything in its usual place. */
static bool take_default(struct topology_builder *builder, unsigned int number)
{
        if (number > DEFAULT_CONFIGURATION_COUNT) {
                printk("firmware: MP default configuration %u refused: it does not exist\n",
                       number);
                return false;
        }
        builder->topology->source = "MP default configuration";
        topology_set_local_apic(builder, DEFAULT_LOCAL_APIC);
        topology_add_cpu(builder, 0);
        topology_add_cpu(builder, 1);
        topology_add_ioapic(builder, DEFAULT_IOAPIC_ID, DEFAULT_IOAPIC, 0);
        topology_add_nmi_pin(builder, 1);
        if (number != DEFAULT_WITHOUT_TIMER)
                topology_add_override(builder, 0, DEFAULT_TIMER_INPUT, 0);
        return true;
}

bool mp_table_read_topology(struct topology_builder *builder)
{
        phys_addr_t address = find_pointer();
        struct mp_pointer pointer;

        if (!address || !firmware_read(address, &pointer, sizeof(pointer)))
                return false;
        builder->topology->has_imcr = pointer.features[1] & FEATURE2_IMCR;
        if (pointer.features[0])
                return take_default(builder, pointer.features[0]);
        return pointer.table && read_table(builder, pointer.table);
}
