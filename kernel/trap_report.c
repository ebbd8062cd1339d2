/*
 * Reports of traps
 *
 * Idea        All that the CPU knows is printed first, the reason in words is the panic's message,
 *             and the call chain begins at the instruction that failed.
 *
 * Failure     cr2 is read at once, because the report probes memory itself. A trap while a panic is
 *             in progress says only its reason.
 *
 * Reading     Intel SDM volume 3A, section 6.15, "Exception and Interrupt Reference"; section 4.7,
 *             "Page-Fault Exceptions".
 */
#include "kernel/trap_report.h"

#include "kernel/address_describe.h"
#include "kernel/cpu/control_registers.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/percpu.h"
#include "kernel/page_walk.h"
#include "kernel/panic.h"
#include "kernel/symbols.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/symbol.h"

#define REASON_BYTES 192

/* The texts of a report. Who reports a trap never goes on, so the latest of a CPU may have them. */
struct trap_texts {
        char reason[REASON_BYTES];
        char instruction[SYMBOL_TEXT_BYTES];
};

static DEFINE_PER_CPU(struct trap_texts, trap_texts);

static const char *const exception_names[TRAP_EXCEPTION_COUNT] = {
        [TRAP_DIVIDE] = "divide error",
        [TRAP_DEBUG] = "debug exception",
        [TRAP_NMI] = "non-maskable interrupt",
        [TRAP_BREAKPOINT] = "breakpoint",
        [TRAP_OVERFLOW] = "overflow",
        [TRAP_BOUND] = "bound range exceeded",
        [TRAP_INVALID_OPCODE] = "invalid opcode",
        [TRAP_NO_DEVICE] = "floating point used, but not available",
        [TRAP_DOUBLE_FAULT] = "double fault",
        [TRAP_INVALID_TSS] = "invalid task segment",
        [TRAP_NO_SEGMENT] = "segment not present",
        [TRAP_STACK] = "stack segment fault",
        [TRAP_PROTECTION] = "general protection fault",
        [TRAP_PAGE_FAULT] = "page fault",
        [TRAP_X87] = "x87 floating-point error",
        [TRAP_ALIGNMENT] = "alignment check",
        [TRAP_MACHINE_CHECK] = "machine check",
        [TRAP_SIMD] = "SIMD floating-point error",
        [TRAP_CONTROL] = "control protection",
};

/* Bits of EFLAGS, the lowest first. */
static const char *const flag_names[] = {
        "carry", NULL, "parity", NULL, "adjust", NULL, "zero", "sign", "single-step",
        "interrupts", "direction", "overflow", NULL, NULL, "nested-task", NULL, "resume",
        "virtual-8086", "alignment-check", "virtual-interrupt", "virtual-pending", "cpuid",
};

/* The name of an exception. */
static const char *exception_name(u32 vector)
{
        return exception_names[vector] ? exception_names[vector] : "reserved exception";
}

/* Print EFLAGS with a word for each set bit. */
static void print_flags(u32 flags)
{
        printk("eflags %08x:", flags);
        for (unsigned int bit = 0; bit < ARRAY_SIZE(flag_names); bit++)
                if ((flags & BIT(bit)) && flag_names[bit])
                        printk(" %s", flag_names[bit]);
        printk(", I/O privilege %u\n", (flags >> 12) & 3);
}

void trap_print_registers(const struct trap_state *state)
{
        const struct trap_frame *frame = state->frame;

        printk("eax %08x  ebx %08x  ecx %08x  edx %08x\n", frame->eax, frame->ebx, frame->ecx,
               frame->edx);
        printk("esi %08x  edi %08x  ebp %08x  esp %08lx\n", frame->esi, frame->edi, frame->ebp,
               state->stack_pointer);
        printk("eip %08x  cs %04x  ss %04x  ds %04x  es %04x  fs %04x  gs %04x\n", frame->eip,
               frame->cs & 0xFFFF, state->stack_segment & 0xFFFF, frame->ds & 0xFFFF,
               frame->es & 0xFFFF, frame->fs & 0xFFFF, frame->gs & 0xFFFF);
        printk("cr0 %08lx  cr2 %08lx  cr3 %08lx  cr4 %08lx\n", read_cr0(), state->fault_address,
               read_cr3(), read_cr4());
        print_flags(frame->eflags);
}

/* What a page fault tried to do. Without NX the CPU does not tell fetches from reads. */
static const char *access_name(const struct trap_state *state)
{
        if (state->frame->error_code & PAGE_FAULT_WRITE)
                return "write to";
        if ((state->frame->error_code & PAGE_FAULT_EXECUTE) ||
            state->fault_address == state->frame->eip)
                return "execution of";
        return "read of";
}

/* Why the page did not allow it. */
static const char *page_name(const struct trap_state *state)
{
        u32 error_code = state->frame->error_code;

        if (error_code & PAGE_FAULT_RESERVED)
                return "page whose entry has reserved bits set";
        if (!(error_code & PAGE_FAULT_PRESENT))
                return "unmapped page";
        if (error_code & PAGE_FAULT_USER)
                return "page of the kernel, by a user program";
        if (state->fault_address < PAGE_OFFSET && !(error_code & PAGE_FAULT_WRITE))
                return "page of a user program, by the kernel";
        return error_code & PAGE_FAULT_WRITE ? "read-only page" : "non-executable page";
}

/* What lies at the address that faulted, or should. */
static const char *place_name(const struct trap_state *state)
{
        const char *place = address_describe(state->fault_address);

        if (!(state->frame->error_code & (PAGE_FAULT_PRESENT | PAGE_FAULT_RESERVED)) &&
            !strcmp(place, "direct map"))
                return "hole in the direct map";
        return place;
}

/* The reason for a page fault, such as "write to read-only page, kernel text, at …". */
static void describe_page_fault(const struct trap_state *state, char *text, size_t text_bytes)
{
        char symbol[SYMBOL_TEXT_BYTES];
        unsigned long offset;

        symbol_format(symbol, sizeof(symbol), state->fault_address);
        bool is_named = symbol_name(state->fault_address, &offset) != NULL;
        snprintf(text, text_bytes, "%s %s, %s, at 0x%08lx%s%s%s", access_name(state),
                 page_name(state), place_name(state), state->fault_address,
                 is_named ? " (" : "", is_named ? symbol : "", is_named ? ")" : "");
}

/* What the error code of a segment-related exception means. */
static void describe_selector(u32 error_code, char *text, size_t text_bytes)
{
        static const char *const tables[] = { "GDT", "IDT", "LDT", "IDT" };

        if (!error_code)
                snprintf(text, text_bytes, "no selector involved");
        else if (error_code & 2)
                snprintf(text, text_bytes, "gate %#x of the IDT", error_code >> 3);
        else
                snprintf(text, text_bytes, "selector %#x of the %s", error_code & 0xFFF8,
                         tables[(error_code >> 1) & 3]);
}

/* The reason for a trap in words, "" when its name says all. */
static void describe(const struct trap_state *state, char *text, size_t text_bytes)
{
        text[0] = '\0';
        switch (state->frame->vector) {
        case TRAP_PAGE_FAULT:
                describe_page_fault(state, text, text_bytes);
                break;
        case TRAP_INVALID_TSS:
        case TRAP_NO_SEGMENT:
        case TRAP_STACK:
        case TRAP_PROTECTION:
                describe_selector(state->frame->error_code, text, text_bytes);
                break;
        }
}

/* Everything about the trap that is not in the message. */
static void print_details(const struct trap_state *state)
{
        printk("exception %u, %s, error code %04x, in %s mode\n", state->frame->vector,
               exception_name(state->frame->vector), state->frame->error_code,
               trap_from_user(state->frame) ? "user" : "kernel");
        trap_print_registers(state);
        if (state->frame->vector == TRAP_PAGE_FAULT)
                page_walk_print(read_cr3(), state->fault_address);
}

/* Report an exception of the CPU that nobody handled, and panic. */
static void __noreturn report_exception(const struct trap_state *state)
{
        struct trap_texts *texts = this_cpu_ptr(&trap_texts);
        struct backtrace_origin origin = {
                .instruction = state->frame->eip,
                .stack_pointer = state->stack_pointer,
                .frame_pointer = state->frame->ebp,
        };

        describe(state, texts->reason, sizeof(texts->reason));
        symbol_format(texts->instruction, sizeof(texts->instruction), state->frame->eip);
        if (!panic_in_progress())
                print_details(state);
        panic_from(origin, "%s%s%s, in %s", exception_name(state->frame->vector),
                   texts->reason[0] ? ": " : "", texts->reason, texts->instruction);
}

void trap_report(const struct trap_frame *frame)
{
        struct trap_state state = {
                .frame = frame,
                .fault_address = read_cr2(),
                .stack_pointer = trap_stack_pointer(frame),
                .stack_segment = trap_from_user(frame) ? frame->user_ss : GDT_KERNEL_DATA,
        };

        if (frame->vector < TRAP_EXCEPTION_COUNT)
                report_exception(&state);
        bug_report("unexpected-interrupt", "vector %#x", frame->vector);
}
