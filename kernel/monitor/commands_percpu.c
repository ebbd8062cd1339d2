/* commands_percpu.c - the per-CPU variables: what they take, and what they are now. */
#include "kernel/cpu/percpu.h"
#include "kernel/monitor/monitor.h"
#include "kernel/symbols.h"
#include "lib/bits.h"
#include "mm/percpu/percpu.h"

#define BYTES_SHOWN 16u

/* Print where each CPU's variables are, and what all of them take. */
static void print_areas(void)
{
        struct percpu_usage usage = percpu_usage();
        unsigned int cpu;

        for_each_possible_cpu(cpu)
                printk("CPU %u: %08lx, template + %#lx\n", cpu,
                       PERCPU_TEMPLATE_START + per_cpu_offset[cpu], per_cpu_offset[cpu]);
        printk("static: %lu bytes for each CPU\n",
               (unsigned long)(percpu_template_end - percpu_template_start));
        printk("dynamic: %lu blocks of %lu bytes together, on %u pages for each CPU\n",
               usage.block_count, usage.block_bytes, usage.unit_page_count);
        printk("pages in all: %lu\n", usage.page_count);
}

/* Print a CPU's copy as bytes, and as a number where it is one. */
static void print_copy(const struct symbol *symbol, unsigned int cpu)
{
        const u8 *bytes = per_cpu_ptr((const u8 *)symbol->address, cpu);

        printk("CPU %u:", cpu);
        for (unsigned long index = 0; index < min(symbol->size_bytes, BYTES_SHOWN + 0ul); index++)
                printk(" %02x", bytes[index]);
        if (symbol->size_bytes >= sizeof(u32))
                printk("%s first word %#x", symbol->size_bytes > BYTES_SHOWN ? " ..," : ",",
                       *(const u32 *)bytes);
        printk("\n");
}

/* Print a variable of every CPU. Returns false when there is none of that name. */
static bool print_variable(const char *name)
{
        unsigned long address = symbol_address(name);
        unsigned int cpu;

        for (unsigned int index = 0; index < symbol_count(); index++) {
                struct symbol symbol = symbol_at(index);

                if (symbol.address != address || !percpu_is_template((void *)address))
                        continue;
                for_each_possible_cpu(cpu)
                        print_copy(&symbol, cpu);
                return true;
        }
        return false;
}

MONITOR_COMMAND(percpu, "[VARIABLE]", "per-CPU areas, or a per-CPU variable of each CPU")
{
        if (argument_count > 2)
                return MONITOR_USAGE;
        if (argument_count == 1) {
                print_areas();
                return MONITOR_OK;
        }
        if (print_variable(arguments[1]))
                return MONITOR_OK;
        printk("%s is no per-CPU variable\n", arguments[1]);
        return MONITOR_FAILED;
}
