/* main.c - kernel_main(): the kernel comes up, one step after the other. */
#include "boot/boot_info.h"
#include "drivers/qemu/debug_exit.h"
#include "drivers/serial/uart16550.h"
#include "drivers/video/vga_text.h"
#include "kernel/cpu/cpu_tables.h"
#include "kernel/cpu/features.h"
#include "kernel/memory_setup.h"
#include "kernel/options.h"
#include "mm/debug/check.h"

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
        options_parse(boot_info.command_line);
        options_report();
        cpu_tables_init();
        cpu_features_init();
        memory_setup();
        mm_check();
        debug_exit(DEBUG_EXIT_SUCCESS);
        for (;;)
                ;
}
