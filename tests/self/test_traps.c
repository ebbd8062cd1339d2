/* test_traps.c - exceptions, call chains, symbols, bug reports, and the count of contexts. */
#include "kernel/address_describe.h"
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/fixup.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/interrupt.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/percpu.h"
#include "kernel/cpu/trap.h"
#include "kernel/cpu/tss.h"
#include "kernel/image.h"
#include "kernel/page_walk.h"
#include "kernel/symbols.h"
#include "kernel/sync/context.h"
#include "lib/backtrace.h"
#include "lib/bug_expect.h"
#include "lib/string.h"
#include "lib/symbol.h"
#include "lib/test.h"
#include "mm/layout.h"

#define CHAIN_LENGTH 8
#define UNUSED_VECTOR 0xF7
#define SPURIOUS_VECTOR (IRQ_VECTOR_FIRST + 7)
#define PTE_PRESENT_AND_WRITE 0x3u

static struct trap_frame seen_frame;
static unsigned int seen_count;
static unsigned long seen_chain[CHAIN_LENGTH];
static unsigned int seen_chain_length;
static bool seen_irqs_disabled;

/* A handler that notes what it was given. */
static bool note_trap(struct trap_frame *frame)
{
        seen_frame = *frame;
        seen_count++;
        seen_irqs_disabled = irqs_disabled();
        seen_chain_length = backtrace_capture(seen_chain, CHAIN_LENGTH);
        return true;
}

/* Whether the function that an address lies in has this name. */
static bool is_in(unsigned long address, const char *name)
{
        unsigned long offset;
        const char *found = symbol_name(address, &offset);

        return found && !strcmp(found, name);
}

/* Raise a breakpoint with a number in every register; return how many came back unharmed. */
static u32 __noinline raise_breakpoint(u32 number)
{
        u32 a = number, b = number + 1, c = number + 2, d = number + 3, s = number + 4;

        __asm__ volatile("int3" : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(s) : : "memory");
        return (a == number) + (b == number + 1) + (c == number + 2) + (d == number + 3) +
               (s == number + 4);
}

TEST(traps, breakpoint_is_handled_and_keeps_registers)
{
        trap_handler_t previous = trap_set_handler(TRAP_BREAKPOINT, note_trap);

        seen_count = 0;
        EXPECT_EQ(raise_breakpoint(0x1000), 5);
        trap_set_handler(TRAP_BREAKPOINT, previous);
        EXPECT_EQ(seen_count, 1);
        EXPECT_EQ(seen_frame.vector, TRAP_BREAKPOINT);
        EXPECT_EQ(seen_frame.error_code, 0);
        EXPECT_EQ(seen_frame.eax, 0x1000);
        EXPECT_EQ(seen_frame.ebx, 0x1001);
        EXPECT_EQ(seen_frame.edx, 0x1003);
        EXPECT_EQ(seen_frame.esi, 0x1004);
        EXPECT(!trap_from_user(&seen_frame));
        EXPECT(is_in(seen_frame.eip, "raise_breakpoint"));
}

TEST(traps, chain_leads_through_the_interrupted_function)
{
        trap_handler_t previous = trap_set_handler(TRAP_BREAKPOINT, note_trap);

        raise_breakpoint(1);
        trap_set_handler(TRAP_BREAKPOINT, previous);
        REQUIRE(seen_chain_length >= 4);
        EXPECT(is_in(seen_chain[0], "trap_dispatch"));
        EXPECT_EQ(seen_chain[1], (unsigned long)trap_return);
        EXPECT_EQ(seen_chain[2], seen_frame.eip);
        EXPECT(is_in(seen_chain[2], "raise_breakpoint"));
}

TEST(traps, interrupts_are_off_in_a_handler_and_on_again_after)
{
        trap_handler_t previous = trap_set_handler(TRAP_BREAKPOINT, note_trap);
        unsigned long flags = local_irq_save();

        local_irq_enable();
        raise_breakpoint(1);
        EXPECT(!irqs_disabled());
        EXPECT(seen_irqs_disabled);
        EXPECT(seen_frame.eflags & EFLAGS_INTERRUPTS);
        local_irq_restore(flags);
        trap_set_handler(TRAP_BREAKPOINT, previous);
}

TEST(traps, every_vector_reaches_its_handler)
{
        trap_handler_t previous = trap_set_handler(UNUSED_VECTOR, note_trap);

        seen_count = 0;
        __asm__ volatile("int %0" : : "i"(UNUSED_VECTOR) : "memory");
        trap_set_handler(UNUSED_VECTOR, previous);
        EXPECT_EQ(seen_count, 1);
        EXPECT_EQ(seen_frame.vector, UNUSED_VECTOR);
}

TEST(traps, unexpected_vector_is_reported)
{
        bug_expect_begin();
        __asm__ volatile("int %0" : : "i"(UNUSED_VECTOR) : "memory");
        EXPECT(bug_expect_end("unexpected-interrupt", "vector 0xf7"));
}

TEST(traps, spurious_interrupt_is_counted_only)
{
        unsigned long handled = irq_count(7);
        unsigned long spurious = irq_spurious_count();

        __asm__ volatile("int %0" : : "i"(SPURIOUS_VECTOR) : "memory");
        EXPECT_EQ(irq_count(7), handled);
        EXPECT_EQ(irq_spurious_count(), spurious + 1);
}

TEST(traps, probe_reads_what_is_there)
{
        u32 word = 0x12345678;
        u32 value = 0;

        EXPECT(probe_read((unsigned long)&word, &value));
        EXPECT_EQ(value, 0x12345678);
        EXPECT(probe_write((unsigned long)&word, 7));
        EXPECT_EQ(word, 7);
}

TEST(traps, probe_survives_what_is_not_there)
{
        static const unsigned long nowhere[] = { 0, 0x1000, PAGE_OFFSET - 4, DIRECT_MAP_END,
                                                 VMALLOC_END, FIXMAP_END };
        u32 value = 99;

        for (unsigned int index = 0; index < ARRAY_SIZE(nowhere); index++) {
                EXPECT(!probe_read(nowhere[index], &value));
                EXPECT(!probe_write(nowhere[index], 1));
        }
        EXPECT_EQ(value, 99);
}

/* Whether a trap of that vector, at an instruction that has a fixup, goes on there. */
static bool fixup_takes(u32 vector)
{
        struct trap_frame frame = { .vector = vector, .cs = GDT_KERNEL_CODE };

        __asm__("movl $1f, %0\n\t"
                "1:\n\t"
                FIXUP(1b, 2f)
                "2:"
                : "=m"(frame.eip));
        return fixup_apply(&frame);
}

TEST(traps, fixups_are_for_faults_alone)
{
        EXPECT(fixup_takes(TRAP_PAGE_FAULT));
        EXPECT(fixup_takes(TRAP_PROTECTION));
        EXPECT(!fixup_takes(TRAP_NMI));
        EXPECT(!fixup_takes(TRAP_DEBUG));
        EXPECT(!fixup_takes(TRAP_MACHINE_CHECK));
}

TEST(traps, text_and_constants_cannot_be_written)
{
        EXPECT(!probe_write((unsigned long)kernel_text_start, 0));
        EXPECT(!probe_write((unsigned long)kernel_rodata_start, 0));
        EXPECT(!probe_write((unsigned long)kernel_rodata_end - 4, 0));
}

TEST(traps, symbols_are_found_both_ways)
{
        unsigned long offset = 99;

        EXPECT_EQ(symbol_address("trap_dispatch"), (unsigned long)trap_dispatch);
        EXPECT_EQ(symbol_address("note_trap"), (unsigned long)note_trap);
        EXPECT_EQ(symbol_address("seen_frame"), (unsigned long)&seen_frame);
        EXPECT_EQ(symbol_address("no_such_symbol"), 0);
        EXPECT(is_in((unsigned long)note_trap, "note_trap"));
        EXPECT(symbol_name((unsigned long)trap_dispatch + 3, &offset));
        EXPECT_EQ(offset, 3);
        EXPECT(is_in((unsigned long)&seen_frame + 5, "seen_frame"));
}

/* SYMBOL-1, SYMBOL-2. */
TEST(traps, symbols_ascend_and_lie_in_the_image)
{
        unsigned long previous = 0;

        EXPECT(symbol_count() > 100);
        for (unsigned int index = 0; index < symbol_count(); index++) {
                struct symbol symbol = symbol_at(index);

                EXPECT(symbol.address >= previous);
                EXPECT(symbol.address >= (unsigned long)kernel_text_start);
                EXPECT(symbol.address + symbol.size_bytes <= (unsigned long)kernel_image_end ||
                       (symbol.address >= PERCPU_TEMPLATE_START &&
                        symbol.address + symbol.size_bytes <= (unsigned long)percpu_template_end));
                EXPECT_EQ(symbol.is_function, symbol.address < (unsigned long)kernel_text_end);
                EXPECT(symbol.name[0] && !strchr(symbol.name, ' '));
                previous = symbol.address;
        }
}

TEST(traps, addresses_outside_the_image_have_no_symbol)
{
        char text[SYMBOL_TEXT_BYTES];
        unsigned long offset;

        EXPECT(!symbol_name(0, &offset));
        EXPECT(!symbol_name(PAGE_OFFSET, &offset));
        EXPECT(!symbol_name((unsigned long)kernel_image_end, &offset));
        symbol_format(text, sizeof(text), 0x1234);
        EXPECT(!strcmp(text, "0x00001234"));
        symbol_format(text, sizeof(text), (unsigned long)trap_dispatch + 1);
        EXPECT(!strcmp(text, "trap_dispatch+0x1"));
        symbol_format(text, 5, (unsigned long)trap_dispatch);
        EXPECT(!strcmp(text, "trap"));
}

/* Capture the chain from the bottom of a few calls that the compiler cannot merge. */
static unsigned int __noinline capture_at_depth(unsigned int depth, unsigned long *addresses)
{
        unsigned int count = depth ? capture_at_depth(depth - 1, addresses)
                                   : backtrace_capture(addresses, CHAIN_LENGTH);

        barrier();
        return count;
}

/* BACKTRACE-1. */
TEST(traps, backtrace_names_its_callers)
{
        unsigned long addresses[CHAIN_LENGTH];
        unsigned int count = capture_at_depth(2, addresses);
        unsigned int index = 0;

        while (index < count && is_in(addresses[index], "capture_at_depth"))
                index++;
        REQUIRE(index < count);
        EXPECT(is_in(addresses[index], "traps_backtrace_names_its_callers"));
        EXPECT_EQ(backtrace_capture(addresses, 0), 0);
        EXPECT_EQ(backtrace_capture(addresses, 1), 1);
}

TEST(traps, bug_report_is_one_line_and_kept)
{
        unsigned int count = bug_report_count();

        bug_expect_begin();
        bug_report("planted", "first\nsecond %d\n", 42);
        EXPECT(!strcmp(bug_last_report(), "planted: first second 42"));
        EXPECT(bug_expect_end("planted", "second 42"));
        EXPECT_EQ(bug_report_count(), count);
}

TEST(traps, wrong_expectations_are_noticed)
{
        bug_expect_begin();
        EXPECT(!bug_expect_end("planted", NULL));

        bug_expect_begin();
        bug_report("planted", "one");
        EXPECT(!bug_expect_end("plan", NULL));

        bug_expect_begin();
        bug_report("planted", "one");
        EXPECT(!bug_expect_end("planted", "two"));

        bug_expect_begin();
        bug_report("planted", "one");
        bug_report("planted", "one");
        EXPECT(!bug_expect_end("planted", "one"));
}

TEST(traps, sleeping_in_atomic_context_is_reported)
{
        if (!DEBUG_BUILD)
                SKIP("only the debug build checks");
        REQUIRE(!in_atomic());

        preempt_disable();
        bug_expect_begin();
        might_sleep();
        EXPECT(bug_expect_end("sleep-in-atomic", "traps_sleeping_in_atomic_context_is_reported"));
        preempt_enable();

        unsigned long flags = local_irq_save();
        irq_enter();
        EXPECT(in_interrupt());
        bug_expect_begin();
        might_sleep();
        EXPECT(bug_expect_end("sleep-in-atomic", "preempt count 0x10000"));
        irq_exit();
        local_irq_restore(flags);
        EXPECT(!in_interrupt());
}

TEST(traps, sleeping_where_it_is_allowed_is_not_reported)
{
        unsigned long flags = local_irq_save();

        local_irq_enable();
        bug_expect_begin();
        might_sleep();
        EXPECT(!bug_expect_end("sleep-in-atomic", NULL));
        EXPECT(!strcmp(bug_last_report(), ""));
        local_irq_restore(flags);
}

TEST(traps, places_have_names)
{
        u32 local = 0;

        EXPECT(!strcmp(address_describe(8), "NULL page"));
        EXPECT(!strcmp(address_describe(0x08048000), "user address"));
        EXPECT(!strcmp(address_describe((unsigned long)note_trap), "kernel text"));
        EXPECT(!strcmp(address_describe((unsigned long)"text"), "kernel read-only data"));
        EXPECT(!strcmp(address_describe((unsigned long)&seen_frame), "kernel data"));
        EXPECT(!strcmp(address_describe((unsigned long)&local), "kernel stack"));
        EXPECT(!strcmp(address_describe(VMALLOC_START), "vmalloc area"));
        EXPECT(!strcmp(address_describe(DIRECT_MAP_END - 1), "direct map"));
}

TEST(traps, page_walk_finds_the_entry_of_an_address)
{
        struct page_walk walk = page_walk(read_cr3(), (unsigned long)&seen_frame);

        REQUIRE(walk.count >= 2);
        EXPECT(!walk.is_out_of_reach);
        EXPECT_EQ(walk.entry[walk.count - 1] & PTE_PRESENT_AND_WRITE, PTE_PRESENT_AND_WRITE);
        walk = page_walk(read_cr3(), (unsigned long)kernel_text_start);
        EXPECT_EQ(walk.entry[walk.count - 1] & PTE_PRESENT_AND_WRITE, 1);
}

TEST(traps, page_walk_survives_garbage)
{
        struct page_walk walk = page_walk(0xFFFFF000, 0xC0000000);

        EXPECT(walk.is_out_of_reach);
        EXPECT_EQ(walk.count, 0);
        for (unsigned long cr3 = 0x100000; cr3 < 0x104000; cr3 += 0x20)
                walk = page_walk(cr3, 0xC0000000 + cr3);
        EXPECT(walk.count <= PAGE_WALK_LEVELS);
}

/* TSS-1. */
TEST(traps, double_fault_uses_the_page_tables_in_use)
{
        EXPECT_EQ(tss_of_double_fault(0)->cr3, read_cr3());
}
