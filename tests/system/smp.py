"""
The boots with several CPUs, for boots.py.

Here SMP-1 (a late CPU is left out, and one that is late within reason is not), SMP-2 and SMP-3 of
kernel/smp_start.c have their tests, and NMI-1 of kernel/nmi.c: the call chain of a frozen CPU is
whole.
"""

from model import NEVER, Boot, verdict

BOTH = ("debug", "release")
SUITES = "test=smp,smp_tlb,printk,traps"


def online(count, of=None):
    """The line that says how many CPUs run."""
    return rf"^smp: {count} of {of or count} CPUs online$"


MACHINES = (
    Boot("smp.one", "--smp 1", SUITES, expect=(online(1),)),
    Boot("smp.two", "--smp 2", SUITES, builds=BOTH, expect=(online(2),)),
    Boot("smp.four", "--smp 4", SUITES, builds=BOTH, expect=(online(4),)),
    Boot("smp.eight", "--smp 8", SUITES, expect=(online(8),)),
    Boot("smp.four_q35", "--smp 4 --machine q35", SUITES, builds=BOTH, expect=(online(4),)),
    Boot("smp.eight_q35", "--smp 8 --machine q35", SUITES, expect=(online(8),)),
    Boot("smp.four_no_execute", "--smp 4 --cpu max,-lm", SUITES, expect=(online(4),)),
    Boot("smp.two_pentium3", "--smp 2 --cpu pentium3", SUITES, expect=(online(2),)),
    # The MP table of this machine shows one CPU for each socket.
    Boot("smp.four_mp_table", "--smp 4,sockets=4,cores=1 --machine pc,acpi=off", SUITES,
         expect=(online(4),)),
    Boot("smp.two_icount", "--smp 2 --icount 2", SUITES, expect=(online(2),)),
    Boot("smp.four_icount", "--smp 4 --icount 3", SUITES, expect=(online(4),)),
    Boot("smp.all_64", "--smp 64", 'run="cpus"', builds=BOTH,
         expect=(online(64), r"^ 63   63  \S+ ", r"^64 of 64 CPUs online, 0 not used$")),
    Boot("smp.more_than_64", "--smp 68 --machine q35", 'run="cpus"',
         expect=(online(64), r"^64 of 68 CPUs online, 4 not used$")),
    Boot("smp.no_apic", "--cpu qemu32,-apic", 'run="cpus"', expect=(online(1),)),
)

OPTIONS = (
    Boot("smp.maxcpus", "--smp 4", 'maxcpus=2 run="cpus"', builds=BOTH,
         expect=(online(2), r"^2 of 4 CPUs online, 2 not used$")),
    Boot("smp.maxcpus_0", "--smp 4", f"maxcpus=0 {SUITES}", expect=(online(1),)),
    Boot("smp.maxcpus_1", "--smp 4", 'maxcpus=1 run="cpus"', expect=(online(1),)),
    Boot("smp.maxcpus_beyond", "--smp 2", 'maxcpus=1000 run="cpus"', expect=(online(2),)),
    Boot("smp.maxcpus_nonsense", "--smp 2", 'maxcpus=many run="cpus"',
         expect=(r"^warning: maxcpus=many is no number, ignored$", online(2))),
    Boot("smp.late_within_reason", "--smp 4", 'latecpu=2,300 run="cpus"', expect=(online(4),)),
    Boot("smp.late", "--smp 4", f"latecpu=2,4000 {SUITES}", builds=BOTH,
         expect=(r"^smp: CPU 2 \(APIC id 2\) did not start in time, left out$", online(3, 4))),
    Boot("smp.late_comes", "--smp 3", 'latecpu=1,2500 run="wait 4000; cpus"',
         expect=(r"^smp: CPU 1 \(APIC id 1\) did not start in time, left out$",
                 r"^  1    1  came too late$", online(2, 3))),
    Boot("smp.dead", "--smp 3", 'latecpu=2,never run="cpus"',
         expect=(r"^smp: CPU 2 \(APIC id 2\) did not start in time, left out$",
                 r"^  2    2  did not start$", online(2, 3))),
    Boot("smp.late_nonsense", "--smp 2", 'latecpu=soon run="cpus"',
         expect=(r"^warning: latecpu=soon is not CPU,MILLISECONDS, ignored$", online(2))),
    Boot("smp.watchdog_nonsense", "", 'watchdog=often run="cpus"',
         expect=(r"^warning: watchdog=often is no number of seconds, ignored$",)),
)

ENDS = (
    Boot("smp.watchdog", "--smp 4", 'watchdog=2 run="crash hang-cpu; echo survived"', builds=BOTH,
         expect=(r"^BUG: watchdog: CPU 1 takes no ticks for 2 s$",
                 r"^CPU 1: task \S+, interrupts off, in hang_here",
                 r"\n  [0-9a-f]{8} hang_here\S*(\n  [0-9a-f]{8} .*)*"
                 r"\n  [0-9a-f]{8} (?:smp_start_main|task_begin)\S*\n", r"^survived$"),
         reject=(r"(^BUG: (?:.|\n)*){2}", r"^panic: ")),
    Boot("smp.watchdog_is_off", "--smp 2", 'watchdog=0 run="crash hang-cpu; echo survived"',
         expect=(r"^survived$",)),
    Boot("smp.nobody_else", "", 'run="crash hang-cpu"', expect=(r"^there is no other CPU$",)),
    Boot("smp.panic_of_another", "--smp 4", 'run="crash panic-cpu"', status=verdict.PANIC,
         builds=BOTH, reject=(),
         expect=(r"^panic: planted on CPU 1\ncall chain:\n  [0-9a-f]{8} panic_here",
                 r"^CPU 0: task init, (?:.*\n)*  [0-9a-f]{8} kernel_main\S*\nCPU 2: task \S+, "
                 r"(?:.*\n)*CPU 3: task \S+, ")),
    Boot("smp.panic_of_all", "--smp 4", 'run="crash panic-all"', status=verdict.PANIC,
         reject=(r"(^panic: (?:.|\n)*){2}", "panic inside panic"),
         expect=(r"^panic: planted on CPU \d\ncall chain:\n", r"^CPU \d: task ")),
    Boot("smp.panic_with_a_dead_cpu", "--smp 3", 'latecpu=1,never run="panic"',
         status=verdict.PANIC, reject=(r"^CPU 1: ",),
         expect=(r"^panic: asked for in the monitor$", r"^CPU 2: task \S+, ")),
    Boot("smp.fault_among_others", "--smp 4", 'run="crash null-read"', status=verdict.PANIC,
         reject=(),
         expect=(r"^panic: page fault: read of unmapped page", r"^CPU 3: task \S+, ")),
)

SMP = MACHINES + OPTIONS + ENDS
