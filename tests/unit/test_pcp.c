/* Per-CPU page lists: how much they keep, in which order, and what they leave to the zone. */
#include "mm/phys/pcp.h"

#include "lib/bits.h"
#include "lib/test.h"
#include "mm/debug/check.h"
#include "mm/phys/buddy.h"
#include "mm/phys/page_alloc.h"
#include "tests/host/expect_panic.h"
#include "tests/host/machine.h"
#include "tests/host/picture.h"

static struct zone *const dma = &zones[ZONE_DMA];
static struct zone *const normal = &zones[ZONE_NORMAL];

/* The list of a zone and an order, by name: a per-CPU pointer. */
static struct pcp_list *name_of(enum zone_kind zone, unsigned int order)
{
        return &pcp_lists[zone * PCP_LISTS_PER_ZONE + order];
}

/* CPU 0's copy of it. */
static struct pcp_list *list_of(enum zone_kind zone, unsigned int order)
{
        return per_cpu_ptr(name_of(zone, order), 0);
}

/* The blocks on a list. */
static unsigned int count_of(const struct pcp_list *list)
{
        return cpu_stack_count(&list->blocks);
}

/* The blocks that a list has room for. */
static unsigned int capacity_of(const struct pcp_list *list)
{
        return cpu_stack_capacity(&list->blocks);
}

/* Refill an order's list of a zone, as deep as floor allows. */
static void refill(struct zone *zone, unsigned int order, unsigned long floor)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        pcp_refill(zone, list_of(zone->kind, order), order, floor);
        spin_unlock_irqrestore(&zone->lock, flags);
}

/* Give some of an order's list back to its zone. */
static void flush(struct zone *zone, unsigned int order, unsigned int count)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        pcp_flush(zone, list_of(zone->kind, order), order, count);
        spin_unlock_irqrestore(&zone->lock, flags);
}

static void check(const struct zone *zone)
{
        unsigned long flags = local_irq_save();

        pcp_check(zone, 0);
        local_irq_restore(flags);
}

TEST(pcp, lists_are_empty_at_first)
{
        machine_boot_pc(64 * MIB);
        for (unsigned int number = 0; number < PCP_LISTS; number++)
                for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                        EXPECT_EQ(count_of(pcp_list_on(cpu, number)), 0);
        EXPECT_EQ(pcp_page_count(normal), 0);
}

/* The capacity of each order of a zone with so many pages, as the file describes it. */
static void expect_capacities(struct test_state *test, const struct zone *zone)
{
        unsigned long share = min(zone->managed_pages / 64, 64ul);

        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                for (unsigned int order = 0; order < PCP_LISTS_PER_ZONE; order++) {
                        unsigned long kept = order < PCP_ORDERS ? share >> order : 0;
                        const struct pcp_list *list =
                                pcp_list_on(cpu, pcp_list_number(zone->kind, order));

                        EXPECT_EQ(capacity_of(list), kept < 2 ? 0 : kept);
                        EXPECT_EQ(list->batch, kept < 2 ? 0 : kept / 2);
                }
}

TEST(pcp, capacity_follows_the_size_of_the_zone)
{
        const u64 sizes[] = { 3 * MIB, 5 * MIB, 8 * MIB, 16 * MIB, 17 * MIB, 24 * MIB, 64 * MIB,
                              5 * GIB };

        for (unsigned int index = 0; index < ARRAY_SIZE(sizes); index++) {
                machine_boot_pc(sizes[index]);
                for (struct zone *zone = zones; zone < zones + MAX_NR_ZONES; zone++)
                        expect_capacities(test, zone);
        }
}

/* A page finds its own list by its flags; a request finds that of its first zone. */
TEST(pcp, list_numbers_agree)
{
        machine_boot_pc(5 * GIB);
        for (gfp_t modifiers = 0; modifiers < GFP_ZONE_LISTS; modifiers++) {
                for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                        struct page *page = alloc_pages(modifiers, order);

                        REQUIRE(page);
                        EXPECT(pcp_list_of_page(page) == pcp_list_of_request(modifiers, order));
                        EXPECT(pcp_list_of_page(page) == pcp_list_of(zone_of_page(page), order));
                        EXPECT(zone_of_page(page) == zone_lists[modifiers].zones[0]);
                        __free_pages(page, order);
                }
        }
}

/* ALLOC-1: what the list gives is allocated, referenced once, and still of its order. */
TEST(pcp, take_and_give_change_the_state)
{
        machine_boot_pc(64 * MIB);
        refill(normal, 2, 0);
        struct pcp_list *list = list_of(ZONE_NORMAL, 2);
        unsigned int count = count_of(list);
        struct page *page = pcp_take(name_of(ZONE_NORMAL, 2));

        EXPECT_EQ(page_state(page), PAGE_ALLOCATED);
        EXPECT_EQ(page_order(page), 2);
        EXPECT_EQ(atomic_read(&page->refcount), 1);
        EXPECT_EQ(count_of(list), count - 1);
        EXPECT(pcp_give(name_of(ZONE_NORMAL, 2), page));
        EXPECT_EQ(page_state(page), PAGE_CACHED);
        EXPECT(pcp_take(name_of(ZONE_NORMAL, 2)) == page);
        pcp_give(name_of(ZONE_NORMAL, 2), page);
        check(normal);
}

/*
 * Two contexts may both see a page allocated and free it: then it is on the list twice, but never
 * looks like a free block, which a neighbour would merge with. The census sees it.
 */
TEST(pcp, page_given_twice_at_the_same_instant)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        struct pcp_list *list = pcp_list_of_page(page);

        pcp_give(list, page);
        pcp_give(list, page);
        EXPECT_EQ(page_state(page), PAGE_CACHED);
        EXPECT_PANIC(mm_check(), "PCP-1");
}

TEST(pcp, empty_list_gives_nothing)
{
        machine_boot_pc(64 * MIB);
        EXPECT(!pcp_take(name_of(ZONE_NORMAL, 0)));
        EXPECT(!pcp_take(name_of(ZONE_HIGHMEM, 0)));
        EXPECT(!pcp_take(name_of(ZONE_NORMAL, PCP_ORDERS)));
}

TEST(pcp, full_list_takes_no_more)
{
        machine_boot_pc(64 * MIB);
        refill(normal, 0, 0);
        struct pcp_list *list = list_of(ZONE_NORMAL, 0);
        struct page *page;

        while (count_of(list) < capacity_of(list)) {
                page = alloc_page(GFP_DMA);
                page_set_block(page, PAGE_ALLOCATED, 0);
                EXPECT(pcp_give(name_of(ZONE_NORMAL, 0), page));
        }
        page = alloc_page(GFP_DMA);
        EXPECT(!pcp_give(name_of(ZONE_NORMAL, 0), page));
        EXPECT_EQ(page_state(page), PAGE_CACHED);
        EXPECT_EQ(count_of(list), capacity_of(list));
}

/* Take all free blocks of zone but those of the largest order. */
static void use_up_fragments(struct zone *zone)
{
        unsigned long flags = spin_lock_irqsave(&zone->lock);

        while (zone->free_orders & ~BIT(MAX_ORDER - 1))
                buddy_alloc(zone, lowest_bit(zone->free_orders), PAGE_ALLOCATED);
        spin_unlock_irqrestore(&zone->lock, flags);
}

/* One batch, in rising order: neighbours for requests in a row. */
TEST(pcp, refill_brings_a_batch_of_neighbours)
{
        machine_boot_pc(64 * MIB);
        use_up_fragments(normal);
        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                struct pcp_list *list = list_of(ZONE_NORMAL, order);

                drain_local_pages();
                unsigned long free_before = normal->free_pages;
                refill(normal, order, 0);
                EXPECT_EQ(count_of(list), list->batch);
                EXPECT_EQ(normal->free_pages, free_before - (list->batch << order));
                check(normal);
                struct page *last = pcp_take(name_of(ZONE_NORMAL, order));
                for (unsigned int left = count_of(list); left > 0; left--) {
                        struct page *page = pcp_take(name_of(ZONE_NORMAL, order));

                        EXPECT(page == last + BIT(order));
                        last = page;
                }
                list->blocks.top = list->blocks.bottom + list->batch;
                for (unsigned int index = 0; index < list->batch; index++)
                        page_set_block(list->blocks.bottom[index], PAGE_CACHED, order);
        }
        drain_local_pages();
        mm_check();
}

/* PCP-2: whatever the floor, at least so many pages stay in the zone. */
TEST(pcp, refill_respects_the_floor)
{
        machine_boot_pc(64 * MIB);
        unsigned long all = normal->free_pages;

        for (unsigned int order = 0; order < PCP_ORDERS; order++) {
                for (unsigned long spare = 0; spare < 80; spare++) {
                        refill(normal, order, all - spare);
                        EXPECT_EQ(count_of(list_of(ZONE_NORMAL, order)),
                                  min(spare >> order, list_of(ZONE_NORMAL, order)->batch));
                        EXPECT(normal->free_pages >= all - spare);
                        drain_local_pages();
                }
        }
        refill(normal, 0, all + 1);
        refill(normal, 0, ~0ul);
        EXPECT_EQ(count_of(list_of(ZONE_NORMAL, 0)), 0);
        mm_check();
}

/* A zone of scattered single pages fills order 0 and nothing else. */
TEST(pcp, refill_from_fragments)
{
        struct page *taken[600];
        unsigned int count = 0;

        machine_boot_pc(5 * MIB);
        drain_local_pages();
        while (count < ARRAY_SIZE(taken) && (taken[count] = alloc_page(GFP_ATOMIC)))
                count++;
        drain_local_pages();
        unsigned long flags = spin_lock_irqsave(&dma->lock);
        struct page *page;
        while ((page = buddy_alloc(dma, 0, PAGE_ALLOCATED)))
                atomic_set(&page->refcount, 1);
        spin_unlock_irqrestore(&dma->lock, flags);
        for (unsigned int index = 0; index < count; index += 2)
                if (IS_ALIGNED(page_to_pfn(taken[index]), 2))
                        __free_page(taken[index]);
        drain_local_pages();
        unsigned long free_before = dma->free_pages;

        REQUIRE(free_before > 20 && dma->free_orders == BIT(0));
        refill(dma, 1, 0);
        EXPECT_EQ(count_of(list_of(ZONE_DMA, 1)), 0);
        refill(dma, 0, 0);
        EXPECT_EQ(count_of(list_of(ZONE_DMA, 0)), list_of(ZONE_DMA, 0)->batch);
        mm_check();
}

TEST(pcp, flush_takes_the_oldest)
{
        machine_boot_pc(64 * MIB);
        refill(normal, 0, 0);
        struct pcp_list *list = list_of(ZONE_NORMAL, 0);
        struct page *oldest = list->blocks.bottom[0];
        struct page *third = list->blocks.bottom[2];
        struct page *newest = list->blocks.top[-1];
        unsigned int count = count_of(list);

        flush(normal, 0, 2);
        EXPECT_EQ(count_of(list), count - 2);
        EXPECT(list->blocks.bottom[0] == third);
        EXPECT(list->blocks.top[-1] == newest);
        EXPECT(page_state(oldest) != PAGE_CACHED);
        check(normal);
        flush(normal, 0, 0);
        EXPECT_EQ(count_of(list), count - 2);
        flush(normal, 0, 1000);
        EXPECT_EQ(count_of(list), 0);
        mm_check();
}

/* A full list is half emptied when one more page comes, and the page goes to the zone as well. */
TEST(pcp, free_to_a_full_list_flushes_a_batch)
{
        struct page *pages[200];

        machine_boot_pc(64 * MIB);
        struct pcp_list *list = list_of(ZONE_NORMAL, 0);
        for (unsigned int index = 0; index < ARRAY_SIZE(pages); index++)
                pages[index] = alloc_page(GFP_KERNEL);
        drain_local_pages();
        unsigned long free_before = normal->free_pages;
        for (unsigned int index = 0; index < capacity_of(list); index++)
                __free_page(pages[index]);
        EXPECT_EQ(count_of(list), capacity_of(list));
        EXPECT_EQ(normal->free_pages, free_before);
        __free_page(pages[capacity_of(list)]);
        EXPECT_EQ(count_of(list), capacity_of(list) - list->batch);
        EXPECT_EQ(normal->free_pages, free_before + list->batch + 1);
        mm_check();
}

/* Orders that are not kept go straight to the zone and come straight from it. */
TEST(pcp, large_orders_are_not_kept)
{
        machine_boot_pc(64 * MIB);
        struct picture before = picture_take();
        for (unsigned int order = PCP_ORDERS; order < MAX_ORDER; order++) {
                struct page *page = alloc_pages(GFP_KERNEL, order);

                REQUIRE(page);
                EXPECT_EQ(pcp_page_count(normal), 0);
                __free_pages(page, order);
                struct picture after = picture_take();
                EXPECT(picture_same(&before, &after));
        }
}

/* A machine so small that a list is not worth it works without. */
TEST(pcp, zone_too_small_for_lists)
{
        const struct machine_range ranges[] = {
                { 0, 640 << 10, MEMORY_RAM }, { MIB, 2 * MIB, MEMORY_RAM },
        };

        machine_boot(ranges, ARRAY_SIZE(ranges));
        REQUIRE(dma->managed_pages < 128);
        EXPECT_EQ(capacity_of(list_of(ZONE_DMA, 0)), 0);
        struct page *page = alloc_page(GFP_KERNEL);
        REQUIRE(page);
        EXPECT_EQ(pcp_page_count(dma), 0);
        __free_page(page);
        EXPECT_EQ(pcp_page_count(dma), 0);
        mm_check();
}

/* A page belongs to the list of the CPU that frees it. */
TEST(pcp, freed_on_another_cpu)
{
        machine_boot_pc(64 * MIB);
        struct page *page = alloc_page(GFP_KERNEL);
        unsigned int kept = count_of(list_of(ZONE_NORMAL, 0));

        host_cpu = 2;
        __free_page(page);
        EXPECT_EQ(count_of(list_of(ZONE_NORMAL, 0)), kept);
        EXPECT_EQ(count_of(pcp_list_on(2, pcp_list_number(ZONE_NORMAL, 0))), 1);
        EXPECT_EQ(pcp_page_count(normal), kept + 1);
        EXPECT(alloc_page(GFP_KERNEL) == page);
        __free_page(page);
        mm_check();
        host_cpu = 0;
        mm_check();
        drain_all_pages();
        EXPECT_EQ(pcp_page_count(normal), 0);
}

/* The zone's count of pages on lists takes in all CPUs and orders. */
TEST(pcp, page_count_is_the_sum_of_all_lists)
{
        machine_boot_pc(64 * MIB);
        unsigned long expected = 0;

        for (host_cpu = 0; host_cpu < NR_CPUS; host_cpu++)
                for (unsigned int order = 0; order < PCP_ORDERS; order++)
                        __free_pages(alloc_pages(GFP_KERNEL, order), order);
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                for (unsigned int order = 0; order < PCP_ORDERS; order++)
                        expected += count_of(pcp_list_on(cpu, pcp_list_number(ZONE_NORMAL, order)))
                                    << order;
        host_cpu = 0;
        EXPECT(expected > 0);
        EXPECT_EQ(pcp_page_count(normal), expected);
        EXPECT_EQ(pcp_page_count(dma), 0);
        drain_all_pages();
        EXPECT_EQ(pcp_page_count(normal), 0);
}

/* A CPU whose per-CPU variables appear later gets its lists then, as large as everybody's. */
TEST(pcp, lists_of_a_later_cpu)
{
        unsigned long offset = per_cpu_offset[3];

        machine_start_pc(64 * MIB);
        machine_start_bootmem();
        machine_build_direct_map();
        per_cpu_offset[3] = 0;
        machine_hand_over();
        EXPECT_EQ(pcp_page_count(normal), 0);
        per_cpu_offset[3] = offset;
        EXPECT_EQ(capacity_of(pcp_list_on(3, pcp_list_number(ZONE_NORMAL, 0))), 0);
        pcp_init_cpu(3);
        expect_capacities(test, normal);
        host_cpu = 3;
        __free_page(alloc_page(GFP_KERNEL));
        EXPECT(count_of(pcp_list_on(3, pcp_list_number(ZONE_NORMAL, 0))) > 0);
        mm_check();
}

/* PCP-3: the slots of one CPU's lists, and of all CPUs', are apart. */
TEST(pcp, stacks_do_not_overlap)
{
        machine_boot_pc(5 * GIB);
        for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
                for (unsigned int number = 0; number + 1 < PCP_LISTS; number++)
                        EXPECT(pcp_list_on(cpu, number)->blocks.limit <
                               pcp_list_on(cpu, number + 1)->blocks.bottom);
        for (unsigned int cpu = 1; cpu < NR_CPUS; cpu++)
                EXPECT(pcp_list_on(cpu - 1, PCP_LISTS - 1)->blocks.limit <
                       pcp_list_on(cpu, 0)->blocks.bottom);
}

/* The check itself, each invariant broken by hand. */
static struct pcp_list *list_to_break(void)
{
        machine_boot_pc(64 * MIB);
        refill(normal, 0, 0);
        check(normal);
        return list_of(ZONE_NORMAL, 0);
}

TEST(pcp, check_finds_a_top_below_the_bottom)
{
        struct pcp_list *list = list_to_break();
        list->blocks.top = list->blocks.bottom - 1;
        EXPECT_PANIC(check(normal), "PCP-1");
}

TEST(pcp, check_finds_a_top_above_the_limit)
{
        struct pcp_list *list = list_to_break();
        list->blocks.top = list->blocks.limit + 1;
        EXPECT_PANIC(check(normal), "PCP-1");
}

TEST(pcp, check_finds_a_lost_end_mark)
{
        struct pcp_list *list = list_to_break();
        list->blocks.bottom[-1] = list;
        EXPECT_PANIC(check(normal), "PCP-1");
}

TEST(pcp, check_finds_a_wrong_state)
{
        struct pcp_list *list = list_to_break();
        page_set_block(list->blocks.bottom[1], PAGE_ALLOCATED, 0);
        EXPECT_PANIC(check(normal), "PCP-1");
}

TEST(pcp, check_finds_a_wrong_order)
{
        struct pcp_list *list = list_to_break();
        page_set_block(list->blocks.bottom[1], PAGE_CACHED, 1);
        EXPECT_PANIC(check(normal), "PCP-1");
}

TEST(pcp, check_finds_a_foreign_page)
{
        struct pcp_list *list = list_to_break();
        struct page *page = alloc_page(GFP_DMA);
        page_set_block(page, PAGE_CACHED, 0);
        list->blocks.bottom[0] = page;
        EXPECT_PANIC(check(normal), "PCP-1");
}

TEST(pcp, check_finds_a_wrong_reference_count)
{
        struct pcp_list *list = list_to_break();
        atomic_set(&((struct page *)list->blocks.bottom[0])->refcount, 2);
        EXPECT_PANIC(check(normal), "PCP-1");
}

TEST(pcp, check_finds_overlapping_stacks)
{
        struct pcp_list *list = list_to_break();
        list[1].blocks.bottom = list->blocks.limit;
        EXPECT_PANIC(check(normal), "PCP-3");
}
