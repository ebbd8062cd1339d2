/*
 * test_smp_tlb.c - after a flush no CPU uses an old translation: TLB-1, TLB-2 and TLB-3 of
 * kernel/cpu/tlb.c. A fixmap slot is led to another page, with the flush that fixmap_set() makes
 * on its own CPU only; what the others read there before and after the flush under test is what
 * matters.
 */
#include "kernel/cpu/ipi.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/tlb.h"
#include "lib/test.h"
#include "mm/map/fixmap.h"
#include "mm/phys/page_alloc.h"
#include "tests/self/cpu_crew.h"

#define STORM_ROUNDS_ALL 160u                  /* of all CPUs together, nearly */
#define FIRST_VALUE 0x11111111u
#define SECOND_VALUE 0x22222222u

/* Two pages that a slot leads to in turn. */
struct pair {
        u32 *pages[2];
};

/* What all CPUs are to find at an address. */
struct search {
        unsigned long address;
        u32 value;
        u32 wrong_count;                /* CPUs that found something else; changed atomically */
};

/* Allocate both pages and fill their first words; false when there is no memory. */
static bool pair_make(struct pair *pair)
{
        pair->pages[0] = (u32 *)__get_free_page(GFP_KERNEL);
        pair->pages[1] = (u32 *)__get_free_page(GFP_KERNEL);
        if (!pair->pages[0] || !pair->pages[1])
                return false;
        pair->pages[0][0] = FIRST_VALUE;
        pair->pages[1][0] = SECOND_VALUE;
        return true;
}

/* Free what pair_make() has allocated. */
static void pair_free(struct pair *pair)
{
        free_page((unsigned long)pair->pages[0]);
        free_page((unsigned long)pair->pages[1]);
}

/* Read at the address on this CPU. */
static void look(void *argument)
{
        struct search *search = argument;

        if (*(const volatile u32 *)search->address != search->value)
                __atomic_fetch_add(&search->wrong_count, 1, __ATOMIC_RELAXED);
}

/* How many CPUs do not find value in a slot. */
static u32 wrong_cpus(enum fixmap_slot slot, u32 value)
{
        struct search search = { .address = fixmap_address(slot), .value = value };

        on_each_cpu(look, &search, true);
        return search.wrong_count;
}

/* Lead a slot to one page of a pair. */
static void lead(enum fixmap_slot slot, const struct pair *pair, unsigned int index)
{
        fixmap_set(slot, __pa(pair->pages[index]), PTE_KERNEL_READ);
}

/* Let all CPUs forget a slot, in one of the ways there are. */
static void flush(enum fixmap_slot slot, unsigned int way)
{
        unsigned long start = fixmap_address(slot);
        struct tlb_batch batch;

        switch (way % 3) {
        case 0:
                tlb_flush_kernel_range(start, start + PAGE_SIZE);
                break;
        case 1:
                tlb_batch_init(&batch);
                tlb_batch_add(&batch, fixmap_address(FIXMAP_TEST_LAST), FIXMAP_END);
                tlb_batch_add(&batch, start, start + 1);
                tlb_batch_flush(&batch);
                break;
        case 2:
                tlb_flush_kernel_range(PAGE_OFFSET, FIXMAP_END);
                break;
        }
}

/* Unmap a slot for good. */
static void forget(enum fixmap_slot slot)
{
        fixmap_clear(slot);
        flush(slot, 0);
}

TEST(smp_tlb, no_stale_translation_survives)
{
        struct pair pair;

        REQUIRE(pair_make(&pair));
        for (unsigned int way = 0; way < 6; way++) {
                lead(FIXMAP_TEST_FIRST, &pair, 0);
                flush(FIXMAP_TEST_FIRST, way);
                EXPECT_EQ(wrong_cpus(FIXMAP_TEST_FIRST, FIRST_VALUE), 0);
                lead(FIXMAP_TEST_FIRST, &pair, 1);
                flush(FIXMAP_TEST_FIRST, way);
                EXPECT_EQ(wrong_cpus(FIXMAP_TEST_FIRST, SECOND_VALUE), 0);
        }
        forget(FIXMAP_TEST_FIRST);
        pair_free(&pair);
}

TEST(smp_tlb, without_a_flush_translations_are_stale)
{
        struct pair pair;
        u32 stale_count = 0;

        if (num_online_cpus() == 1)
                SKIP("one CPU");
        REQUIRE(pair_make(&pair));
        for (unsigned int round = 0; round < 10 && !stale_count; round++) {
                lead(FIXMAP_TEST_FIRST, &pair, 0);
                flush(FIXMAP_TEST_FIRST, 0);
                wrong_cpus(FIXMAP_TEST_FIRST, FIRST_VALUE);
                lead(FIXMAP_TEST_FIRST, &pair, 1);
                stale_count = wrong_cpus(FIXMAP_TEST_FIRST, SECOND_VALUE);
        }
        EXPECT(stale_count != 0);
        forget(FIXMAP_TEST_FIRST);
        pair_free(&pair);
}

/* Change this CPU's slot again and again. Returns: how often a CPU found the old page. */
static unsigned long make_storm(unsigned int cpu, void *argument)
{
        enum fixmap_slot slot = FIXMAP_TEST_FIRST + cpu;
        struct pair *pair = argument;
        unsigned int round_count = STORM_ROUNDS_ALL / num_online_cpus() + 4;
        unsigned long wrong = 0;

        for (unsigned int round = 0; round < round_count; round++) {
                unsigned long flags = 0;
                bool interrupts_off = round & 1;

                if (interrupts_off)
                        flags = local_irq_save();
                lead(slot, pair, round & 1);
                flush(slot, round);
                if (interrupts_off)
                        local_irq_restore(flags);
                if (!(round % 4) || round == round_count - 1)
                        wrong += wrong_cpus(slot, pair->pages[round & 1][0]);
        }
        forget(slot);
        return wrong;
}

TEST(smp_tlb, flushes_and_calls_from_all_cpus_at_once)
{
        struct pair pair;

        REQUIRE(pair_make(&pair));
        EXPECT_EQ(crew_run(make_storm, &pair), 0);
        pair_free(&pair);
}

/* Flush with interrupts off, nothing else. */
static unsigned long flush_only(unsigned int cpu, void *argument __unused)
{
        unsigned int round_count = STORM_ROUNDS_ALL / num_online_cpus() + 4;
        unsigned long flags = local_irq_save();

        for (unsigned int round = 0; round < round_count; round++)
                flush(FIXMAP_TEST_FIRST + cpu, round);
        local_irq_restore(flags);
        return 0;
}

TEST(smp_tlb, flushes_with_interrupts_off_everywhere)
{
        EXPECT_EQ(crew_run(flush_only, NULL), 0);
}

/* A flush must be answered by a CPU that waits in a loop with interrupts off, and polls. */
static u32 flushed;

/* Wait with interrupts off until the first CPU has flushed. */
static unsigned long poll_or_flush(unsigned int cpu, void *argument __unused)
{
        unsigned long flags = local_irq_save();

        if (cpu == cpumask_first(cpu_online_mask)) {
                flush(FIXMAP_TEST_FIRST, 0);
                WRITE_ONCE(flushed, 1);
        }
        while (!READ_ONCE(flushed)) {
                smp_poll();
                cpu_relax();
        }
        local_irq_restore(flags);
        return 0;
}

TEST(smp_tlb, a_cpu_that_polls_with_interrupts_off_answers)
{
        flushed = 0;
        EXPECT_EQ(crew_run(poll_or_flush, NULL), 0);
}
