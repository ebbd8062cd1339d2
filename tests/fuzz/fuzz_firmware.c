/*
 * Tables of the firmware: valid ones, of ACPI or the MP table, with bytes changed here and there,
 * and sums that are mostly right all the same. Whatever comes of it must be a topology that can be:
 * the conditions of drivers/firmware/topology.h are the model.
 */
#include "tests/fuzz/fuzz.h"

#include "drivers/firmware/topology.h"
#include "lib/bits.h"
#include "tests/host/firmware.h"
#include "tests/host/firmware_tables.h"

#define CHANGES_MOST 64u
#define CHANGE_BYTES 0x300u

static struct cpu_topology topology;

/* Lay out a MADT with entries as the bytes say. */
static void lay_out_acpi(struct fuzz_stream *stream)
{
        tables_madt_begin();
        for (unsigned int count = fuzz_below(stream, 16); count; count--) {
                switch (fuzz_below(stream, 6)) {
                case 0:
                        tables_madt_ioapic(fuzz_take(stream), (u32)fuzz_take(stream) << 12,
                                           fuzz_take(stream));
                        break;
                case 1:
                        tables_madt_override(0, fuzz_take(stream) % 20, fuzz_take(stream),
                                             fuzz_take(stream) % 16);
                        break;
                case 2:
                        tables_madt_x2apic((u32)fuzz_take_number(stream, 2), fuzz_take(stream) % 2);
                        break;
                default:
                        tables_madt_cpu(fuzz_take(stream), fuzz_take(stream) % 8 != 0);
                }
        }
        tables_acpi_end();
}

/* Lay out an MP table with entries as the bytes say. */
static void lay_out_mp(struct fuzz_stream *stream)
{
        tables_mp_begin();
        tables_mp_bus(fuzz_take(stream) % 2, "ISA");
        for (unsigned int count = fuzz_below(stream, 16); count; count--) {
                switch (fuzz_below(stream, 4)) {
                case 0:
                        tables_mp_ioapic(fuzz_take(stream) % 4, true, (u32)fuzz_take(stream) << 12);
                        break;
                case 1:
                        tables_mp_interrupt(0, fuzz_take(stream) % 16, fuzz_take(stream) % 2,
                                            fuzz_take(stream) % 20, fuzz_take(stream) % 4,
                                            fuzz_take(stream));
                        break;
                default:
                        tables_mp_cpu(fuzz_take(stream), fuzz_take(stream) % 8 != 0);
                }
        }
        tables_mp_end();
}

/* Change bytes of the tables as the rest of the bytes say; afterwards, mostly, correct the sums. */
static void change(struct fuzz_stream *stream, phys_addr_t table)
{
        bool sums_are_right = fuzz_below(stream, 8) != 0;

        for (unsigned int count = fuzz_below(stream, CHANGES_MOST); count; count--)
                tables_put(table + fuzz_below(stream, CHANGE_BYTES), fuzz_take(stream), 1);
        if (sums_are_right) {
                u32 bytes = tables_madt_bytes();

                if (bytes)
                        tables_madt_sum();
                else
                        tables_mp_sum();
        }
}

/* Hold what was found against what its header promises. */
static void check_topology(u32 boot_apic_id)
{
        FUZZ_REQUIRE(topology.cpu_count >= 1 && topology.cpu_count <= NR_CPUS);
        FUZZ_REQUIRE(topology.apic_ids[0] == boot_apic_id && topology.source);
        for (unsigned int cpu = 0; cpu < topology.cpu_count; cpu++)
                for (unsigned int other = 0; other < cpu; other++)
                        FUZZ_REQUIRE(topology.apic_ids[cpu] != topology.apic_ids[other]);
        FUZZ_REQUIRE(topology.cpu_count == NR_CPUS || !topology.dropped_count);
        FUZZ_REQUIRE(topology.cpu_count == 1 || topology.local_apic);
        FUZZ_REQUIRE(topology.cpu_count + topology.dropped_count <= 256);
        FUZZ_REQUIRE(IS_ALIGNED(topology.local_apic, 4096));
        FUZZ_REQUIRE(topology.ioapic_count <= TOPOLOGY_IOAPICS_MAX && topology.nmi_pins < 4);
        for (unsigned int index = 0; index < topology.ioapic_count; index++)
                FUZZ_REQUIRE(topology.ioapics[index].address &&
                             IS_ALIGNED(topology.ioapics[index].address, 64));
        FUZZ_REQUIRE(topology.override_count <= TOPOLOGY_ISA_LINES);
        for (unsigned int index = 0; index < topology.override_count; index++) {
                const struct topology_override *override = &topology.overrides[index];

                FUZZ_REQUIRE(topology_override_of(&topology, override->irq) == override);
        }
}

/* Lay out tables, spoil them, and look at what is made of them. */
void fuzz_firmware(const u8 *data, size_t length)
{
        struct fuzz_stream stream = fuzz_open(data, length);
        u32 boot_apic_id = fuzz_take(&stream);

        tables_start(TABLES_HIGH);
        if (fuzz_below(&stream, 2)) {
                lay_out_acpi(&stream);
                change(&stream, fuzz_below(&stream, 4) ? tables_madt() : TABLES_HIGH);
        } else {
                lay_out_mp(&stream);
                change(&stream, fuzz_below(&stream, 4) ? TABLES_MP : TABLES_MP_POINTER);
        }
        topology_find(&topology, boot_apic_id, true);
        check_topology(boot_apic_id);
}
