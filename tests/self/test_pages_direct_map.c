/*
 * test_pages_direct_map.c - what the kernel's gigabyte maps, and what it allows there: by the
 * entries of the page tables, and by trying.
 */
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/features.h"
#include "kernel/cpu/fixup.h"
#include "kernel/cpu/paging.h"
#include "kernel/cpu/trap.h"
#include "kernel/cpu/tss.h"
#include "kernel/image.h"
#include "kernel/page_walk.h"
#include "lib/bits.h"
#include "mm/map/fixmap.h"
#include "mm/map/page_window.h"
#include "tests/self/page_tools.h"

#define OPCODE_RETURN 0xC3
#define WALK_TABLE_LEVEL 2u

extern char boot_stack_guard[];                 /* from boot_stack.asm */

/* The entry that maps an address, or the one that says that nothing does. */
static pte_t entry_of(unsigned long address, bool *is_large)
{
        struct page_walk walk = page_walk(read_cr3(), address);
        pte_t entry = walk.count ? walk.entry[walk.count - 1] : 0;

        *is_large = walk.count == WALK_TABLE_LEVEL && (entry & PTE_LARGE);
        return entry & PTE_PRESENT ? entry : 0;
}

/* Whether the entry of a range of physical addresses, 0 if nothing maps them, is as it should. */
typedef bool (*entry_check_t)(phys_addr_t start, phys_addr_t end, pte_t entry);

/* Check every entry from 1 MiB to the end of the direct map, up to the first that is wrong. */
static void check_entries(struct test_state *test, entry_check_t is_right)
{
        phys_addr_t address = ISA_WINDOW_BYTES;

        while (address < DIRECT_MAP_BYTES) {
                bool is_large;
                pte_t entry = entry_of((unsigned long)__va(address), &is_large);
                phys_addr_t end = address + (is_large ? LARGE_PAGE_SIZE : PAGE_SIZE);

                if (!is_right(address, end, entry)) {
                        test_fail(test, __FILE__, __LINE__, "the entry of %#llx is %#llx",
                                  (unsigned long long)address, (unsigned long long)entry);
                        return;
                }
                address = end;
        }
}

/* Whether the page at start lies below a stack of the kernel, to catch what overflows. */
static bool is_guard(phys_addr_t start)
{
        return start == __pa(boot_stack_guard) ||
               start == __pa(double_fault_stack_of(0).bottom - PAGE_SIZE);
}

/* DIRECT-1: RAM is mapped at its own address, but for guards, and nothing else is. */
static bool maps_ram_only(phys_addr_t start, phys_addr_t end, pte_t entry)
{
        if (!entry)
                return is_guard(start) || !memmap_contains(&memmap, start, end, MEMORY_RAM);
        return !is_guard(start) && memmap_contains(&memmap, start, end, MEMORY_RAM) &&
               (entry & PTE_ADDRESS_MASK) == start &&
               !(entry & (PTE_CACHE_DISABLE | PTE_USER));
}

TEST(direct_map, ram_and_nothing_else)
{
        check_entries(test, maps_ram_only);
}

/* DIRECT-2: what can be written cannot be executed. */
static bool is_not_both(phys_addr_t start __unused, phys_addr_t end __unused, pte_t entry)
{
        return !(entry & PTE_WRITE) || (entry & PTE_NO_EXECUTE);
}

TEST(direct_map, writable_or_executable_never_both)
{
        if (!cpu_features.has_no_execute)
                SKIP("this CPU has no NX");
        check_entries(test, is_not_both);
}

/* Whether part of [start, end) lies in the image between two of its edges. */
static bool meets(phys_addr_t start, phys_addr_t end, const char *from, const char *to)
{
        return start < __pa(to) && end > __pa(from);
}

/* Only text can be executed; text and constants cannot be written; all else can. */
static bool suits_the_image(phys_addr_t start, phys_addr_t end, pte_t entry)
{
        bool is_text = meets(start, end, kernel_text_start, kernel_text_end);
        bool is_constant = is_text || meets(start, end, kernel_rodata_start, kernel_rodata_end);

        if (!entry)
                return is_guard(start) || !meets(start, end, kernel_image_start, kernel_image_end);
        if (cpu_features.has_no_execute && is_text == !!(entry & PTE_NO_EXECUTE))
                return false;
        return is_constant == !(entry & PTE_WRITE);
}

TEST(direct_map, image_is_protected)
{
        check_entries(test, suits_the_image);
}

TEST(direct_map, nothing_below_the_kernel)
{
        u32 value;

        for (unsigned long address = 0; address < PAGE_OFFSET; address += LARGE_PAGE_SIZE) {
                bool is_large;

                if (entry_of(address, &is_large) || probe_read(address, &value)) {
                        test_fail(test, __FILE__, __LINE__, "%#lx is mapped (DIRECT-3)", address);
                        break;
                }
        }
        EXPECT(!probe_read(0, &value) && !probe_write(0, 1));
        EXPECT(!probe_read(PAGE_OFFSET - 4, &value) && !probe_write(PAGE_OFFSET - 4, 1));
        EXPECT(!probe_read(PAGE_OFFSET, &value));
}

TEST(direct_map, text_and_constants_keep_their_contents)
{
        static const u32 constant = 4711;
        const unsigned long edges[] = {
                (unsigned long)kernel_text_start, (unsigned long)kernel_text_end - sizeof(u32),
                (unsigned long)kernel_rodata_start, (unsigned long)kernel_rodata_end - sizeof(u32),
                (unsigned long)&constant,
        };

        for (unsigned int index = 0; index < ARRAY_SIZE(edges); index++) {
                unsigned long address = edges[index];
                u32 before = 0, after = 1;

                EXPECT(probe_read(address, &before));
                EXPECT(!probe_write(address, ~before));
                EXPECT(probe_read(address, &after));
                EXPECT_EQ(after, before);
        }
        EXPECT_EQ(READ_ONCE(constant), 4711);
}

TEST(direct_map, edges_of_low_ram_can_be_read)
{
        u32 value;

        for (unsigned int index = 0; index < memmap.count; index++) {
                const struct memory_range *range = &memmap.ranges[index];
                u64 first = ROUND_UP(range->start, PAGE_SIZE);
                u64 end = min(ROUND_DOWN(range->end, PAGE_SIZE), (u64)DIRECT_MAP_BYTES);

                if (range->kind != MEMORY_RAM || first >= end)
                        continue;
                EXPECT(probe_read((unsigned long)__va(first), &value));
                EXPECT(probe_read((unsigned long)__va(end - 4), &value));
        }
        value = (u32)max_low_pfn << PAGE_SHIFT;
        EXPECT(!probe_read((unsigned long)__va(value), &value));
}

/* Fail the test if a page in [start, end) can be read or written. */
static void check_guard(struct test_state *test, unsigned long start, unsigned long end)
{
        u32 value;

        for (unsigned long address = start; address != end; address += PAGE_SIZE)
                if (probe_read(address, &value) || probe_write(address, 1)) {
                        test_fail(test, __FILE__, __LINE__, "%#lx can be accessed", address);
                        break;
                }
}

TEST(direct_map, guards_between_areas)
{
        check_guard(test, DIRECT_MAP_END, VMALLOC_START);
        check_guard(test, VMALLOC_END, STACKS_START + PAGE_SIZE);
        check_guard(test, PERCPU_END, KMAP_START);
        check_guard(test, KMAP_END, FIXMAP_START);
        check_guard(test, fixmap_address(FIXMAP_SLOT_COUNT), FIXMAP_END);
        check_guard(test, FIXMAP_END, 0);
        check_guard(test, (unsigned long)boot_stack_guard,
                    (unsigned long)boot_stack_guard + PAGE_SIZE);
}

/* The page of a window is there while it is open, and only then. */
static void check_window(struct test_state *test, struct zone *zone)
{
        struct page *page = page_tools_take_in_zone(zone, 0);
        unsigned long flags;
        u32 value = 0;

        REQUIRE(page);
        unsigned long address = (unsigned long)page_window_open(page, &flags);
        bool was_written = probe_write(address, 0x12345678);
        bool was_read = probe_read(address, &value);
        page_window_close(page, flags);
        EXPECT(was_written && was_read);
        EXPECT_EQ(value, 0x12345678);
        EXPECT_EQ(probe_read(address, &value), !PageHighMem(page));
        __free_page(page);
}

TEST_EACH_ZONE(direct_map, window, check_window)

static unsigned long tried_address;
static unsigned long resume_address;

/* A page fault of the instruction that was tried goes on behind the attempt. */
static bool on_execution_fault(struct trap_frame *frame)
{
        if (frame->eip != tried_address || !(frame->error_code & PAGE_FAULT_EXECUTE))
                return false;
        frame->eip = resume_address;
        return true;
}

/* Whether the code at an address, which must be a return, can be executed. */
static bool __noinline can_execute(unsigned long address)
{
        trap_handler_t previous = trap_set_handler(TRAP_PAGE_FAULT, on_execution_fault);
        u32 executed = 1;

        tried_address = address;
        __asm__ volatile("movl $1f, %1\n\t"
                         "pushl $2f\n\t"
                         "jmp *%2\n"
                         "1:\taddl $4, %%esp\n\t"
                         "movl $0, %0\n"
                         "2:"
                         : "+r"(executed), "=m"(resume_address)
                         : "r"(address)
                         : "memory", "cc");
        trap_set_handler(TRAP_PAGE_FAULT, previous);
        return executed;
}

/* The address of a return instruction in the kernel's text; 0 if there is none. */
static unsigned long find_return(void)
{
        for (const char *code = kernel_text_start; code < kernel_text_end; code++)
                if ((u8)*code == OPCODE_RETURN)
                        return (unsigned long)code;
        return 0;
}

TEST(direct_map, data_cannot_be_executed)
{
        static u8 variable = OPCODE_RETURN;
        static const u8 constant = OPCODE_RETURN;
        volatile u8 on_stack = OPCODE_RETURN;

        EXPECT(can_execute(find_return()));
        if (!cpu_features.has_no_execute)
                SKIP("this CPU has no NX");
        EXPECT(!can_execute((unsigned long)&variable));
        EXPECT(!can_execute((unsigned long)&constant));
        EXPECT(!can_execute((unsigned long)&on_stack));
}

/* Pages cannot be executed, neither where they always are nor through a window. */
static void check_pages_not_executable(struct test_state *test, struct zone *zone)
{
        struct page *page = page_tools_take_in_zone(zone, 0);
        unsigned long flags;

        REQUIRE(page);
        u8 *code = page_window_open(page, &flags);
        *code = OPCODE_RETURN;
        bool was_executed = can_execute((unsigned long)code);
        page_window_close(page, flags);
        __free_page(page);
        if (!cpu_features.has_no_execute)
                SKIP("this CPU has no NX");
        EXPECT(!was_executed);
}

TEST_EACH_ZONE(direct_map, pages_cannot_be_executed, check_pages_not_executable)
