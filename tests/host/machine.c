/* machine.c - the steps of kernel/memory_setup.c, on simulated hardware. */
#include "tests/host/machine.h"

#include <string.h>

#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/pte.h"
#include "kernel/sync/context.h"
#include "kernel/sync/spinlock.h"
#include "lib/bits.h"
#include "mm/boot/bootmem.h"
#include "mm/phys/handover.h"
#include "mm/claims.h"
#include "mm/fail.h"
#include "mm/layout.h"
#include "mm/percpu/area.h"
#include "mm/phys/page_alloc.h"
#include "mm/phys/pcp.h"
#include "mm/phys/zone_report.h"
#include "tests/host/mmu.h"
#include "tests/host/percpu.h"
#include "tests/host/ram.h"

#define PC_LOW_END (3 * GIB)
#define PC_HIGH_START (4 * GIB)
#define OWNERS_SHARE 16u
#define BOOT_COPIES_START 0x200000ul

unsigned long host_interrupt_flags[NR_CPUS];
pte_t pte_supported_bits = ~0ull;

struct machine_options machine_options = { .physical_bits = 52, .has_no_execute = true };

void cpu_relax(void)
{
        panic("a CPU waits for another one, and none runs");
}

struct kernel_image machine_image(void)
{
        return (struct kernel_image){
                .text_start = PAGE_OFFSET + MACHINE_TEXT_START,
                .text_end = PAGE_OFFSET + MACHINE_RODATA_START,
                .rodata_start = PAGE_OFFSET + MACHINE_RODATA_START,
                .rodata_end = PAGE_OFFSET + MACHINE_DATA_START,
        };
}

/* Bring what has a name outside its file back to the state of a program that has just begun. */
static void forget_earlier_machine(void)
{
        memmap.count = 0;
        memory_claim_count = 0;
        handover_report = (struct handover_report){ 0 };
        fail_page_alloc_attributes = (struct fail_attributes){ 0 };
        zone_report_rearm();
        host_percpu_reset();
        memset(host_interrupt_flags, 0, sizeof(host_interrupt_flags));
        host_cpu = 0;
}

/* Claim the image as kernel/memory_setup.c does. */
static void claim_image(void)
{
        memory_claim_add(MACHINE_TEXT_START, MACHINE_RODATA_START, "Kernel code");
        memory_claim_add(MACHINE_RODATA_START, MACHINE_DATA_START, "Kernel rodata");
        memory_claim_add(MACHINE_DATA_START, MACHINE_IMAGE_END, "Kernel data");
}

void machine_start(const struct machine_range *ranges, unsigned int count)
{
        forget_earlier_machine();
        pte_supported_bits = machine_options.has_no_execute ? ~0ull : ~PTE_NO_EXECUTE;
        ram_start();
        mmu_start(machine_options.physical_bits);
        for (unsigned int index = 0; index < count; index++)
                memmap_add(&memmap, ranges[index].start, ranges[index].end - ranges[index].start,
                           ranges[index].kind);
        memmap_convert(&memmap, 0, ISA_WINDOW_BYTES, MEMORY_RAM, MEMORY_RAM_FIRST_MIB);
        memmap_convert(&memmap, 1ull << machine_options.physical_bits, UINT64_MAX, MEMORY_RAM,
                       MEMORY_RAM_UNREACHABLE);
        claim_image();
}

void machine_start_pc(u64 ram_bytes)
{
        const struct machine_range ranges[] = {
                { 0, 640 << 10, MEMORY_RAM },
                { 0xF0000, MIB, MEMORY_RESERVED },
                { MIB, min(ram_bytes, PC_LOW_END), MEMORY_RAM },
                { PC_HIGH_START - 256 * 1024, PC_HIGH_START, MEMORY_RESERVED },
                { PC_HIGH_START, max(ram_bytes, PC_LOW_END) + PC_HIGH_START - PC_LOW_END,
                  MEMORY_RAM },
        };

        machine_start(ranges, ARRAY_SIZE(ranges));
}

void machine_start_bootmem(void)
{
        bootmem_init(&memmap);
}

void machine_build_direct_map(void)
{
        struct kernel_image image = machine_image();

        direct_map_build(&memmap, &image);
}

void machine_hand_over(void)
{
        unsigned long limit_bytes = machine_options.owners_limit_bytes;

        if (!limit_bytes)
                limit_bytes = bootmem_free_page_count() / OWNERS_SHARE << PAGE_SHIFT;
        handover(&memmap, limit_bytes);
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                host_interrupt_flags[cpu] = EFLAGS_INTERRUPTS;
        context_allow_sleep();
}

/* What follows machine_start(). */
static void boot_on(void)
{
        machine_start_bootmem();
        machine_build_direct_map();
        machine_hand_over();
}

void machine_boot(const struct machine_range *ranges, unsigned int count)
{
        machine_start(ranges, count);
        boot_on();
}

void machine_boot_pc(u64 ram_bytes)
{
        machine_start_pc(ram_bytes);
        boot_on();
}

/* Claim the place of the boot copies, and put them there. */
static void place_boot_copies(unsigned int count)
{
        memory_claim_add(BOOT_COPIES_START, BOOT_COPIES_START + NR_CPUS * HOST_PERCPU_COPY_BYTES,
                         "Per-CPU variables");
        host_percpu_place(__va(BOOT_COPIES_START), count);
}

void machine_boot_to_percpu(u64 ram_bytes, unsigned int boot_copy_count)
{
        machine_start_pc(ram_bytes);
        place_boot_copies(boot_copy_count);
        boot_on();
        nr_cpu_ids = NR_CPUS;
}

void machine_boot_percpu(u64 ram_bytes, unsigned int boot_copy_count)
{
        machine_boot_to_percpu(ram_bytes, boot_copy_count);
        percpu_setup();
        for (unsigned int cpu = boot_copy_count; cpu < nr_cpu_ids; cpu++)
                pcp_init_cpu(cpu);
}

void machine_boot_four_zones(void)
{
        const struct machine_range ranges[] = {
                { 0, 640 << 10, MEMORY_RAM },
                { MIB, 64 * MIB, MEMORY_RAM },
                { GIB, GIB + 8 * MIB, MEMORY_RAM },
                { 4 * GIB, 4 * GIB + 8 * MIB, MEMORY_RAM },
        };

        machine_boot(ranges, ARRAY_SIZE(ranges));
}

/* Whether a touched page may have been touched: RAM that is given up later, too, is RAM. */
static bool is_ours(phys_addr_t page)
{
        return memmap_contains(&memmap, page, page + PAGE_SIZE, MEMORY_RAM);
}

phys_addr_t machine_stray_page(void)
{
        phys_addr_t page = ram_next_touched(0);

        while (page != RAM_NONE && is_ours(page))
                page = ram_next_touched(page + PAGE_SIZE);
        return page;
}
