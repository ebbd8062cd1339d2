"""
The expected ends of the kernel: each kind of `crash`, and the bugs that the monitor can plant.

Each crash is a boot of its own. What must be seen is the reason in words, the function that did it
at the head of the call chain, and kernel_main at its end; what must not is that the commands after
it run.
"""

import re

from model import NEVER, Boot, verdict

BOTH = ("debug", "release")
WITH_CLANG = (*BOTH, "clang", "clang-release")
STACK1 = ("stack1", "stack1-release")
CHECKED = ("debug", "clang")
NO_EXECUTE = "--cpu max"


def chain(*functions):
    """A call chain that has these functions in this order; the last of all is kernel_main()."""
    link = r"(?:  .*\n)*?"
    steps = "".join(rf"{link}  [0-9a-f]{{8}} {name}\+0x\S+.*\n" for name in functions)
    return rf"^call chain:\n{steps}(?:  .*\n)*  [0-9a-f]{{8}} kernel_main\+0x\S+\n"


def crash(kind, message, function, *more, options="", builds=BOTH, name=None):
    """The boot that crashes so; message is what stands behind "panic: "."""
    functions = (function, "crash_run") if function else ("crash_run",)
    return Boot(f"crash.{name or kind}", options, f'run="crash {kind}; echo survived"',
                status=verdict.PANIC, builds=builds, timeout=30,
                expect=(rf"^panic: {message}", chain(*functions), *more),
                reject=(r"^BUG: ", r"^survived$", r"^panic inside panic"))


def reported(kind, message, function):
    """What is reported in the debug builds and goes on; message stands behind "BUG: "."""
    return Boot(f"crash.{kind}", "", f'run="crash {kind}; echo survived"', builds=CHECKED,
                expect=(rf"^BUG: {message}", rf"^  [0-9a-f]{{8}} {function}\+0x", r"^survived$"),
                reject=(r"^panic: ", r"(^BUG: (?:.|\n)*){2}"))


def page_fault(kind, message, address, function, *more, **fields):
    """A crash by a page fault: its report also shows registers, cr2 and the page tables."""
    return crash(kind, rf"page fault: {message}, at 0x{address}\b", function,
                 r"^exception 14, page fault, error code [0-9a-f]{4}, in kernel mode$",
                 r"^eax [0-9a-f]{8}  ebx [0-9a-f]{8}  ecx [0-9a-f]{8}  edx [0-9a-f]{8}$",
                 rf"^cr0 .*  cr2 {address}  cr3 ", rf"^page tables of {address}: ", *more, **fields)


def exception(kind, number, message, function, **fields):
    """A crash by any other exception."""
    return crash(kind, message, function,
                 rf"^exception {number}, .*, error code [0-9a-f]{{4}}, in kernel mode$",
                 r"^eip [0-9a-f]{8}  cs 0008  ss 0010 ", **fields)


def unprotected(kind):
    """What only a CPU with NX refuses is carried out by others."""
    return Boot(f"crash.{kind}_without_nx", "--cpu qemu32", f'run="crash {kind}; echo survived"',
                builds=BOTH, expect=(r"^survived$",))


ADDRESS = "[c-f][0-9a-f]{7}"
READ_ONLY = "4 KiB page, read-only"

FAULTS = (
    page_fault("null-read", "read of unmapped page, NULL page", "00000000", "null_read",
               r"^page tables of 00000000: .*not present"),
    page_fault("null-write", "write to unmapped page, NULL page", "00000008", "null_write"),
    page_fault("null-call", "execution of unmapped page, NULL page", "00000000", None),
    page_fault("user-read", "read of unmapped page, user address", "08048000", "user_read"),
    page_fault("text-write", "write to read-only page, kernel text", ADDRESS, "text_write",
               r"^panic: .*\(crash_run\+0x0\)", rf"^page tables of .*{READ_ONLY}, executable",
               builds=WITH_CLANG),
    page_fault("rodata-write", "write to read-only page, kernel read-only data", ADDRESS,
               "rodata_write", r"^panic: .*\(constant\+0x0\)", rf"^page tables of .*{READ_ONLY}",
               builds=WITH_CLANG),
    page_fault("rodata-write", "write to read-only page, kernel read-only data", ADDRESS,
               "rodata_write", rf"^page tables of .*{READ_ONLY}, not executable",
               options=NO_EXECUTE, name="rodata-write_with_nx"),
    page_fault("data-exec", "execution of non-executable page, kernel data", ADDRESS,
               "code_in_data", r"^page tables of .*writable, not executable",
               options=NO_EXECUTE, builds=WITH_CLANG),
    page_fault("stack-exec", "execution of non-executable page, kernel stack", ADDRESS,
               "stack_execute", r"^page tables of .*writable, not executable",
               options=NO_EXECUTE),
    unprotected("data-exec"),
    unprotected("stack-exec"),
    exception("div0", 0, r"divide error, in divide_by_zero\+0x", "divide_by_zero",
              builds=WITH_CLANG),
    exception("invalid-opcode", 6, r"invalid opcode, in invalid_opcode\+0x", "invalid_opcode"),
    exception("breakpoint", 3, r"breakpoint, in breakpoint\+0x", "breakpoint"),
    exception("gpf", 13, r"general protection fault: selector 0x78 of the GDT, "
              r"in protection_fault\+0x", "protection_fault"),
)

def overflow(kind, stack, size, task, root, *more, options="", builds=WITH_CLANG + STACK1,
             name=None):
    """A stack that is filled: whose it was, how deep, and the calls that did it, to their root."""
    return Boot(f"crash.{name or kind}", options, f'run="crash {kind}; echo survived"',
                status=verdict.PANIC, builds=builds, timeout=30,
                expect=(rf"^BUG: stack-overflow: {stack} of {size} bytes, task {task}, CPU \d+, "
                        r"\d+ bytes deep$",
                        r"^panic: double fault, kernel stack overflow, esp 0x[0-9a-f]{8}, "
                        r"in overflow_stack\+0x",
                        r"^  [0-9a-f]{8} overflow_stack\S+ \(\d+ times\)$",
                        rf"^  [0-9a-f]{{8}} {root}\+0x", *more),
                reject=(r"^survived$", r"^panic inside panic"))


# What the double-fault task finds: the stack of the function is gone, so it may stand alone.
DOUBLE_FAULTS = (
    Boot("crash.double-fault", "", 'run="crash double-fault; echo survived"',
         status=verdict.PANIC, builds=WITH_CLANG, timeout=30, reject=(r"^survived$",),
         expect=(r"^exception 8, double fault; task init, kernel stack [0-9a-f]{8}-[0-9a-f]{8}$",
                 r"^eax .*\n.*  esp 00001000$", r"^cr0 .*  cr2 00000ffc ",
                 r"^panic: double fault, the stack pointer is outside the kernel stack, "
                 r"esp 0x00001000, in double_fault\+0x", chain())),
    overflow("stack-overflow", "task stack", r"\d+", "init", "kernel_main",
             r"^exception 8, double fault; task init, kernel stack [0-9a-f]{8}-[0-9a-f]{8}$",
             r"^page tables of .*; not present"),
    overflow("task-overflow", "task stack", r"\d+", "overflower", "task_begin"),
    overflow("irq-overflow", "task stack", "8192", "init", "kernel_main", builds=WITH_CLANG),
    overflow("irq-overflow", "interrupt stack", "4096", "init", "kernel_main", builds=STACK1,
             name="irq-overflow-own-stack"),
    crash("irq-sleep", r".*schedule\(\) in an interrupt handler$", r"schedule\S*",
          builds=WITH_CLANG + STACK1),
)

# The same while other CPUs run. They are stopped, and each says what it was doing.
OTHERS = (r"^CPU \d: task \S+, .*\n(?:  .*\n)*CPU \d: task \S+, .*\n(?:  .*\n)*CPU \d: task ",)
AMONG_OTHERS = (
    overflow("task-overflow", "task stack", r"\d+", "overflower", "task_begin", *OTHERS,
             options="--smp 4", builds=("debug", "stack1", "stack1-release"),
             name="task-overflow_among_others"),
    overflow("irq-overflow", "task stack", "8192", "init", "kernel_main", *OTHERS,
             options="--smp 4", builds=BOTH, name="irq-overflow_among_others"),
    overflow("irq-overflow", "interrupt stack", "4096", "init", "kernel_main", *OTHERS,
             options="--smp 4", builds=STACK1, name="irq-overflow-own-stack_among_others"),
    crash("irq-sleep", r".*schedule\(\) in an interrupt handler$", r"schedule\S*", *OTHERS,
          options="--smp 4", builds=("debug", "stack1"), name="irq-sleep_among_others"),
    # The debug build says beforehand that it is about to happen, and later that it has: with an
    # instruction of 256 ns, ten seconds are over soon.
    Boot("crash.deadlock", "--smp 2 --icount 8", 'run="crash deadlock; echo survived"',
         status=verdict.PANIC, builds=("debug",), timeout=30,
         expect=(r"^BUG: lock-order: (left|right)_lock taken while (right|left)_lock is held: "
                 r"\2_lock -> \1_lock, but seen before: \1_lock -> \2_lock$",
                 r"^BUG: lock-too-long: (left|right)_lock does not become free, held by ",
                 r"^panic: .*deadlock: \S+ waits for lock (left|right)_lock, whose holder waits "
                 r"for a lock of it$"),
         reject=(r"^survived$",)),
    Boot("crash.deadlock_unchecked", "--smp 2", 'run="crash deadlock; echo survived"',
         status=verdict.TIMEOUT, builds=("release",), timeout=4, reject=(*NEVER, r"^survived$")),
    Boot("crash.deadlock_of_one", "", 'run="crash deadlock; echo survived"',
         expect=(r"^there is no other CPU$", r"^survived$")),
)


def panic_twice(kind, second):
    """A panic in which a second thing goes wrong: one line more, and the end."""
    return Boot(f"crash.{kind}", "", f'run="crash {kind}; echo survived"', status=verdict.PANIC,
                builds=BOTH, timeout=30, reject=(r"^survived$",),
                expect=(r"^panic: planted by the command crash$", chain("plain_panic", "crash_run"),
                        rf"^panic inside panic: {second}.*\n(?!.*\n)"))


PANICS = (
    crash("panic", "planted by the command crash$", "plain_panic",
          r"^Normal +free:\d+ cached:\d+ min:\d+ low:\d+ high:\d+ managed:\d+$",
          builds=WITH_CLANG),
    panic_twice("nested-panic", "planted in a hook"),
    panic_twice("panic-fault", "page fault: read of unmapped page, NULL page, at 0x00000000"),
    Boot("crash.bug", "", 'run="crash bug; echo survived"', builds=WITH_CLANG,
         expect=(r"^BUG: planted: by the command crash$", r"^  [0-9a-f]{8} bug\+0x", r"^survived$"),
         reject=(r"^panic: ",)),
    Boot("crash.unknown", "", 'run="crash nonsense; echo survived"',
         status=verdict.TESTS_FAILED, expect=(r"^nonsense: no such kind$", r"^survived$")),
)

# What memory and locks refuse. The name in front of crash_run may be a cold part of a function.
REFUSALS = (
    crash("bootmem-late", r".*bootmem\.is_closed: alloc_bootmem\(1\) after bootmem was handed over",
          r"alloc_bootmem\S*", builds=WITH_CLANG),
    crash("bootmem-late-free", r".*bootmem\.is_closed: free_bootmem\(\S+\) after bootmem was "
          "handed over", r"free_bootmem\S*"),
    crash("nofail", r"out of memory: order 0, mode 0x[0-9a-f]+, and the caller cannot do without$",
          r"alloc_\S*"),
    crash("free-list", "invariant BUDDY-5 broken: ", r"check_structures"),
    reported("lock-order", r"lock-order: upper, rank \d+, taken while lower, rank \d+, is held: "
             "lower -> upper$", "lock_order"),
    reported("unlock", r"bad-unlock: upper released by \S+, held by \?$", "unlock"),
    Boot("crash.double-lock", "", 'run="crash double-lock; echo survived"', status=verdict.PANIC,
         builds=CHECKED, timeout=30, reject=(r"^survived$", r"^panic inside panic"),
         expect=(r"^BUG: double-lock: \S+ takes upper again, held since double_lock\+0x\S+$",
                 r"^panic: deadlock: \S+ waits for lock upper, which it holds$",
                 chain("double_lock", "crash_run"))),
) + tuple(
    Boot(f"crash.{kind}_unchecked", "", f'run="crash {kind}; echo survived"',
         builds=("release",), expect=(r"^only the debug build checks locks$", r"^survived$"))
    for kind in ("lock-order", "double-lock", "unlock")
)

OTHER_ENDS = (
    Boot("end.panic", "", 'run="panic"', status=verdict.PANIC, builds=WITH_CLANG, reject=(),
         expect=(r"^panic: ", chain())),
    Boot("end.triple_fault", "", 'run="crash triple"', status=verdict.TRIPLE_FAULT),
    Boot("end.reboot", "", 'run="reboot"', status=verdict.RESET),
    Boot("end.poweroff", "", 'run="poweroff; echo survived"', reject=(*NEVER, r"^survived$")),
    Boot("end.hang", "", 'run="crash hang"', status=verdict.TIMEOUT, timeout=3),
    Boot("end.v86_panic", "-m 64M", 'run="panic"', status=verdict.PANIC, reject=(),
         program="tools/run-v86", expect=(r"^panic: ",)),
    Boot("end.v86_triple_fault", "-m 64M", 'run="crash triple"', status=verdict.TRIPLE_FAULT,
         program="tools/run-v86"),
    Boot("end.v86_reboot", "-m 64M", 'run="reboot"', status=verdict.RESET, program="tools/run-v86"),
)

# The test report decides as well: here the guest writes one by hand, and then says success.
REPORTS = (
    Boot("end.report", "", 'run="echo KTAP version 1; echo 1..1; echo ok 1 a; poweroff"'),
    Boot("end.failed_test", "",
         'run="echo KTAP version 1; echo 1..1; echo not ok 1 a; poweroff"',
         status=verdict.TESTS_FAILED, expect=(r"^not ok 1 a$",)),
    Boot("end.incomplete_plan", "",
         'run="echo KTAP version 1; echo 1..2; echo ok 1 a; poweroff"',
         status=verdict.INCOMPLETE, expect=(r"^ok 1 a$",)),
    Boot("end.planted_failure", "", "test=planted.fail,account", status=verdict.TESTS_FAILED,
         expect=(r"^  # tests/self/planted\.c:\d+: 1 \+ 1 is 2 .*not 3, 3\n  # reproduce: .*"
                 r"\n  not ok 1 fail\nnot ok \d planted$", r"^ok \d account$")),
    Boot("end.planted_leak", "", "test=planted.leak", status=verdict.TESTS_FAILED,
         expect=(r"^  # kernel/self_test\.c:\d+: zone \w+ leaks 1 pages\n",)),
    Boot("end.planted_quit", "", "test=planted.quit,account", status=verdict.INCOMPLETE,
         reject=(*NEVER, "not ok")),
    Boot("end.planted_panic", "", "test=planted.panic", status=verdict.PANIC, reject=(),
         expect=(r"^panic: planted by a test$", chain("self_tests_run"),
                 r"^ *Bail out! planted\.panic: panic$")),
    Boot("end.no_test_of_that_name", "", "test=no.such.test", status=verdict.TESTS_FAILED,
         expect=(r"^# there is no such suite or test\nnot ok 1 no\.such\.test$",)),
    Boot("end.command_fails", "", 'run="nonsense; echo after"', status=verdict.TESTS_FAILED,
         expect=(r"^nonsense: no such command", r"^after$")),
)


# Planted tests that harm more than themselves.
PLANTED = (
    Boot("end.leaking_test", "", "test=planted.leak", status=verdict.TESTS_FAILED,
         expect=(r"zone Normal leaks 1 pages$",)),
    Boot("end.panicking_test", "", "test=planted.panic", status=verdict.PANIC, reject=(),
         expect=(r"^  # reproduce: .*test=planted.panic", r"^Bail out! planted.panic")),
    Boot("end.failing_test", "", "test=planted.fail", status=verdict.TESTS_FAILED,
         expect=(r"^  not ok 1 fail$",)),
    Boot("end.quitting_test", "", "test=planted.quit", status=verdict.INCOMPLETE),
)

# Calls that can only end in a panic: what it says, and in which builds.
FATAL_CALLS = tuple(
    Boot(f"fatal.{kind}", "-m 64M", f'run="crash {kind}"', status=verdict.PANIC, reject=(),
         expect=(r"^panic: .*" + message, r"^  [0-9a-f]{8} crash_run"), builds=builds)
    for kind, message, builds in (
        ("bootmem-late", r"alloc_bootmem\(1\) after bootmem was handed over", BOTH),
        ("bootmem-late-free", r"free_bootmem\(4096\) after bootmem was", BOTH),
        ("nofail", "out of memory: order 0, mode 0x820", BOTH),
        ("free-list", "invariant BUDDY-5 broken", BOTH),
        ("double-lock", "deadlock: .* waits for lock upper", ("debug",)),
    ))


def bug(name, commands, *reports, status=verdict.TESTS_FAILED, builds=BOTH):
    """Commands that misuse the page allocator: so many reports, and then everything still holds."""
    found = r"\n(?:  .*\n|strata> .*\n|pfn:.*\n|no block.*\n)*".join(
        rf"BUG: {report}.*" for report in reports)
    return Boot(f"bug.{name}", "", f'run="{commands}; check; meminfo"', status=status,
                builds=builds,
                expect=(rf"^{found}$", r"^every invariant holds$", r"^The rows add up"),
                reject=(r"^panic: ", rf"(^BUG: (?:.|\n)*){{{len(reports) + 1}}}"))


ALLOCATED_BY = r".*allocated by command_alloc\+0x"

BUGS = (
    bug("double_free", "alloc 0; free last; free last", r"double-free: .*, zone Normal, order 0"),
    bug("double_free_says_who", "alloc 0; free last; free last",
        rf"double-free: {ALLOCATED_BY}\S+, freed by command_free\+0x", builds=("debug",)),
    bug("wrong_order", "alloc 2; free last 1; free last",
        r"wrong-order: free of order 1, .*order 2"),
    bug("reserved", "free pfn:0", r"free-reserved: .*page 0, zone DMA"),
    bug("kernel_text", "free kernel_main; free pfn:0", r"(free-reserved|bad-address): ",
        r"free-reserved: "),
    bug("wrong_address", "free 0xc0200123; free 0xf8000000; free 0x08048000",
        r"bad-address: .*0xc0200123", r"bad-address: .*0xf8000000", r"bad-address: .*0x8048000"),
    bug("wrong_order_of_request", "alloc 11", r"bad-order: .*order 11, the largest is 10"),
)

CRASHES = (FAULTS + DOUBLE_FAULTS + AMONG_OTHERS + PANICS + REFUSALS + OTHER_ENDS + REPORTS +
           PLANTED + FATAL_CALLS + BUGS)
