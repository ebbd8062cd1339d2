/* test_firmware.c - what the firmware's tables say about this machine, held against the machine. */
#include "drivers/firmware/firmware_memory.h"
#include "drivers/firmware/topology.h"
#include "drivers/irq/local_apic.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/fixup.h"
#include "kernel/interrupt_setup.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "lib/test.h"
#include "mm/map/fixmap.h"

#define BYTES 64u

TEST(firmware, boot_cpu_comes_first)
{
        EXPECT(cpu_topology.cpu_count >= 1);
        EXPECT(cpu_topology.cpu_count <= NR_CPUS);
        EXPECT_EQ(cpu_topology.apic_ids[0], cpu_features.apic_id);
        EXPECT(cpu_topology.source != NULL);
}

TEST(firmware, cpus_differ)
{
        u32 seen[256 / 32] = { 0 };

        for (unsigned int cpu = 0; cpu < cpu_topology.cpu_count; cpu++) {
                u32 id = cpu_topology.apic_ids[cpu];

                REQUIRE(id < 256);
                EXPECT(!(seen[id / 32] & BIT(id % 32)));
                seen[id / 32] |= BIT(id % 32);
        }
}

TEST(firmware, what_is_used_was_listed)
{
        if (!cpu_features.has_apic)
                EXPECT(!cpu_topology.local_apic && !cpu_topology.ioapic_count);
        if (interrupt_hardware.has_ioapic)
                EXPECT(cpu_topology.ioapic_count >= 1);
        if (cpu_topology.cpu_count > 1)
                EXPECT(interrupt_hardware.has_local_apic && interrupt_hardware.has_local_timer);
        EXPECT_EQ(interrupt_hardware.has_local_apic, local_apic_is_used());
}

TEST(firmware, finding_again_finds_the_same)
{
        static struct cpu_topology again;

        topology_find(&again, cpu_features.apic_id, cpu_features.has_apic);
        EXPECT_EQ(again.cpu_count + again.dropped_count,
                  cpu_topology.cpu_count + cpu_topology.dropped_count);
        EXPECT_EQ(again.local_apic, cpu_topology.local_apic);
        EXPECT(!strcmp(again.source, cpu_topology.source));
        EXPECT(!memcmp(again.ioapics, cpu_topology.ioapics, sizeof(again.ioapics)));
        EXPECT(!memcmp(again.overrides, cpu_topology.overrides, sizeof(again.overrides)));
}

TEST(firmware, reading_shows_the_same_bytes_as_the_direct_map)
{
        static const phys_addr_t places[] = {
                PAGE_SIZE, 0xF0000 - BYTES / 2, ISA_WINDOW_BYTES - BYTES,
                ISA_WINDOW_BYTES - BYTES / 2, ISA_WINDOW_BYTES + PAGE_SIZE - BYTES / 2,
        };
        u8 read[BYTES];

        for (unsigned int index = 0; index < ARRAY_SIZE(places); index++) {
                memset(read, 0xEE, sizeof(read));
                EXPECT(firmware_read(places[index], read, sizeof(read)));
                EXPECT(!memcmp(read, __va(places[index]), sizeof(read)));
        }
}

TEST(firmware, reading_page_0_works_and_leaves_nothing_mapped)
{
        u16 low_memory_kib = 0;
        u32 value;

        EXPECT(firmware_read(0x413, &low_memory_kib, sizeof(low_memory_kib)));
        EXPECT(low_memory_kib >= 512 && low_memory_kib <= 640);
        EXPECT(!probe_read(fixmap_address(FIXMAP_FIRMWARE), &value));
}

TEST(firmware, nothing_is_read_beyond_the_reach_of_the_cpu)
{
        phys_addr_t limit = (phys_addr_t)1 << cpu_features.physical_bits;
        u8 read[BYTES];

        EXPECT(firmware_read(limit - BYTES, read, BYTES));
        EXPECT(!firmware_read(limit - BYTES + 1, read, BYTES));
        EXPECT(!firmware_read(limit, read, 1));
        EXPECT(!firmware_read(UINT64_MAX, read, 2));
}
