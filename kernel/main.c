/* main.c - kernel_main(): the kernel comes up, one step after the other. */
#include "boot/boot_info.h"
#include "drivers/serial/uart16550.h"
#include "drivers/qemu/debug_exit.h"
#include "drivers/video/vga_text.h"
#include "kernel/cpu/features.h"
#include "kernel/memory_setup.h"
#include "kernel/options.h"
#include "lib/panic.h"
#include "mm/debug/check.h"
#include "mm/debug/census.h"
#include "mm/phys/zone_report.h"
#include "mm/phys/page_alloc.h"

void kernel_main(void) __noreturn;

/* The tables with which boot/early_main.c enters the upper gigabyte. */
u64 boot_directory[512] __aligned(4096);
u64 boot_directory_pointers[4] __aligned(32);
struct boot_info boot_info;

/* kernel_main - entered from boot/, paging on, interrupts off, on the boot stack. */
void kernel_main(void)
{
        uart_init();
        vga_text_init();
        printk("Strata: booted by %s\n", boot_info.protocol);
        options_parse(boot_info.command_line);
        options_report();
        cpu_features_init();
        memory_setup();
        zone_report_state();
        mm_check();
        for (int order = 0; order < 11; order++) {
          struct page *p = alloc_pages(GFP_KERNEL, order); printk("%p\n", (void*)p); __free_pages(p, order);
          if (order==2) __free_pages(p, order);
        }
        mm_check();
        drain_local_pages();
        zone_report_state();
        mm_check();
        debug_exit(DEBUG_EXIT_SUCCESS);
        for (;;) ;
}
