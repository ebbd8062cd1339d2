/* The MP table: what is taken from it, and everything for which it is refused. */
#include "drivers/firmware/topology.h"

#include <string.h>

#include "lib/test.h"
#include "tests/host/expect_panic.h"
#include "tests/host/firmware.h"
#include "tests/host/firmware_tables.h"

#define INTERRUPT 0
#define EXTERNAL 3

static struct cpu_topology topology;

/* Lay out the table of a PC with two CPUs, up to its end. */
static void begin_pc(void)
{
        tables_start(TABLES_HIGH);
        tables_mp_begin();
        tables_mp_cpu(0, true);
        tables_mp_cpu(1, true);
        tables_mp_bus(0, "PCI");
        tables_mp_bus(1, "ISA");
        tables_mp_ioapic(2, true, 0xFEC00000);
        tables_mp_interrupt(EXTERNAL, 0, 1, 0, 2, 0);
        tables_mp_interrupt(INTERRUPT, 0, 1, 0, 2, 2);
        tables_mp_interrupt(INTERRUPT, 0, 1, 1, 2, 1);
        tables_mp_interrupt(INTERRUPT, 0xF, 0, 0x10, 2, 11);
        tables_mp_local_nmi(1);
}

/* Read what has been laid out. */
static void find(void)
{
        tables_mp_end();
        topology_find(&topology, 0, true);
}

/* Whether nothing was found at all, and the reason was printed. */
static bool is_refused(const char *reason)
{
        topology_find(&topology, 0, true);
        return topology.cpu_count == 1 && !topology.local_apic && !topology.ioapic_count &&
               !strcmp(topology.source, TOPOLOGY_NO_SOURCE) &&
               host_text_contains(host_printed_text(), reason);
}

TEST(firmware_mp, pc)
{
        begin_pc();
        find();
        EXPECT(!strcmp(topology.source, "MP table"));
        EXPECT_EQ(topology.cpu_count, 2);
        EXPECT_EQ(topology.apic_ids[1], 1);
        EXPECT_EQ(topology.local_apic, 0xFEE00000);
        EXPECT_EQ(topology.ioapic_count, 1);
        EXPECT_EQ(topology.ioapics[0].address, 0xFEC00000);
        EXPECT_EQ(topology.override_count, 2);
        REQUIRE(topology_override_of(&topology, 0));
        EXPECT_EQ(topology_override_of(&topology, 0)->gsi, 2);
        EXPECT_EQ(topology.nmi_pins, 2);
        EXPECT(topology.has_8259 && !topology.has_imcr);
        EXPECT(!host_text_contains(host_printed_text(), "refused"));
}

TEST(firmware_mp, entries_in_any_order)
{
        tables_start(TABLES_HIGH);
        tables_mp_begin();
        tables_mp_interrupt(INTERRUPT, 0xF, 7, 5, 4, 3);
        tables_mp_bus(7, "EISA");
        tables_mp_ioapic(3, true, 0xFEC00000);
        tables_mp_ioapic(5, false, 0xFEC02000);
        tables_mp_ioapic(4, true, 0xFEC01000);
        tables_mp_cpu(1, true);
        tables_mp_cpu(2, false);
        find();
        EXPECT_EQ(topology.cpu_count, 2);
        EXPECT_EQ(topology.ioapic_count, 2);
        REQUIRE(topology_override_of(&topology, 5));
        EXPECT_EQ(topology_override_of(&topology, 5)->gsi, topology.ioapics[1].gsi_base + 3);
        EXPECT(topology_override_of(&topology, 5)->is_level);
        EXPECT(topology_override_of(&topology, 5)->is_active_low);
        EXPECT(host_text_contains(host_printed_text(), "APIC id 0, is not listed"));
}

TEST(firmware_mp, pointer_is_found_in_each_of_its_places)
{
        static const phys_addr_t places[] = { TABLES_BIOS_AREA, TABLES_BIOS_AREA + 0x3F0, 0xF0000,
                                              0xFFFF0 };

        for (unsigned int index = 0; index < ARRAY_SIZE(places); index++) {
                begin_pc();
                tables_mp_end();
                memset(host_firmware_at(TABLES_MP_POINTER, 16), 0, 16);
                tables_mp_pointer(places[index], TABLES_MP, 0, 0x80);
                topology_find(&topology, 0, true);
                EXPECT_EQ(topology.cpu_count, 2);
                EXPECT(topology.has_imcr);
        }
}

TEST(firmware_mp, pointer_at_the_end_of_low_memory)
{
        begin_pc();
        tables_mp_end();
        memset(host_firmware_at(TABLES_MP_POINTER, 16), 0, 16);
        tables_put(0x40E, 0, 2);
        tables_put(0x413, 639, 2);
        tables_mp_pointer(639 * 1024 - 16, TABLES_MP, 0, 0);
        topology_find(&topology, 0, true);
        EXPECT_EQ(topology.cpu_count, 2);
        tables_put(0x413, 0, 2);
        EXPECT(is_refused("no table of CPUs"));
}

TEST(firmware_mp, default_configurations)
{
        for (u8 number = 1; number <= 7; number++) {
                tables_start(TABLES_HIGH);
                tables_mp_pointer(TABLES_MP_POINTER, 0, number, 0);
                topology_find(&topology, 1, true);
                EXPECT_EQ(topology.cpu_count, 2);
                EXPECT_EQ(topology.apic_ids[0], 1);
                EXPECT_EQ(topology.apic_ids[1], 0);
                EXPECT_EQ(topology.local_apic, 0xFEE00000);
                EXPECT_EQ(topology.ioapics[0].address, 0xFEC00000);
                EXPECT_EQ(topology.override_count, number == 2 ? 0 : 1);
        }
        tables_mp_pointer(TABLES_MP_POINTER, 0, 8, 0);
        EXPECT(is_refused("MP default configuration 8 refused"));
}

TEST(firmware_mp, acpi_comes_first)
{
        begin_pc();
        tables_mp_end();
        tables_madt_begin();
        tables_madt_cpu(0, true);
        tables_acpi_end();
        topology_find(&topology, 0, true);
        EXPECT(!strcmp(topology.source, "ACPI"));
        EXPECT_EQ(topology.cpu_count, 1);
}

TEST(firmware_mp, cpus_listed_twice_or_out_of_range)
{
        begin_pc();
        tables_mp_cpu(1, true);
        tables_mp_cpu(255, true);
        find();
        EXPECT_EQ(topology.cpu_count, 2);
        EXPECT(host_text_contains(host_printed_text(), "APIC id 1 refused: listed twice"));
        EXPECT(host_text_contains(host_printed_text(), "APIC id 255 refused: ids end at 254"));
}

TEST(firmware_mp, lines_that_cannot_be)
{
        begin_pc();
        tables_mp_interrupt(INTERRUPT, 0, 1, 4, 9, 4);
        tables_mp_interrupt(INTERRUPT, 0, 1, 16, 2, 4);
        tables_mp_interrupt(INTERRUPT, 0, 1, 1, 2, 5);
        find();
        EXPECT_EQ(topology.override_count, 2);
        EXPECT(host_text_contains(host_printed_text(), "line 4 refused: there is no I/O APIC 9"));
        EXPECT(host_text_contains(host_printed_text(), "refused: no ISA line"));
        EXPECT(host_text_contains(host_printed_text(), "refused: listed twice"));
}

TEST(firmware_mp, wrong_headers)
{
        begin_pc();
        tables_mp_end();
        tables_put(TABLES_MP + 7, 1, 1);
        EXPECT(is_refused("MP table at 0xf6000 refused: wrong sum"));
        tables_put(TABLES_MP + 36, 0xFEE00800, 4);
        tables_mp_sum();
        EXPECT(is_refused("impossible address of the local APIC"));
        tables_put(TABLES_MP + 4, 43, 2);
        EXPECT(is_refused("MP table at 0xf6000 refused: impossible length"));
        tables_put(TABLES_MP, 'X', 1);
        EXPECT(is_refused("MP table at 0xf6000 refused: wrong signature"));
        tables_mp_pointer(TABLES_MP_POINTER, 0xFFFFFFF0, 0, 0);
        EXPECT(is_refused("MP table at 0xfffffff0 refused: out of reach"));
        tables_mp_pointer(TABLES_MP_POINTER, 0, 0, 0);
        EXPECT(is_refused("no table of CPUs"));
}

TEST(firmware_mp, wrong_pointers)
{
        begin_pc();
        tables_mp_end();
        tables_put(TABLES_MP_POINTER + 10, 0, 1);
        EXPECT(is_refused("MP pointer at 0xf5a60 refused: wrong length or sum"));
        tables_put(TABLES_MP_POINTER + 8, 2, 1);
        host_firmware_sum(TABLES_MP_POINTER, 16, TABLES_MP_POINTER + 10);
        EXPECT(is_refused("MP pointer at 0xf5a60 refused: wrong length or sum"));
}

TEST(firmware_mp, broken_entries)
{
        const u8 unknown[8] = { 5 };
        const u8 cut[8] = { 0, 3, 0, 1 };

        begin_pc();
        tables_mp_raw(unknown, sizeof(unknown));
        tables_mp_end();
        EXPECT(is_refused("MP table at 0xf6000 refused: an entry makes no sense"));

        begin_pc();
        tables_mp_raw(cut, sizeof(cut));
        tables_mp_end();
        EXPECT(is_refused("MP table at 0xf6000 refused: an entry makes no sense"));

        begin_pc();
        tables_mp_end();
        tables_put(TABLES_MP + 34, 0xFFFF, 2);
        tables_mp_sum();
        EXPECT(is_refused("MP table at 0xf6000 refused: an entry makes no sense"));
}
