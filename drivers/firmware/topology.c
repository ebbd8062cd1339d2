/*
 * topology.c - asks one source after the other, and puts together what its reader finds. What is
 * accepted here holds whatever the tables say: ids are different, counts fit, addresses are sane.
 */
#include "drivers/firmware/topology.h"

#include "drivers/firmware/acpi.h"
#include "drivers/firmware/mp_table.h"
#include "drivers/firmware/topology_build.h"
#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"

#define APIC_ID_COUNT 255u
#define LOCAL_APIC_ALIGNMENT 4096u
#define IOAPIC_ALIGNMENT 64u
#define LOCAL_PIN_COUNT 2u
#define PHYSICAL_ADDRESS_END (1ull << 52)

bool topology_ignores_acpi;
struct cpu_topology cpu_topology;

void topology_begin(struct topology_builder *builder, struct cpu_topology *topology,
                    u32 boot_apic_id)
{
        memset(builder->ids_seen, 0, sizeof(builder->ids_seen));
        builder->topology = topology;
        memset(topology, 0, sizeof(*topology));
        topology->cpu_count = 1;
        topology->apic_ids[0] = boot_apic_id;
        topology->has_8259 = true;
        topology->source = TOPOLOGY_NO_SOURCE;
}

/* Whether a CPU with that id has been listed. */
static bool is_listed(const struct topology_builder *builder, u32 apic_id)
{
        return apic_id < APIC_ID_COUNT && (builder->ids_seen[apic_id / 32] & BIT(apic_id % 32));
}

void topology_add_cpu(struct topology_builder *builder, u32 apic_id)
{
        struct cpu_topology *topology = builder->topology;

        if (apic_id >= APIC_ID_COUNT || is_listed(builder, apic_id)) {
                printk("firmware: CPU with APIC id %u refused: %s\n", apic_id,
                       apic_id >= APIC_ID_COUNT ? "ids end at 254" : "listed twice");
                return;
        }
        builder->ids_seen[apic_id / 32] |= BIT(apic_id % 32);
        if (apic_id == topology->apic_ids[0])
                return;
        if (topology->cpu_count < NR_CPUS)
                topology->apic_ids[topology->cpu_count++] = apic_id;
        else
                topology->dropped_count++;
}

/* Why there cannot be such an I/O APIC beside those that are known; NULL when there can. */
static const char *fault_of_ioapic(const struct cpu_topology *topology, u32 id,
                                   phys_addr_t address, u32 gsi_base)
{
        if (!address || address >= PHYSICAL_ADDRESS_END || !IS_ALIGNED(address, IOAPIC_ALIGNMENT))
                return "impossible address";
        for (unsigned int index = 0; index < topology->ioapic_count; index++) {
                const struct topology_ioapic *other = &topology->ioapics[index];

                if (other->id == id || other->address == address || other->gsi_base == gsi_base)
                        return "listed twice";
        }
        return topology->ioapic_count == TOPOLOGY_IOAPICS_MAX ? "too many of them" : NULL;
}

void topology_add_ioapic(struct topology_builder *builder, u32 id, phys_addr_t address,
                         u32 gsi_base)
{
        struct cpu_topology *topology = builder->topology;
        const char *fault = fault_of_ioapic(topology, id, address, gsi_base);

        if (fault) {
                printk("firmware: I/O APIC %u at %#llx refused: %s\n", id,
                       (unsigned long long)address, fault);
                return;
        }
        topology->ioapics[topology->ioapic_count++] = (struct topology_ioapic){
                .id = id, .address = address, .gsi_base = gsi_base,
        };
}

/* Why there cannot be such an override; NULL when there can. */
static const char *fault_of_override(const struct cpu_topology *topology, unsigned int irq,
                                     u32 gsi, unsigned int signal)
{
        if (irq >= TOPOLOGY_ISA_LINES)
                return "no ISA line";
        if ((signal & SIGNAL_POLARITY_MASK) == SIGNAL_POLARITY_RESERVED ||
            (signal & SIGNAL_TRIGGER_MASK) == SIGNAL_TRIGGER_RESERVED)
                return "no such signal";
        if (topology_override_of(topology, irq))
                return "listed twice";
        for (unsigned int index = 0; index < topology->override_count; index++)
                if (topology->overrides[index].gsi == gsi)
                        return "another line has its input";
        return NULL;
}

void topology_add_override(struct topology_builder *builder, unsigned int irq, u32 gsi,
                           unsigned int signal)
{
        struct cpu_topology *topology = builder->topology;
        const char *fault = fault_of_override(topology, irq, gsi, signal);

        if (fault) {
                printk("firmware: override of line %u by input %u refused: %s\n", irq, gsi, fault);
                return;
        }
        topology->overrides[topology->override_count++] = (struct topology_override){
                .irq = (u8)irq,
                .gsi = gsi,
                .is_level = (signal & SIGNAL_TRIGGER_MASK) == SIGNAL_LEVEL,
                .is_active_low = (signal & SIGNAL_POLARITY_MASK) == SIGNAL_ACTIVE_LOW,
        };
}

void topology_add_nmi_pin(struct topology_builder *builder, unsigned int pin)
{
        if (pin < LOCAL_PIN_COUNT)
                builder->topology->nmi_pins |= BIT(pin);
        else
                printk("firmware: NMI at pin %u of a local APIC refused: no such pin\n", pin);
}

bool topology_set_local_apic(struct topology_builder *builder, phys_addr_t address)
{
        if (!address || address >= PHYSICAL_ADDRESS_END ||
            !IS_ALIGNED(address, LOCAL_APIC_ALIGNMENT))
                return false;
        builder->topology->local_apic = address;
        return true;
}

const struct topology_override *topology_override_of(const struct cpu_topology *topology,
                                                     unsigned int irq)
{
        for (unsigned int index = 0; index < topology->override_count; index++)
                if (topology->overrides[index].irq == irq)
                        return &topology->overrides[index];
        return NULL;
}

/* Fill topology from the first source that has one. */
static void ask_sources(struct topology_builder *builder, struct cpu_topology *topology,
                        u32 boot_apic_id)
{
        bool (*const sources[])(struct topology_builder *) = {
                acpi_read_topology,
                mp_table_read_topology,
        };

        for (unsigned int index = topology_ignores_acpi; index < ARRAY_SIZE(sources); index++) {
                topology_begin(builder, topology, boot_apic_id);
                if (sources[index](builder))
                        return;
        }
        topology_begin(builder, topology, boot_apic_id);
}

void topology_find(struct cpu_topology *topology, u32 boot_apic_id, bool has_apic)
{
        struct topology_builder builder;

        topology_begin(&builder, topology, boot_apic_id);
        if (!has_apic)
                return;
        ask_sources(&builder, topology, boot_apic_id);
        if (!topology->local_apic) {
                printk("firmware: no table of CPUs, so there is one\n");
                return;
        }
        if (!is_listed(&builder, boot_apic_id))
                printk("firmware: the CPU that runs, APIC id %u, is not listed\n", boot_apic_id);
        printk("firmware: %u CPU%s, %u I/O APIC%s by %s\n", topology->cpu_count,
               topology->cpu_count == 1 ? "" : "s", topology->ioapic_count,
               topology->ioapic_count == 1 ? "" : "s", topology->source);
        if (topology->dropped_count)
                printk("firmware: %u more CPUs not used: the kernel is built for %u\n",
                       topology->dropped_count, NR_CPUS);
}
