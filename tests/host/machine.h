/*
 * machine.h - a whole simulated machine, from its firmware's memory map to a working page
 * allocator, for one test.
 *
 *      machine_boot_pc(64 << 20);              64 MiB, as kernel/memory_setup.c brings it up
 *
 * or, step by step:
 *
 *      machine_start(ranges, ARRAY_SIZE(ranges));
 *      memory_claim_add(start, end, "module");
 *      machine_start_bootmem();
 *      machine_build_direct_map();
 *      machine_hand_over();
 *
 * Each test has a process of its own (tests/host/isolate.h), so that nothing has to be undone; but
 * machine_start() can also be called again, and everything begins anew.
 */
#pragma once

#include "mm/boot/direct_map.h"
#include "mm/memmap.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/* Where the kernel's image is claimed: text, rodata and data, all inside its first 2 MiB piece. */
#define MACHINE_TEXT_START 0x100000ul
#define MACHINE_RODATA_START 0x140000ul
#define MACHINE_DATA_START 0x150000ul
#define MACHINE_IMAGE_END 0x180000ul

/* [start, end) of the firmware's map. */
struct machine_range {
        u64 start;
        u64 end;
        enum memory_kind kind;
};

/* Both may be changed before machine_start(), or between it and the step that they matter for. */
struct machine_options {
        unsigned int physical_bits;             /* 52 by default */
        bool has_no_execute;                    /* true by default */
        unsigned long owners_limit_bytes;       /* for handover(); 0: a sixteenth of what is free */
};

extern struct machine_options machine_options;

/*
 * machine_start - a machine with this map, in the state in which boot/ leaves it: the map is in
 * memmap, the kernel's image is claimed, low memory is mapped, interrupts are off, CPU 0 runs.
 */
void machine_start(const struct machine_range *ranges, unsigned int count);

/*
 * machine_start_pc - the same with the map of a PC: RAM to 640 KiB, from 1 MiB to at most 3 GiB,
 * and the rest from 4 GiB on.
 */
void machine_start_pc(u64 ram_bytes);

/* The steps that follow, each with panics where the kernel has them. */
void machine_start_bootmem(void);
void machine_build_direct_map(void);

/* machine_hand_over - the last step; afterwards interrupts are on, and sleeping is allowed. */
void machine_hand_over(void);

/* All steps in one. */
void machine_boot(const struct machine_range *ranges, unsigned int count);
void machine_boot_pc(u64 ram_bytes);

/*
 * machine_boot_percpu - a PC on which so many CPUs have boot copies of the per-CPU variables, in
 * simulated memory, and then percpu_setup() finds all NR_CPUS.
 */
void machine_boot_percpu(u64 ram_bytes, unsigned int boot_copy_count);

/* machine_boot_to_percpu - the same up to percpu_setup(), which the caller calls. */
void machine_boot_to_percpu(u64 ram_bytes, unsigned int boot_copy_count);

/* machine_boot_four_zones - a small machine with some RAM in each zone: 64 + 8 + 8 MiB. */
void machine_boot_four_zones(void);

/* machine_image - where the protected parts of the image are. */
struct kernel_image machine_image(void);

/*
 * machine_stray_page - the first page that was touched though it is no RAM of the kernel's, nor
 * in the image; RAM_NONE when all is well.
 */
phys_addr_t machine_stray_page(void);
