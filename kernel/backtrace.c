/*
 * Call chains
 *
 * Idea        The kernel is compiled with frame pointers: ebp points to the caller's ebp, with the
 *             return address above it. trap_entry.asm makes such a frame for what it
 *             interrupts, and whatever starts a stack pushes zeros.
 *
 * Picture     ebp --> | ebp of caller   | --> | 0              |
 *                     | return address  |     | 0              |
 *
 *             A trap may hit a function before it has its frame, or one that needs none. Its
 *             return address then lies at esp, and is known by the call in front of it.
 *
 * Invariants  BACKTRACE-1  a chain goes up one stack; it goes down at most STACK_SWITCHES_MAX
 *                          times, where an interrupt came in on another stack.
 *                          (Guarded by the tests of the suite traps.)
 *
 * Cost        Bounded: FRAMES_MAX frames, LINES_MAX lines.
 *
 * Failure     A frame is read by probe_read(), and only where the kernel's memory can be: a chain
 *             of garbage prints garbage, or ends, but never faults for good.
 *
 * Reading     System V ABI for i386, "The Stack Frame".
 */
#include "kernel/backtrace.h"

#include "kernel/cpu/address.h"
#include "kernel/cpu/fixup.h"
#include "kernel/symbols.h"
#include "lib/bits.h"
#include "lib/panic.h"

#define STACK_SWITCHES_MAX 4u
#define FRAMES_MAX 4096u
#define LINES_MAX 32u

#define PROLOGUE_MASK 0x00FFFFFFu
#define PROLOGUE_CODE 0x00E58955u               /* pushl %ebp; movl %esp, %ebp */
#define PROLOGUE_BYTES 3u
#define OPCODE_CALL 0xE8u
#define OPCODE_CALL_BYTES 5u
#define OPCODE_INDIRECT 0xFFu
#define OPCODE_INDIRECT_CALL 2u                 /* in bits 3 to 5 of the next byte */

/* Where in a chain we are. */
struct cursor {
        unsigned long frame_pointer;
        unsigned int frame_count;
        unsigned int switch_count;
};

/* Read a word of a stack, if it can be one. */
static bool read_stack(unsigned long address, unsigned long *value)
{
        u32 word;

        if (address < PAGE_OFFSET || !IS_ALIGNED(address, sizeof(word)) ||
            !probe_read(address, &word))
                return false;
        *value = word;
        return true;
}

/* The next return address of a chain; false at its end. */
static bool next_frame(struct cursor *cursor, unsigned long *return_address)
{
        unsigned long current = cursor->frame_pointer;

        if (cursor->frame_count++ == FRAMES_MAX || cursor->switch_count > STACK_SWITCHES_MAX ||
            !read_stack(current, &cursor->frame_pointer) ||
            !read_stack(current + sizeof(u32), return_address) || !*return_address)
                return false;
        if (cursor->frame_pointer <= current)
                cursor->switch_count++;
        return true;
}

/* Print one line of a chain; what a call returns to is named by the call, one byte before. */
static void print_line(unsigned long address, bool is_return_address, unsigned int times)
{
        unsigned long offset = 0;
        const char *name = symbol_name(address - is_return_address, &offset);

        if (name)
                printk("  %08lx %s+0x%lx", address, name, offset + is_return_address);
        else
                printk("  %08lx ?", address);
        if (times > 1)
                printk(" (%u times)", times);
        printk("\n");
}

/* Print the frames from frame_pointer on. */
static void print_frames(unsigned long frame_pointer)
{
        struct cursor cursor = { .frame_pointer = frame_pointer };
        unsigned long previous = 0;
        unsigned long address;
        bool more = next_frame(&cursor, &address);

        for (unsigned int lines = 0; more; lines++) {
                unsigned long current = address;
                unsigned int times = 0;

                if (lines == LINES_MAX) {
                        printk("  ...\n");
                        break;
                }
                while (more && address == current) {
                        times++;
                        more = next_frame(&cursor, &address);
                }
                print_line(current, previous != (unsigned long)trap_return, times);
                previous = current;
        }
}

/* Whether address follows an instruction that calls function, or that calls through a pointer. */
static bool follows_call(unsigned long address, unsigned long function)
{
        u32 word;

        if (!kernel_text_contains(address) || !kernel_text_contains(address - OPCODE_CALL_BYTES))
                return false;
        if (probe_read(address - sizeof(u32), &word) &&
            *(const u8 *)(address - OPCODE_CALL_BYTES) == OPCODE_CALL && address + word == function)
                return true;
        for (unsigned long start = address - 7; start <= address - 2; start++) {
                const u8 *code = (const u8 *)start;

                if (code[0] == OPCODE_INDIRECT && ((code[1] >> 3) & 7) == OPCODE_INDIRECT_CALL)
                        return true;
        }
        return false;
}

/* The return address that no frame holds yet; 0 when there is none. */
static unsigned long frameless_caller(unsigned long instruction, unsigned long stack_pointer)
{
        unsigned long offset = 0;
        unsigned long function = instruction;
        unsigned long candidate;

        if (symbol_name(instruction, &offset))
                function = instruction - offset;
        if (kernel_text_contains(function) &&
            (*(const u32 *)function & PROLOGUE_MASK) == PROLOGUE_CODE) {
                if (offset >= PROLOGUE_BYTES)
                        return 0;
                stack_pointer += offset ? sizeof(u32) : 0;
        }
        if (!read_stack(stack_pointer, &candidate) || !follows_call(candidate, function))
                return 0;
        return candidate;
}

void backtrace_print(struct backtrace_origin origin)
{
        if (origin.instruction || origin.stack_pointer) {
                unsigned long caller = frameless_caller(origin.instruction, origin.stack_pointer);

                print_line(origin.instruction, false, 1);
                if (caller)
                        print_line(caller, true, 1);
        }
        print_frames(origin.frame_pointer);
}

void dump_stack(void)
{
        print_frames((unsigned long)__builtin_frame_address(0));
}

unsigned int backtrace_capture(unsigned long *addresses, unsigned int capacity)
{
        struct cursor cursor = { .frame_pointer = (unsigned long)__builtin_frame_address(0) };
        unsigned int count = 0;
        unsigned long own;

        if (!next_frame(&cursor, &own))
                return 0;
        while (count < capacity && next_frame(&cursor, &addresses[count]))
                count++;
        return count;
}
