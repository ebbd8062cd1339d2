/* smp_stand_in.c - copies of the template in the direct map. */
#include "kernel/smp_stand_in.h"

#include "kernel/cpu/address.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/smp.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/phys/page_alloc.h"

extern char percpu_template_start[], percpu_template_end[];     /* from linker.ld */

/* The smallest order whose blocks have so many bytes. */
static unsigned int order_of(unsigned long bytes)
{
        unsigned int order = 0;

        while ((PAGE_SIZE << order) < bytes)
                order++;
        return order;
}

void percpu_setup(void)
{
        size_t bytes = (size_t)(percpu_template_end - percpu_template_start);

        for (unsigned int cpu = 1; cpu < nr_cpu_ids; cpu++) {
                char *copy = (char *)__get_free_pages(GFP_KERNEL, order_of(bytes));

                if (!copy) {
                        nr_cpu_ids = cpu;
                        return;
                }
                memcpy(copy, percpu_template_start, bytes);
                percpu_set_offset(cpu, (unsigned long)copy - (unsigned long)percpu_template_start);
        }
}
