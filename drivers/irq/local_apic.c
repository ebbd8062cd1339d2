/*
 * Local APIC
 *
 * Idea        A page of registers, which each CPU sees at the same address but has for itself. An
 *             interrupt that comes in is in service until the CPU writes "end"; as long, none of
 *             its priority or a lower one is delivered.
 *
 * Picture     LINT0 (8259s) --+
 *             LINT1 (NMI) ----+--> local vector table --> requests --> in service --> CPU
 *             timer, errors --+                              ^
 *             I/O APICs, other CPUs -------------------------+
 *
 * Locking     The registers belong to this CPU. A command to other CPUs is two writes, which an
 *             interrupt handler that sends one as well must not come between: interrupts are off.
 *
 * Failure     Firmware may leave it switched off, or in the x2APIC mode, which has no registers in
 *             memory: it is switched on, or over. A page where nothing answers is refused. A
 *             command that does not leave within a bounded number of reads is given up and reported
 *             to the caller. An interrupt that went away again comes as VECTOR_SPURIOUS, which must
 *             not be ended.
 *
 * Reading     Intel SDM volume 3A, chapter 11.
 */
#include "drivers/irq/local_apic.h"

#include "drivers/irq/local_apic_registers.h"
#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/msr.h"
#include "kernel/cpu/trap.h"
#include "lib/assert.h"
#include "lib/bits.h"
#include "mm/map/fixmap.h"

#define BASE_X2APIC (1ull << 10)
#define BASE_ENABLED (1ull << 11)
#define BASE_ADDRESS_MASK 0x000FFFFFFFFFF000ull

#define VECTORS_PER_WORD 32u
#define WORD_STEP 0x10u
#define WORD_COUNT 8u
#define NOTHING_THERE 0xFFFFFFFFu
#define IDLE_READS_MOST 100000u

#define PIN_COUNT 2u
#define PIN_NMI_USUALLY BIT(1)

static bool is_used;
static bool boot_cpu_takes_8259;
static u32 boot_apic_id;
static u32 nmi_pins;
static unsigned long error_count;
static u32 last_error;

/* Errors are counted; what they were can only be read after a write. */
static bool handle_error(struct trap_frame *frame __unused)
{
        apic_write(APIC_ERROR_STATUS, 0);
        WRITE_ONCE(last_error, apic_read(APIC_ERROR_STATUS));
        __atomic_fetch_add(&error_count, 1, __ATOMIC_RELAXED);
        local_apic_end();
        return true;
}

/* An interrupt that went away while it was delivered. */
static bool handle_spurious(struct trap_frame *frame __unused)
{
        irq_note_spurious();
        return true;
}

/* Switch on the registers in memory. Returns: where this CPU has them. */
static phys_addr_t switch_on(void)
{
        u64 base = msr_read(MSR_APIC_BASE);

        if (base & BASE_X2APIC) {
                base &= ~(BASE_X2APIC | BASE_ENABLED);
                msr_write(MSR_APIC_BASE, base);
        }
        if (!(base & BASE_ENABLED))
                msr_write(MSR_APIC_BASE, base | BASE_ENABLED);
        return base & BASE_ADDRESS_MASK;
}

/* What a pin of the local APIC does. */
static u32 entry_of_pin(unsigned int pin)
{
        bool is_boot_cpu = local_apic_id() == boot_apic_id;

        if (pin == 0 && is_boot_cpu && boot_cpu_takes_8259)
                return APIC_DELIVER_8259;
        return nmi_pins & BIT(pin) ? APIC_DELIVER_NMI : APIC_ENTRY_MASKED;
}

/* Set up the local vector table: all is masked but pins and errors. */
static void set_up_entries(void)
{
        unsigned int highest = apic_read(APIC_VERSION) >> APIC_VERSION_HIGHEST_SHIFT & 0xFF;

        apic_write(APIC_ENTRY_TIMER, APIC_ENTRY_MASKED | VECTOR_TIMER);
        if (highest >= APIC_HIGHEST_WITH_COUNTER)
                apic_write(APIC_ENTRY_COUNTER, APIC_ENTRY_MASKED);
        if (highest >= APIC_HIGHEST_WITH_THERMAL)
                apic_write(APIC_ENTRY_THERMAL, APIC_ENTRY_MASKED);
        for (unsigned int pin = 0; pin < PIN_COUNT; pin++)
                apic_write(APIC_ENTRY_PIN_0 + pin * WORD_STEP, entry_of_pin(pin));
        apic_write(APIC_ENTRY_ERROR, VECTOR_APIC_ERROR);
}

/* End what firmware left in service; each write ends one. */
static void end_leftovers(void)
{
        for (unsigned int word = 0; word < WORD_COUNT; word++)
                for (unsigned int bit = 0; bit < VECTORS_PER_WORD; bit++)
                        if (apic_read(APIC_IN_SERVICE + word * WORD_STEP))
                                local_apic_end();
}

void local_apic_init_cpu(void)
{
        switch_on();
        apic_write(APIC_SPURIOUS, APIC_SPURIOUS_ENABLE | VECTOR_SPURIOUS);
        apic_write(APIC_TASK_PRIORITY, 0);
        set_up_entries();
        end_leftovers();
        apic_write(APIC_ERROR_STATUS, 0);
        apic_write(APIC_ERROR_STATUS, 0);
}

/* Map the registers, and see whether something answers there. */
static bool map_registers(phys_addr_t address)
{
        u32 version;

        fixmap_set(FIXMAP_LOCAL_APIC, address, PTE_KERNEL_DEVICE);
        version = apic_read(APIC_VERSION);
        if (version != 0 && version != NOTHING_THERE)
                return true;
        printk("local APIC: nothing answers at %#llx\n", (unsigned long long)address);
        fixmap_clear(FIXMAP_LOCAL_APIC);
        return false;
}

bool local_apic_init(const struct cpu_topology *topology, bool takes_8259)
{
        if (!topology->local_apic)
                return false;
        phys_addr_t address = switch_on();

        if (address != topology->local_apic)
                printk("local APIC: at %#llx, not at %#llx as the firmware says\n",
                       (unsigned long long)address, (unsigned long long)topology->local_apic);
        if (!map_registers(address))
                return false;
        boot_apic_id = local_apic_id();
        boot_cpu_takes_8259 = takes_8259;
        nmi_pins = topology->nmi_pins ? topology->nmi_pins : PIN_NMI_USUALLY;
        trap_set_handler(VECTOR_APIC_ERROR, handle_error);
        trap_set_handler(VECTOR_SPURIOUS, handle_spurious);
        local_apic_init_cpu();
        is_used = true;
        return true;
}

bool local_apic_is_used(void)
{
        return is_used;
}

u32 local_apic_id(void)
{
        return apic_read(APIC_ID) >> APIC_ID_SHIFT;
}

void local_apic_end(void)
{
        apic_write(APIC_END, 0);
}

bool local_apic_in_service(unsigned int vector)
{
        u32 word = apic_read(APIC_IN_SERVICE + vector / VECTORS_PER_WORD * WORD_STEP);

        return word & BIT(vector % VECTORS_PER_WORD);
}

/* Wait until the last command has left. Returns: false when it does not. */
static bool wait_until_idle(void)
{
        for (unsigned int reads = 0; reads < IDLE_READS_MOST; reads++) {
                if (!(apic_read(APIC_COMMAND_LOW) & APIC_COMMAND_PENDING))
                        return true;
                cpu_relax();
        }
        return false;
}

/* Send a command to one CPU, or to those that the command itself names. */
static bool send_command(u32 apic_id, u32 command)
{
        unsigned long flags = local_irq_save();
        bool is_sent = wait_until_idle();

        if (is_sent) {
                apic_write(APIC_COMMAND_HIGH, apic_id << APIC_ID_SHIFT);
                apic_write(APIC_COMMAND_LOW, command);
        }
        local_irq_restore(flags);
        return is_sent;
}

bool local_apic_send(u32 apic_id, u8 vector)
{
        return send_command(apic_id, APIC_COMMAND_ASSERT | vector);
}

bool local_apic_send_all_others(u8 vector)
{
        return send_command(0, APIC_COMMAND_ALL_OTHERS | APIC_COMMAND_ASSERT | vector);
}

bool local_apic_send_nmi(u32 apic_id)
{
        return send_command(apic_id, APIC_DELIVER_NMI | APIC_COMMAND_ASSERT);
}

bool local_apic_send_init(u32 apic_id)
{
        u32 command = APIC_DELIVER_INIT | APIC_COMMAND_LEVEL;

        apic_write(APIC_ERROR_STATUS, 0);
        return send_command(apic_id, command | APIC_COMMAND_ASSERT) && wait_until_idle() &&
               send_command(apic_id, command) && wait_until_idle();
}

bool local_apic_send_startup(u32 apic_id, u8 page_number)
{
        apic_write(APIC_ERROR_STATUS, 0);
        return send_command(apic_id, APIC_DELIVER_STARTUP | APIC_COMMAND_ASSERT | page_number) &&
               wait_until_idle();
}

unsigned long local_apic_error_count(void)
{
        return READ_ONCE(error_count);
}

u32 local_apic_last_error(void)
{
        return READ_ONCE(last_error);
}
