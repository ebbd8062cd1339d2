/*
 * crash.c - misbehaving on command.
 *
 * Everything goes through forget(), or through assembly, so that the compiler can neither see what
 * is coming nor leave it out.
 */
#include "kernel/monitor/crash.h"

#include "kernel/cpu/address.h"
#include "kernel/cpu/irqflags.h"
#include "kernel/cpu/preempt.h"
#include "kernel/cpu/smp.h"
#include "kernel/cpu/trap.h"
#include "kernel/monitor/crash_cpus.h"
#include "kernel/panic.h"
#include "kernel/reboot.h"
#include "kernel/sync/spinlock.h"
#include "kernel/task/kthread.h"
#include "kernel/task/sched.h"
#include "lib/string.h"
#include "mm/boot/bootmem.h"
#include "mm/debug/check.h"
#include "mm/phys/page_alloc.h"

#define OPCODE_RETURN 0xC3
#define UNUSED_SELECTOR 0x78
#define USER_ADDRESS 0x08048000ul
#define OVERFLOW_STEP_BYTES 256
#define FREE_VECTOR 0xE0                        /* no interrupt has it */

static u8 code_in_data[16] = { OPCODE_RETURN };
static const u32 constant = 42;

/* The same address, of which the compiler then knows nothing. */
static unsigned long forget(unsigned long address)
{
        __asm__ volatile("" : "+r"(address));
        return address;
}

/* Read a word. */
static void read_word(unsigned long address)
{
        (void)*(const volatile u32 *)forget(address);
}

/* Write a word of zeros. */
static void write_word(unsigned long address)
{
        *(volatile u32 *)forget(address) = 0;
}

/* Call whatever is at an address. */
static void call_address(unsigned long address)
{
        ((void (*)(void))forget(address))();
}

/* Read at address 0. */
static void null_read(void)
{
        read_word(0);
}

/* Write a member of a structure at address 0. */
static void null_write(void)
{
        write_word(8);
}

/* Call a function pointer that was never set. */
static void null_call(void)
{
        call_address(0);
}

/* Read where a user program would have its code. */
static void user_read(void)
{
        read_word(USER_ADDRESS);
}

/* Overwrite a function. */
static void text_write(void)
{
        write_word((unsigned long)crash_run);
}

/* Overwrite a constant. */
static void rodata_write(void)
{
        write_word((unsigned long)&constant);
}

/* Call code in a variable. */
static void data_execute(void)
{
        call_address((unsigned long)code_in_data);
}

/* Call code on the stack. */
static void stack_execute(void)
{
        volatile u8 code[16] = { OPCODE_RETURN };

        call_address((unsigned long)code);
}

/* Divide by zero. */
static void divide_by_zero(void)
{
        __asm__ volatile("xorl %%ecx, %%ecx\n\tdivl %%ecx" : : : "eax", "ecx", "edx", "cc");
}

/* Execute the instruction that never is one. */
static void invalid_opcode(void)
{
        __asm__ volatile("ud2");
}

/* Execute a breakpoint. */
static void breakpoint(void)
{
        __asm__ volatile("int3");
}

/* Load a segment register with an empty entry of the GDT. */
static void protection_fault(void)
{
        __asm__ volatile("movl %0, %%gs" : : "r"(UNUSED_SELECTOR));
}

/* Push where no page is, so that the page fault finds no stack either. */
static void double_fault(void)
{
        __asm__ volatile("movl %0, %%esp\n\tpushl %0" : : "r"(PAGE_SIZE) : "memory");
}

static void (*volatile next_call)(void);

/* Call itself until the stack is full; the array is what fills it. */
static void overflow_stack(void)
{
        u8 filler[OVERFLOW_STEP_BYTES];

        __asm__ volatile("" : : "r"(filler) : "memory");
        next_call();
        __asm__ volatile("" : : "r"(filler) : "memory");
}

/* Fill the stack. */
static void stack_overflow(void)
{
        next_call = overflow_stack;
        next_call();
}

/* The body of a thread that fills its stack. */
static int overflow_task(void *data __unused)
{
        stack_overflow();
        return 0;
}

/* Let a thread fill its stack. */
static void task_overflow(void)
{
        kthread_run(overflow_task, NULL, "overflower");
        for (;;)
                yield();
}

/* Raise an interrupt by an instruction, and let handler deal with it. */
static void interrupt_by_instruction(trap_handler_t handler)
{
        trap_set_handler(FREE_VECTOR, handler);
        __asm__ volatile("int %0" : : "i"(FREE_VECTOR) : "memory");
}

/* A handler that fills the stack that interrupts run on. */
static bool overflow_in_handler(struct trap_frame *frame __unused)
{
        irq_enter();
        stack_overflow();
        irq_exit();
        return true;
}

/* Fill the stack that interrupts run on. */
static void interrupt_overflow(void)
{
        interrupt_by_instruction(overflow_in_handler);
}

/* A handler that waits for another task. */
static bool sleep_in_handler(struct trap_frame *frame __unused)
{
        irq_enter();
        schedule();
        irq_exit();
        return true;
}

/* Sleep where there is no task that could. */
static void interrupt_sleep(void)
{
        interrupt_by_instruction(sleep_in_handler);
}

/* Never come back, and let no interrupt help. */
static void hang(void)
{
        local_irq_disable();
        for (;;)
                cpu_relax();
}

/* Report a bug, and go on. */
static void bug(void)
{
        bug_report("planted", "by the command crash");
}

/* Panic. */
static void plain_panic(void)
{
        panic("planted by the command crash");
}

/* A hook that panics. */
static void panic_again(void)
{
        panic("planted in a hook");
}

/* Panic, and once more in a hook. */
static void nested_panic(void)
{
        static struct panic_hook hook = { .name = "crash", .run = panic_again };

        panic_register_hook(&hook);
        plain_panic();
}

/* Panic, and fault in a hook. */
static void fault_in_panic(void)
{
        static struct panic_hook hook = { .name = "crash", .run = null_read };

        panic_register_hook(&hook);
        plain_panic();
}

/* Ask for boot memory when there is none any more. */
static void bootmem_late(void)
{
        alloc_bootmem(1);
}

/* Give boot memory back when nobody takes it any more. */
static void bootmem_late_free(void)
{
        free_bootmem(ISA_WINDOW_BYTES, PAGE_SIZE);
}

/* Take all memory, then say that it is not enough, by a request that cannot wait. */
static void nofail(void)
{
        for (unsigned int order = MAX_ORDER; order > 0; order--)
                while (alloc_pages(GFP_NOWAIT | __GFP_NOWARN, order - 1))
                        ;
        while (alloc_page(GFP_ATOMIC | __GFP_NOFAIL))
                ;
}

/* Let every page of a free block be a free block itself, and look. */
static void free_list(void)
{
        struct page *page = alloc_pages(GFP_KERNEL, MAX_ORDER - 2);

        if (!page)
                return;
        __free_pages(page, MAX_ORDER - 2);
        page_set_block(page + 1, PAGE_FREE, 0);
        mm_check();
}

static struct spinlock upper_lock = SPINLOCK_INIT("upper", LOCK_RANK_ZONE);
static struct spinlock lower_lock = SPINLOCK_INIT("lower", LOCK_RANK_OWNER);

/* Whether locks are checked here; says so if not. */
static bool locks_are_checked(void)
{
        if (!DEBUG_BUILD)
                printk("only the debug build checks locks\n");
        return DEBUG_BUILD;
}

/* Take two locks the wrong way round. */
static void lock_order(void) NO_THREAD_SAFETY_ANALYSIS
{
        if (!locks_are_checked())
                return;
        spin_lock(&lower_lock);
        spin_lock(&upper_lock);
        spin_unlock(&upper_lock);
        spin_unlock(&lower_lock);
}

/* Take a lock twice. */
static void double_lock(void) NO_THREAD_SAFETY_ANALYSIS
{
        if (!locks_are_checked())
                return;
        spin_lock(&upper_lock);
        spin_lock(&upper_lock);
}

/* Release a lock that is not held. */
static void unlock(void) NO_THREAD_SAFETY_ANALYSIS
{
        if (locks_are_checked())
                spin_unlock(&upper_lock);
}

/* All kinds, in the order in which they are listed. */
static const struct {
        const char *kind;
        void (*run)(void);
        const char *help;
} kinds[] = {
        { "null-read", null_read, "read at address 0" },
        { "null-write", null_write, "write near address 0" },
        { "null-call", null_call, "call address 0" },
        { "user-read", user_read, "read where user programs live" },
        { "text-write", text_write, "write to the kernel's code" },
        { "rodata-write", rodata_write, "write to a constant" },
        { "data-exec", data_execute, "execute data, which only a CPU with NX refuses" },
        { "stack-exec", stack_execute, "execute the stack, likewise" },
        { "div0", divide_by_zero, "divide by zero" },
        { "invalid-opcode", invalid_opcode, "execute what is no instruction" },
        { "breakpoint", breakpoint, "execute a breakpoint that nobody expects" },
        { "gpf", protection_fault, "load a segment that is none" },
        { "double-fault", double_fault, "push with a stack pointer that leads nowhere" },
        { "stack-overflow", stack_overflow, "call until the stack is full" },
        { "task-overflow", task_overflow, "the same in a thread of its own" },
        { "irq-overflow", interrupt_overflow, "the same in an interrupt handler" },
        { "irq-sleep", interrupt_sleep, "wait in an interrupt handler" },
        { "triple", cpu_reset_by_fault, "fault without tables: the machine resets" },
        { "hang", hang, "loop with interrupts off" },
        { "hang-cpu", crash_hang_other, "let another CPU loop with interrupts off" },
        { "deadlock", crash_deadlock, "let two CPUs wait for each other's lock" },
        { "panic-cpu", crash_panic_other, "let another CPU panic" },
        { "panic-all", crash_panic_all, "let all CPUs panic at once" },
        { "reboot", machine_reboot, "reset the machine" },
        { "bug", bug, "report a bug and go on" },
        { "panic", plain_panic, "panic" },
        { "nested-panic", nested_panic, "panic in a hook of a panic" },
        { "panic-fault", fault_in_panic, "fault in a hook of a panic" },
        { "bootmem-late", bootmem_late, "ask for boot memory after the hand-over" },
        { "bootmem-late-free", bootmem_late_free, "give boot memory back after the hand-over" },
        { "nofail", nofail, "take all memory, and more with __GFP_NOFAIL" },
        { "free-list", free_list, "damage a free block, and check memory" },
        { "lock-order", lock_order, "take two locks the wrong way round" },
        { "double-lock", double_lock, "take a lock twice" },
        { "unlock", unlock, "release a lock that is not held" },
};

/* Say which kinds there are. */
static void print_kinds(void)
{
        for (unsigned int index = 0; index < ARRAY_SIZE(kinds); index++)
                printk("  %-20s%s\n", kinds[index].kind, kinds[index].help);
}

bool crash_run(const char *kind)
{
        for (unsigned int index = 0; index < ARRAY_SIZE(kinds); index++) {
                if (strcmp(kinds[index].kind, kind))
                        continue;
                kinds[index].run();
                return true;
        }
        print_kinds();
        return false;
}
