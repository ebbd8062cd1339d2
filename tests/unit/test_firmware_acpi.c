/* ACPI: what is taken from a MADT, and everything for which a table is refused. */
#include "drivers/firmware/topology.h"

#include <string.h>

#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/firmware_tables.h"

static struct cpu_topology topology;

/* Lay out the MADT of a PC with two CPUs, up to its end. */
static void begin_pc(phys_addr_t high)
{
        tables_start(high);
        tables_madt_begin();
        tables_madt_cpu(0, true);
        tables_madt_cpu(1, true);
        tables_madt_ioapic(2, 0xFEC00000, 0);
        tables_madt_override(0, 0, 2, 0);
        tables_madt_override(0, 9, 9, 0xD);
        tables_madt_nmi(1);
}

/* Read what has been laid out. */
static void find(void)
{
        tables_acpi_end();
        topology_find(&topology, 0, true);
}

/* Whether nothing was found at all, and the reason was printed. */
static bool is_refused(const char *reason)
{
        topology_find(&topology, 0, true);
        return topology.cpu_count == 1 && !topology.local_apic && !topology.ioapic_count &&
               !topology.override_count && !strcmp(topology.source, TOPOLOGY_NO_SOURCE) &&
               host_text_contains(host_printed_text(), reason);
}

/* Whether the PC of begin_pc() is what was found. */
static bool is_pc(void)
{
        return topology.cpu_count == 2 && topology.apic_ids[1] == 1 && topology.ioapic_count == 1 &&
               topology.override_count == 2;
}

TEST(firmware_acpi, pc)
{
        begin_pc(TABLES_HIGH);
        find();
        EXPECT(is_pc());
        EXPECT_EQ(topology.apic_ids[0], 0);
        EXPECT_EQ(topology.dropped_count, 0);
        EXPECT_EQ(topology.local_apic, 0xFEE00000);
        EXPECT_EQ(topology.ioapics[0].id, 2);
        EXPECT_EQ(topology.ioapics[0].address, 0xFEC00000);
        EXPECT_EQ(topology.ioapics[0].gsi_base, 0);
        EXPECT_EQ(topology.nmi_pins, 2);
        EXPECT(topology.has_8259);
        EXPECT(!topology.has_imcr);
        EXPECT(!strcmp(topology.source, "ACPI"));
        EXPECT(!host_text_contains(host_printed_text(), "refused"));
}

TEST(firmware_acpi, overrides_say_where_and_how)
{
        begin_pc(TABLES_HIGH);
        tables_madt_override(0, 5, 21, 0xF);
        find();
        const struct topology_override *timer = topology_override_of(&topology, 0);
        const struct topology_override *power = topology_override_of(&topology, 9);
        const struct topology_override *other = topology_override_of(&topology, 5);

        REQUIRE(timer && power && other);
        EXPECT(timer->gsi == 2 && !timer->is_level && !timer->is_active_low);
        EXPECT(power->gsi == 9 && power->is_level && !power->is_active_low);
        EXPECT(other->gsi == 21 && other->is_level && other->is_active_low);
        EXPECT(!topology_override_of(&topology, 1));
}

TEST(firmware_acpi, tables_may_lie_above_4_gib_by_the_xsdt_alone)
{
        begin_pc(0x123456000ull);
        find();
        EXPECT(is_pc());
}

TEST(firmware_acpi, first_revision_has_an_rsdt_alone)
{
        begin_pc(TABLES_HIGH);
        tables_acpi_end();
        tables_rsdp(TABLES_RSDP, 0, TABLES_HIGH + TABLES_RSDT_OFFSET, 0xBAD);
        topology_find(&topology, 0, true);
        EXPECT(is_pc());
}

TEST(firmware_acpi, pointer_in_the_bios_area_comes_first)
{
        begin_pc(TABLES_HIGH);
        tables_acpi_end();
        tables_rsdp(TABLES_RSDP, 2, 0x1234, 0x1234);
        tables_rsdp(TABLES_BIOS_AREA + 0x3E0, 0, TABLES_HIGH + TABLES_RSDT_OFFSET, 0);
        topology_find(&topology, 0, true);
        EXPECT(is_pc());
}

TEST(firmware_acpi, boot_cpu_is_cpu_0_wherever_it_is_listed)
{
        begin_pc(TABLES_HIGH);
        tables_madt_cpu(7, true);
        tables_acpi_end();
        topology_find(&topology, 7, true);
        EXPECT_EQ(topology.cpu_count, 3);
        EXPECT_EQ(topology.apic_ids[0], 7);
        EXPECT_EQ(topology.apic_ids[1], 0);
        EXPECT_EQ(topology.apic_ids[2], 1);
}

TEST(firmware_acpi, boot_cpu_that_is_not_listed_is_reported)
{
        begin_pc(TABLES_HIGH);
        tables_acpi_end();
        topology_find(&topology, 9, true);
        EXPECT_EQ(topology.cpu_count, 3);
        EXPECT_EQ(topology.apic_ids[0], 9);
        EXPECT(host_text_contains(host_printed_text(), "APIC id 9, is not listed"));
}

TEST(firmware_acpi, too_many_cpus_are_counted)
{
        tables_start(TABLES_HIGH);
        tables_madt_begin();
        for (unsigned int id = 10; id < 10 + NR_CPUS + 5; id++)
                tables_madt_cpu((u8)id, true);
        tables_madt_cpu(3, true);
        tables_acpi_end();
        topology_find(&topology, 3, true);
        EXPECT_EQ(topology.cpu_count, NR_CPUS);
        EXPECT_EQ(topology.dropped_count, 6);
        EXPECT_EQ(topology.apic_ids[0], 3);
        EXPECT_EQ(topology.apic_ids[NR_CPUS - 1], 10 + NR_CPUS - 2);
        EXPECT(host_text_contains(host_printed_text(), "6 more CPUs not used"));
}

TEST(firmware_acpi, cpus_that_are_off_or_listed_twice_or_out_of_range)
{
        begin_pc(TABLES_HIGH);
        tables_madt_cpu(2, false);
        tables_madt_cpu(1, true);
        tables_madt_cpu(0, true);
        tables_madt_cpu(255, true);
        tables_madt_x2apic(2, false);
        tables_madt_x2apic(255, true);
        tables_madt_x2apic(0x10001, true);
        tables_madt_x2apic(1, true);
        tables_madt_x2apic(254, true);
        find();
        EXPECT_EQ(topology.cpu_count, 3);
        EXPECT_EQ(topology.apic_ids[2], 254);
        EXPECT(host_text_contains(host_printed_text(), "APIC id 0 refused: listed twice"));
        EXPECT(host_text_contains(host_printed_text(), "APIC id 1 refused: listed twice"));
        EXPECT(host_text_contains(host_printed_text(), "APIC id 255 refused: ids end at 254"));
        EXPECT(host_text_contains(host_printed_text(), "APIC id 65537 refused"));
        EXPECT(!host_text_contains(host_printed_text(), "APIC id 2 refused"));
}

TEST(firmware_acpi, no_apic_means_one_cpu_without_looking)
{
        begin_pc(TABLES_HIGH);
        tables_acpi_end();
        topology_find(&topology, 0, false);
        EXPECT_EQ(topology.cpu_count, 1);
        EXPECT_EQ(topology.local_apic, 0);
        EXPECT(topology.has_8259);
        EXPECT(!strcmp(host_printed_text(), ""));
}

TEST(firmware_acpi, ioapics_that_cannot_be)
{
        begin_pc(TABLES_HIGH);
        tables_madt_ioapic(3, 0, 24);
        tables_madt_ioapic(3, 0xFEC01020, 24);
        tables_madt_ioapic(2, 0xFEC01000, 24);
        tables_madt_ioapic(3, 0xFEC00000, 24);
        tables_madt_ioapic(3, 0xFEC01000, 0);
        find();
        EXPECT_EQ(topology.ioapic_count, 1);
        EXPECT(host_text_contains(host_printed_text(), "at 0 refused: impossible address"));
        EXPECT(host_text_contains(host_printed_text(), "at 0xfec01020 refused: impossible"));
        EXPECT(host_text_contains(host_printed_text(), "2 at 0xfec01000 refused: listed twice"));
        EXPECT(host_text_contains(host_printed_text(), "3 at 0xfec00000 refused: listed twice"));
        EXPECT(host_text_contains(host_printed_text(), "3 at 0xfec01000 refused: listed twice"));
}

TEST(firmware_acpi, at_most_eight_ioapics)
{
        tables_start(TABLES_HIGH);
        tables_madt_begin();
        for (unsigned int index = 0; index < TOPOLOGY_IOAPICS_MAX + 2; index++)
                tables_madt_ioapic((u8)index, 0xFEC00000 + index * 0x1000, index * 24);
        find();
        EXPECT_EQ(topology.ioapic_count, TOPOLOGY_IOAPICS_MAX);
        EXPECT_EQ(topology.ioapics[7].gsi_base, 7 * 24);
        EXPECT(host_text_contains(host_printed_text(), "refused: too many of them"));
}

TEST(firmware_acpi, overrides_that_cannot_be)
{
        begin_pc(TABLES_HIGH);
        tables_madt_override(1, 3, 3, 0);
        tables_madt_override(0, 16, 16, 0);
        tables_madt_override(0, 3, 3, 0x2);
        tables_madt_override(0, 3, 3, 0x8);
        tables_madt_override(0, 9, 20, 0xD);
        tables_madt_override(0, 3, 9, 0);
        find();
        EXPECT_EQ(topology.override_count, 2);
        EXPECT(host_text_contains(host_printed_text(), "override of bus 1 refused: not ISA"));
        EXPECT(host_text_contains(host_printed_text(), "refused: no ISA line"));
        EXPECT(host_text_contains(host_printed_text(), "refused: no such signal"));
        EXPECT(host_text_contains(host_printed_text(), "refused: listed twice"));
        EXPECT(host_text_contains(host_printed_text(), "refused: another line has its input"));
}

TEST(firmware_acpi, nmi_pins)
{
        const u8 x2apic_nmi[12] = { 10, 12, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0 };

        tables_start(TABLES_HIGH);
        tables_madt_begin();
        tables_madt_nmi(2);
        tables_madt_raw(x2apic_nmi, sizeof(x2apic_nmi));
        find();
        EXPECT_EQ(topology.nmi_pins, 1);
        EXPECT(host_text_contains(host_printed_text(), "NMI at pin 2"));
}

TEST(firmware_acpi, local_apic_elsewhere)
{
        begin_pc(TABLES_HIGH);
        tables_madt_local_apic(0x1FEE00000ull);
        find();
        EXPECT_EQ(topology.local_apic, 0x1FEE00000ull);
}

TEST(firmware_acpi, local_apic_that_cannot_be)
{
        static const u64 addresses[] = { 0, 0xFEE00010, 1ull << 52 };

        for (unsigned int index = 0; index < ARRAY_SIZE(addresses); index++) {
                begin_pc(TABLES_HIGH);
                tables_madt_local_apic(addresses[index]);
                tables_acpi_end();
                EXPECT(is_refused("APIC at 0x7ffe0400 refused: an entry makes no sense"));
        }
        begin_pc(TABLES_HIGH);
        tables_put(tables_madt() + 36, 0xFEE00001, 4);
        tables_acpi_end();
        EXPECT(is_refused("impossible address of the local APIC"));
}

TEST(firmware_acpi, without_8259)
{
        begin_pc(TABLES_HIGH);
        tables_put(tables_madt() + 40, 0, 4);
        find();
        EXPECT(is_pc());
        EXPECT(!topology.has_8259);
}

TEST(firmware_acpi, unknown_entries_are_passed_over)
{
        const u8 unknown[5] = { 0x7F, 5, 1, 2, 3 };
        const u8 smallest[2] = { 0xFF, 2 };

        tables_start(TABLES_HIGH);
        tables_madt_begin();
        tables_madt_raw(unknown, sizeof(unknown));
        tables_madt_cpu(0, true);
        tables_madt_raw(smallest, sizeof(smallest));
        tables_madt_cpu(4, true);
        find();
        EXPECT_EQ(topology.cpu_count, 2);
        EXPECT_EQ(topology.apic_ids[1], 4);
}

TEST(firmware_acpi, broken_entries)
{
        static const struct {
                u8 bytes[8];
                unsigned int length;
        } entries[] = {
                { { 0, 0 }, 2 },                        /* no length at all */
                { { 0, 1 }, 2 },
                { { 0x7F, 0 }, 2 },
                { { 0x7F, 1 }, 2 },
                { { 0, 9, 1, 1, 1 }, 8 },               /* beyond the end of the table */
                { { 0x7F, 0xFF }, 2 },
                { { 0, 4, 1, 1 }, 4 },                  /* too short for its kind */
                { { 1, 8, 1, 1 }, 8 },
                { { 2, 8, 0, 0 }, 8 },
                { { 5, 8 }, 8 },
                { { 9, 8 }, 8 },
                { { 0 }, 1 },                           /* a byte is left over */
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(entries); index++) {
                begin_pc(TABLES_HIGH);
                tables_madt_raw(entries[index].bytes, entries[index].length);
                tables_acpi_end();
                EXPECT(is_refused("APIC at 0x7ffe0400 refused: an entry makes no sense"));
        }
}

TEST(firmware_acpi, wrong_sums)
{
        begin_pc(TABLES_HIGH);
        tables_acpi_end();
        tables_put(tables_madt() + 9, 1, 1);
        EXPECT(is_refused("APIC at 0x7ffe0400 refused: wrong sum"));

        tables_madt_sum();
        tables_put(TABLES_HIGH + TABLES_XSDT_OFFSET + 9, 1, 1);
        topology_find(&topology, 0, true);
        EXPECT(is_pc());
        EXPECT(host_text_contains(host_printed_text(), "XSDT at 0x7ffe0200 refused: wrong sum"));

        tables_put(TABLES_HIGH + TABLES_RSDT_OFFSET + 9, 1, 1);
        EXPECT(is_refused("RSDT at 0x7ffe0100 refused: wrong sum"));
        tables_put(TABLES_RSDP + 32, 1, 1);
        EXPECT(is_refused("ACPI pointer at 0xf5a40 refused: wrong length or sum"));
        tables_put(TABLES_RSDP + 8, 1, 1);
        EXPECT(is_refused("ACPI pointer at 0xf5a40 refused: wrong sum"));
}

TEST(firmware_acpi, lengths_that_cannot_be)
{
        static const u32 lengths[] = { 0, 35, 43, (1u << 20) + 1, UINT32_MAX };

        for (unsigned int index = 0; index < ARRAY_SIZE(lengths); index++) {
                begin_pc(TABLES_HIGH);
                tables_acpi_end();
                tables_put(tables_madt() + 4, lengths[index], 4);
                EXPECT(is_refused("APIC at 0x7ffe0400 refused: impossible length"));
        }
        begin_pc(TABLES_HIGH);
        tables_acpi_end();
        tables_put(tables_madt() + 4, 1u << 20, 4);
        EXPECT(is_refused("APIC at 0x7ffe0400 refused: wrong sum"));
        tables_put(TABLES_RSDP + 20, 35, 4);
        EXPECT(is_refused("ACPI pointer at 0xf5a40 refused: wrong length or sum"));
        tables_put(TABLES_RSDP + 20, 0x10000, 4);
        EXPECT(is_refused("ACPI pointer at 0xf5a40 refused: wrong length or sum"));
}

TEST(firmware_acpi, lists_that_lead_nowhere)
{
        const u64 nowhere[] = { 0, 0x1000000000ull, TABLES_HIGH + TABLES_XSDT_OFFSET };

        begin_pc(TABLES_HIGH);
        tables_acpi_end();
        tables_list(TABLES_HIGH + TABLES_XSDT_OFFSET, "XSDT", nowhere, ARRAY_SIZE(nowhere), 8);
        topology_find(&topology, 0, true);
        EXPECT(is_pc());
        EXPECT(host_text_contains(host_printed_text(), "XSDT at 0x7ffe0200 refused: it lists no"));

        tables_rsdp(TABLES_RSDP, 2, 0, TABLES_HIGH + TABLES_XSDT_OFFSET);
        EXPECT(is_refused("no table of CPUs"));
        tables_rsdp(TABLES_RSDP, 2, 0x90000000, 0x91000000);
        EXPECT(is_refused("RSDT at 0x90000000 refused: out of reach"));
        EXPECT(is_refused("XSDT at 0x91000000 refused: out of reach"));
        tables_rsdp(TABLES_RSDP, 2, (u32)tables_madt(), 0);
        EXPECT(is_refused("RSDT at 0x7ffe0400 refused: wrong signature"));
}

TEST(firmware_acpi, nothing_of_a_refused_table_stays)
{
        const u8 broken[2] = { 0, 0 };

        begin_pc(TABLES_HIGH);
        tables_madt_raw(broken, sizeof(broken));
        tables_acpi_end();
        tables_mp_begin();
        tables_mp_cpu(0, true);
        tables_mp_cpu(1, true);
        tables_mp_end();
        topology_find(&topology, 0, true);
        EXPECT(!strcmp(topology.source, "MP table"));
        EXPECT_EQ(topology.cpu_count, 2);
        EXPECT_EQ(topology.ioapic_count, 0);
        EXPECT_EQ(topology.override_count, 0);
        EXPECT_EQ(topology.nmi_pins, 0);
}
