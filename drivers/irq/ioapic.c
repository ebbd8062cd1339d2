/*
 * I/O APIC
 *
 * Idea        Each input has an entry of 64 bits: vector, destination, how it signals, and a mask.
 *             Lines of kernel/cpu/interrupt.h are looked up once, at boot, in the firmware's
 *             topology; from then on a line knows its I/O APIC, its input and how it signals.
 *
 * Picture     line 0 ---- override: GSI 2 ----> I/O APIC 0, input 2    edge, active high
 *             line 1 -------------- GSI 1 ----> I/O APIC 0, input 1    edge, active high
 *             line 2   GSI 2 is line 0's: leads nowhere
 *             line 20 ------------- GSI 20 ---> I/O APIC 0, input 20   level, active low: PCI
 *
 * Data        ioapics[], those in use; routes[], by line number.
 *
 * Invariants  IOAPIC-1  no two lines have the same input.
 *             IOAPIC-2  an input that is not masked belongs to a line, and has its vector.
 *             (Checked by ioapic_check().)
 *
 * Locking     register_lock: a register is chosen by one access and used by the next.
 *
 * Failure     An input beyond the last, a GSI of no I/O APIC: the line leads nowhere, and cannot be
 *             registered. A vector that is not in service was raised by nobody: spurious.
 *
 * Reading     Intel 82093AA data sheet; ACPI specification 6.4, section 5.2.13.
 */
#include "drivers/irq/ioapic.h"

#include "drivers/irq/local_apic.h"
#include "kernel/cpu/interrupt.h"
#include "kernel/sync/spinlock.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "mm/map/fixmap.h"

#define REGISTER_SELECT (0x00 / sizeof(u32))
#define REGISTER_WINDOW (0x10 / sizeof(u32))

#define REGISTER_VERSION 1u
#define REGISTER_ENTRIES 16u                    /* two for each input, the low half first */
#define VERSION_HIGHEST_SHIFT 16
#define NOTHING_THERE 0xFFFFFFFFu
#define INPUTS_MOST 240u

#define ENTRY_VECTOR_MASK 0xFFu
#define ENTRY_ACTIVE_LOW BIT(13)
#define ENTRY_LEVEL BIT(15)
#define ENTRY_MASKED BIT(16)
#define ENTRY_CPU_SHIFT 24

static_assert(FIXMAP_IOAPIC_LAST - FIXMAP_IOAPIC_FIRST + 1 == TOPOLOGY_IOAPICS_MAX,
              "each I/O APIC has its window");

struct ioapic {
        volatile u32 *registers;
        u32 gsi_base;
        u32 input_count;
};

/* Where a line leads. */
struct route {
        struct ioapic *ioapic;                  /* NULL: nowhere */
        u32 input;
        u32 signal;                             /* bits of the entry */
        unsigned int cpu;
};

static const struct cpu_topology *topology_used;
static struct ioapic ioapics[TOPOLOGY_IOAPICS_MAX];
static unsigned int ioapic_count;
static struct route routes[IRQ_COUNT];
static struct spinlock register_lock = SPINLOCK_INIT("ioapic", LOCK_RANK_IRQ_LINES);

/* Read a register. */
static u32 read_register(const struct ioapic *ioapic, u32 number) REQUIRES(register_lock)
{
        ioapic->registers[REGISTER_SELECT] = number;
        return ioapic->registers[REGISTER_WINDOW];
}

/* Write a register. */
static void write_register(const struct ioapic *ioapic, u32 number, u32 value)
        REQUIRES(register_lock)
{
        ioapic->registers[REGISTER_SELECT] = number;
        ioapic->registers[REGISTER_WINDOW] = value;
}

/* The register that has the low half of an input's entry. */
static u32 entry_of(u32 input)
{
        return REGISTER_ENTRIES + 2 * input;
}

/* Write the whole entry of a line; masked first, so that no half of it takes effect. */
static void write_entry(unsigned int irq, u32 mask) REQUIRES(register_lock)
{
        const struct route *route = &routes[irq];
        u32 low = (IRQ_VECTOR_FIRST + irq) | route->signal;
        u32 high = topology_used->apic_ids[route->cpu] << ENTRY_CPU_SHIFT;

        write_register(route->ioapic, entry_of(route->input), low | ENTRY_MASKED);
        write_register(route->ioapic, entry_of(route->input) + 1, high);
        write_register(route->ioapic, entry_of(route->input), low | mask);
        read_register(route->ioapic, entry_of(route->input));
}

/* Whether a line leads anywhere. */
static bool ioapic_has_line(unsigned int irq)
{
        return routes[irq].ioapic != NULL;
}

/* Let a line be silent. */
static void ioapic_mask(unsigned int irq)
{
        unsigned long flags = spin_lock_irqsave(&register_lock);

        write_entry(irq, ENTRY_MASKED);
        spin_unlock_irqrestore(&register_lock, flags);
}

/* Let a line interrupt. */
static void ioapic_unmask(unsigned int irq)
{
        unsigned long flags = spin_lock_irqsave(&register_lock);

        write_entry(irq, 0);
        spin_unlock_irqrestore(&register_lock, flags);
}

/* The local APIC tells the I/O APIC by itself, where the line is triggered by level. */
static void ioapic_end(unsigned int irq __unused)
{
        local_apic_end();
}

/* Whether nobody raised the vector that came. */
static bool ioapic_is_spurious(unsigned int irq)
{
        return !local_apic_in_service(IRQ_VECTOR_FIRST + irq);
}

/* Let a line interrupt another CPU. The mask stays: an edge while it is on would be lost. */
static bool ioapic_set_cpu(unsigned int irq, unsigned int cpu)
{
        struct route *route = &routes[irq];
        unsigned long flags;

        if (cpu >= topology_used->cpu_count)
                return false;
        flags = spin_lock_irqsave(&register_lock);
        route->cpu = cpu;
        write_register(route->ioapic, entry_of(route->input) + 1,
                       topology_used->apic_ids[cpu] << ENTRY_CPU_SHIFT);
        spin_unlock_irqrestore(&register_lock, flags);
        return true;
}

static const struct irq_chip ioapic_chip = {
        .name = "I/O APIC",
        .has_line = ioapic_has_line,
        .mask = ioapic_mask,
        .unmask = ioapic_unmask,
        .end = ioapic_end,
        .is_spurious = ioapic_is_spurious,
        .set_cpu = ioapic_set_cpu,
};

/* Whether inputs of two I/O APICs have the same GSIs. */
static bool overlap(const struct ioapic *one, const struct ioapic *other)
{
        return one->gsi_base < other->gsi_base + other->input_count &&
               other->gsi_base < one->gsi_base + one->input_count;
}

/* Why an I/O APIC cannot be used, whose version register reads so; NULL when it can. */
static const char *fault_of(const struct ioapic *ioapic, u32 version)
{
        if (version == 0 || version == NOTHING_THERE || ioapic->input_count > INPUTS_MOST)
                return "it does not answer";
        if (ioapic->gsi_base > UINT32_MAX - INPUTS_MOST)
                return "its inputs have no numbers";
        for (unsigned int index = 0; index < ioapic_count; index++)
                if (overlap(ioapic, &ioapics[index]))
                        return "another one has its inputs";
        return NULL;
}

/* Mask all inputs, whatever the firmware left there. */
static void mask_inputs(const struct ioapic *ioapic) REQUIRES(register_lock)
{
        for (u32 input = 0; input < ioapic->input_count; input++)
                write_register(ioapic, entry_of(input), ENTRY_MASKED);
}

/* Map one I/O APIC and take it in use, if it can be used. */
static void open_ioapic(const struct topology_ioapic *found) REQUIRES(register_lock)
{
        enum fixmap_slot slot = FIXMAP_IOAPIC_FIRST + (enum fixmap_slot)ioapic_count;
        unsigned long offset = (unsigned long)found->address & ~PAGE_MASK;
        struct ioapic *ioapic = &ioapics[ioapic_count];

        fixmap_set(slot, found->address - offset, PTE_KERNEL_DEVICE);
        ioapic->registers = (volatile u32 *)(fixmap_address(slot) + offset);
        ioapic->gsi_base = found->gsi_base;
        u32 version = read_register(ioapic, REGISTER_VERSION);
        ioapic->input_count = (version >> VERSION_HIGHEST_SHIFT & 0xFF) + 1;

        const char *fault = fault_of(ioapic, version);

        if (fault) {
                printk("I/O APIC %u at %#llx not used: %s\n", found->id,
                       (unsigned long long)found->address, fault);
                fixmap_clear(slot);
                return;
        }
        mask_inputs(ioapic);
        ioapic_count++;
}

/* The I/O APIC that has a GSI, or NULL. */
static struct ioapic *ioapic_with(u32 gsi)
{
        for (unsigned int index = 0; index < ioapic_count; index++)
                if (gsi >= ioapics[index].gsi_base &&
                    gsi - ioapics[index].gsi_base < ioapics[index].input_count)
                        return &ioapics[index];
        return NULL;
}

/* Whether an override gives a GSI to an ISA line other than irq. */
static bool is_taken(u32 gsi, unsigned int irq)
{
        for (unsigned int index = 0; index < topology_used->override_count; index++)
                if (topology_used->overrides[index].gsi == gsi &&
                    topology_used->overrides[index].irq != irq)
                        return true;
        return false;
}

/* How a line signals: by default ISA lines by the edge, active high, those of PCI the opposite. */
static u32 signal_of(unsigned int irq)
{
        const struct topology_override *override = topology_override_of(topology_used, irq);

        if (!override)
                return irq < IRQ_ISA_COUNT ? 0 : ENTRY_LEVEL | ENTRY_ACTIVE_LOW;
        return (override->is_level ? ENTRY_LEVEL : 0) |
               (override->is_active_low ? ENTRY_ACTIVE_LOW : 0);
}

/* Find out where a line leads. */
static void find_route(unsigned int irq)
{
        const struct topology_override *override = topology_override_of(topology_used, irq);
        u32 gsi = override ? override->gsi : irq;
        struct ioapic *ioapic = ioapic_with(gsi);

        if (!ioapic || is_taken(gsi, irq))
                return;
        routes[irq] = (struct route){
                .ioapic = ioapic, .input = gsi - ioapic->gsi_base, .signal = signal_of(irq),
        };
}

bool ioapic_init(const struct cpu_topology *topology)
{
        unsigned long flags = spin_lock_irqsave(&register_lock);

        topology_used = topology;
        for (unsigned int index = 0; index < topology->ioapic_count; index++)
                open_ioapic(&topology->ioapics[index]);
        for (unsigned int irq = 0; irq < IRQ_COUNT; irq++)
                find_route(irq);
        spin_unlock_irqrestore(&register_lock, flags);
        for (unsigned int irq = 0; irq < IRQ_ISA_COUNT; irq++)
                if (ioapic_has_line(irq))
                        return true;
        return false;
}

void ioapic_use(void)
{
        interrupts_init(&ioapic_chip);
}

/* Hold the entry of one input against the lines. */
static void check_input(const struct ioapic *ioapic, u32 input) REQUIRES(register_lock)
{
        u32 entry = read_register(ioapic, entry_of(input));
        unsigned int line_count = 0;
        unsigned int line = IRQ_COUNT;

        for (unsigned int irq = 0; irq < IRQ_COUNT; irq++) {
                if (routes[irq].ioapic != ioapic || routes[irq].input != input)
                        continue;
                line = irq;
                line_count++;
        }
        CHECK_INVARIANT(IOAPIC-1, line_count <= 1, "input %u has %u lines", input, line_count);
        CHECK_INVARIANT(IOAPIC-2, entry & ENTRY_MASKED || (line_count &&
                        (entry & ENTRY_VECTOR_MASK) == IRQ_VECTOR_FIRST + line),
                        "input %u entry %#x line %u", input, entry, line);
}

void ioapic_check(void)
{
        unsigned long flags = spin_lock_irqsave(&register_lock);

        for (unsigned int index = 0; index < ioapic_count; index++)
                for (u32 input = 0; input < ioapics[index].input_count; input++)
                        check_input(&ioapics[index], input);
        spin_unlock_irqrestore(&register_lock, flags);
}

u32 ioapic_gsi_of(unsigned int irq)
{
        const struct route *route = &routes[irq];

        return route->ioapic ? route->ioapic->gsi_base + route->input : UINT32_MAX;
}
