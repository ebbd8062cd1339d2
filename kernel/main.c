/* main.c - kernel_main(): the kernel comes up, one step after the other. */
#include "boot/boot_info.h"
#include "drivers/qemu/debug_exit.h"
#include "drivers/serial/uart16550.h"
#include "drivers/video/vga_text.h"
#include "kernel/clock_setup.h"
#include "kernel/cpu/cpu_tables.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/tss.h"
#include "kernel/interrupt_setup.h"
#include "kernel/memory_setup.h"
#include "kernel/monitor/monitor.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/self_test.h"
#include "kernel/smp_start.h"
#include "kernel/sync/context.h"
#include "kernel/task/reclaim_thread.h"
#include "kernel/task/softirq_thread.h"
#include "kernel/task/task.h"
#include "kernel/task/workqueue.h"
#include "lib/panic.h"
#include "mm/fail.h"
#include "mm/percpu/area.h"
#include "mm/phys/zone.h"

/* Below this, the banner counts in KiB. */
#define SMALL_MACHINE_KIB       (16 << 10)

void kernel_main(void) __noreturn;

/* The tables with which boot/early_main.c enters the upper gigabyte. */
u64 boot_directory[512] __aligned(4096);
u64 boot_directory_pointers[4] __aligned(32);
struct boot_info boot_info;

/* From here on, all that is printed is seen, where console= wants it. */
static void start_consoles(void)
{
        uart_init();
        vga_text_init();
        options_parse(boot_info.command_line);
        if (options.console)
                consoles_select(options.console);
        options_report();
        if (boot_info.command_line_is_cut)
                printk("warning: the command line is too long, its end was cut off\n");
}

/* From here on, a bug in the kernel is reported, and memory can be allocated. */
static void start_machine(void)
{
        cpu_features_init();
        double_fault_set_page_tables((unsigned long)memory_setup());
        interrupt_hardware_init();
        smp_count_possible();
        percpu_setup();
        tasks_init();
        clock_setup();
        uart_enable_interrupts();
        local_irq_enable();
        context_allow_sleep();
        smp_start_all();
        softirq_threads_init();
        workqueues_init();
        reclaim_thread_init();
}

/* Let allocations fail from now on, if fail_page_alloc= says so. */
static void start_failing(void)
{
        if (!options.fail_page_alloc)
                return;
        if (!DEBUG_BUILD)
                printk("warning: fail_page_alloc= does nothing in the release build\n");
        else if (!fail_page_alloc_setup(options.fail_page_alloc, options.seed))
                printk("warning: fail_page_alloc=%s is not PERCENT,INTERVAL,AFTER, ignored\n",
                       options.fail_page_alloc);
}

/* Say who is there. A small machine is counted in KiB: of so little, a MiB is too coarse. */
static void print_banner(void)
{
        unsigned long kib = 0;
        unsigned long free_kib = nr_free_pages() << (PAGE_SHIFT - 10);
        const struct zone *zone;

        for_each_populated_zone(zone)
                kib += zone->managed_pages << (PAGE_SHIFT - 10);

        bool is_small = kib < SMALL_MACHINE_KIB;

        printk("Strata, %s build, booted by %s: %lu %s of memory, %lu free\n",
               DEBUG_BUILD ? "debug" : "release", boot_info.protocol,
               is_small ? kib : kib >> 10, is_small ? "KiB" : "MiB",
               is_small ? free_kib : free_kib >> 10);
}

/* Tell whoever started the machine how it went, which ends it; a real machine goes on. */
static void finish(bool is_success)
{
        debug_exit(is_success ? DEBUG_EXIT_SUCCESS : DEBUG_EXIT_TESTS_FAILED);
        printk("%s; nobody takes the status, so the monitor follows\n",
               is_success ? "success" : "failure");
}

/* kernel_main - entered from boot/, paging on, interrupts off, on the boot stack. */
void kernel_main(void)
{
        cpu_tables_init();
        start_consoles();
        start_machine();
        start_failing();
        print_banner();
        if (options.test && options.run)
                printk("warning: test= is given too, run= is not carried out\n");
        if (options.test)
                finish(self_tests_run(options.test, options.seed));
        else if (options.run)
                finish(monitor_run_commands(options.run));
        printk("`help` lists the commands\n");
        monitor_run();
}
