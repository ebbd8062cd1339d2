"""
The boots of the system tests: a table.

Each entry is a machine of its own; model.Boot says what the fields mean. The first part of a name
is the group it is summed up in. Add a boot by adding a line; see it alone with

    tests/system/run --only NAME
"""

from crashes import CRASHES
from matrix import MATRIX
from model import NEVER, Boot, Live, verdict
from smp import SMP
from sweep import Sweep

# Where each build of the kernel is, in options of run-qemu and run-v86; {build} is $O.
BUILDS = {
    "debug": ("--build", "{build}"),
    "release": ("--build", "{build}", "--release"),
    "stack1": ("--build", "{build}", "--stack-pages", "1"),
    "stack1-release": ("--build", "{build}", "--stack-pages", "1", "--release"),
    "clang": ("--build", "{build}/clang"),
    "clang-release": ("--build", "{build}/clang", "--release"),
}

BOTH = ("debug", "release")
ALL = tuple(BUILDS)

MEMORY = (
    Boot("memory.5M", "-m 5M"),
    Boot("memory.16M", "-m 16M"),
    Boot("memory.64M", "-m 64M", builds=BOTH),
    Boot("memory.512M", "-m 512M", builds=("debug", "stack1", "stack1-release")),
    Boot("memory.1G", "-m 1G", builds=ALL),
    Boot("memory.4G", "-m 4G", builds=BOTH),
    Boot("memory.8G", "-m 8G"),
    Boot("memory.63G", "-m 63G --cpu max,-lm"),
    Boot("memory.64G", "-m 64G --cpu max", builds=BOTH),
    Boot("memory.64G_q35", "-m 64G --machine q35"),
    Boot("memory.gap_at_512M", "-m 2G --cpu max --machine pc,max-ram-below-4g=512M"),
    Boot("memory.gap_at_1G", "-m 3G --machine q35,max-ram-below-4g=1G"),
    Boot("memory.gap_at_3G", "-m 4G --machine pc,max-ram-below-4g=3G"),
    Boot("memory.capped", "-m 64M", "mem=32M test=all"),
    Boot("memory.capped_high", "-m 2G", "mem=1G test=all"),
)

CPU = (
    Boot("cpu.qemu32", "--cpu qemu32"),
    Boot("cpu.qemu32_nx_pse36", "--cpu qemu32,+nx,+pse36 -m 4G"),
    Boot("cpu.no_nx_above_4G", "--cpu qemu32 -m 8G",
         expect=(r"^memory: \d+ KiB of RAM above 0x100000000 not used: RAM out of reach$",)),
    Boot("cpu.max_36_bits", "--cpu max,-lm -m 4G", builds=BOTH),
    Boot("cpu.max_40_bits", "--cpu max"),
    Boot("cpu.nehalem", "--cpu Nehalem -m 4G"),
    Boot("cpu.pentium3", "--cpu pentium3"),
    Boot("cpu.kvm32", "--cpu kvm32"),
    Boot("cpu.coreduo", "--cpu coreduo"),
    Boot("cpu.n270", "--cpu n270"),
    Boot("cpu.no_apic", "--cpu qemu32,-apic"),
)

REFUSED = tuple(
    Boot(f"refused.{model}", f"--cpu {model}", status=verdict.REFUSED, builds=ALL, timeout=20,
         expect=(r"^Strata cannot start: .*PAE",), reject=(r"KTAP version",))
    for model in ("486", "pentium")
) + (
    Boot("refused.memory", "-m 2M", status=verdict.REFUSED, timeout=20,
         expect=(r"^Strata cannot start: .*memory",), reject=(r"KTAP version",)),
)

MACHINE = (
    Boot("machine.q35", "--machine q35 -m 512M", builds=(*BOTH, "stack1", "stack1-release")),
    Boot("machine.q35_4G", "--machine q35 -m 4G"),
    Boot("machine.no_acpi", "--machine pc,acpi=off"),
    Boot("machine.icount", "--icount 0"),
    # 64 CPUs on two or four real ones: what contends everywhere takes minutes.
    Boot("machine.smp64", "--smp 64", "test=pages,page_zones,account,traps,printk"),
    Boot("machine.isapc", "--machine isapc --cpu pentium3"),
    Boot("machine.no_vga", "--qemu '-vga none'", "test=pages,traps,account"),
    Boot("machine.iso_multiboot1", "--iso=multiboot", builds=BOTH),
    Boot("machine.iso_multiboot2", "--iso=multiboot2"),
    Boot("machine.q35_iso", "--machine q35 --iso=multiboot"),
    Boot("machine.q35_iso_multiboot2", "--machine q35 --iso=multiboot2", builds=("release",)),
    Boot("machine.iso_quotes", "--iso=multiboot", 'run="meminfo; buddyinfo"',
         expect=(r"^MemTotal:", r"^Node 0, zone +Normal")),
    Boot("machine.v86", "-m 64M", program="tools/run-v86", builds=BOTH, timeout=240),
    Boot("machine.v86_1G", "-m 1G", "test=account,pages,page_zones,traps",
         program="tools/run-v86", timeout=240),
    Boot("machine.v86_acpi", "-m 64M --acpi", "test=account,pages,traps,uart",
         program="tools/run-v86", timeout=240),
)

MODULES = (
    Boot("module.one", "--initrd 'LICENSE first words'", 'run="iomem"',
         expect=(r"^  [0-9a-f]{8}-[0-9a-f]{8} : Module .*LICENSE first words$",)),
    Boot("module.by_grub", "--iso=multiboot --initrd LICENSE"),
    Boot("module.by_grub_multiboot2", "--iso=multiboot2 --initrd 'LICENSE its words'",
         'run="iomem"',
         expect=(r"^  [0-9a-f]{8}-[0-9a-f]{8} : Module .*LICENSE its words$",)),
    Boot("module.by_v86", "-m 64M --initrd LICENSE", "test=account,multiboot,pages",
         program="tools/run-v86", timeout=240),
)

COMMAND_LINE = (
    Boot("line.run", "", 'run="meminfo; zoneinfo"', builds=BOTH,
         expect=(r"^MemTotal:", r"^Node 0, zone +Normal")),
    Boot("line.nothing_unknown", "", 'seed=7 mem=64M console=serial run="echo fine"',
         expect=(r"^fine$",), reject=(*NEVER, "warning")),
    Boot("line.unknown_words", "", 'colour=blue run="meminfo" quiet',
         expect=(r"^warning: unknown words on the command line: colour quiet$",)),
    Boot("line.many_unknown_words", "", 'a b c d e f g h i j k l m n o p q r s run="echo after"',
         expect=(r"^warning: .*: a b c d e f g h i j k l m n o p and 3 more$", r"^after$")),
    Boot("line.quotes", "", 'run="echo \'a  b\'; echo c"', expect=(r"^'a b'$", r"^c$")),
    Boot("line.unclosed_quote", "", "colour=don't run=meminfo", expect=(r"^The rows add up",)),
    Boot("line.run_beside_test", "", 'test=account run="echo never" seed=1',
         expect=(r"^warning: test= is given too, run= is not carried out$", r"^ok 1 account$"),
         reject=(*NEVER, "never$")),
    Boot("line.banner_in_kib", "-m 4M", "run=echo",
         expect=(r"^Strata, .*: [1-9]\d{3} KiB of memory, [1-9]\d{3} free$",)),
    Boot("line.seed", "", "test=account seed=9007199254740993",
         expect=(r"^# seed 9007199254740993$",)),
    Boot("line.bad_seed", "", 'seed=soon run="test account"',
         expect=(r"^warning: seed=soon is no number, ignored$", r"^# seed 1$")),
    Boot("line.one_suite", "", "test=account seed=1", expect=(r"^1\.\.1$", r"^ok 1 account$")),
    Boot("line.two_suites", "", "test=printk,account seed=1",
         expect=(r"^1\.\.2$", r"^ok \d printk$", r"^ok \d account$")),
    Boot("line.one_test", "", "test=account.rows_add_up_to_all_ram seed=1",
         expect=(r"^1\.\.1$", r"^  1\.\.1$")),
    Boot("line.mem", "-m 64M", "mem=0x2000000 run=meminfo",
         expect=(r"^memory: 32640 KiB of RAM above 0x2000000 not used: RAM above mem=$",
                 r"^The rows add up")),
    Boot("line.mem_beyond", "-m 64M", "mem=1T run=meminfo",
         expect=(r"^The rows add up",), reject=(*NEVER, "not used", "warning")),
    Boot("line.mem_too_small", "-m 64M", "mem=100K run=meminfo",
         expect=(r"^warning: mem=102400 ignored: the kernel needs \d+ bytes$",
                 r"^The rows add up")),
) + tuple(
    Boot(f"line.mem_nonsense_{name}", "-m 64M", f"mem={value} run=meminfo",
         expect=(rf"^warning: mem={value} is no size, ignored$", r"^The rows add up"),
         reject=(*NEVER, "not used"))
    for name, value in (("word", "lots"), ("zero", "0"), ("negative", "-1"), ("unit", "12x"),
                        ("overflow", "99999999999999999999"), ("shift", "17179869184G"))
)

# Failures on purpose: of every second request, the first let through, all fail.
ALLOC_FOUR = 'run="alloc 0; alloc 0; alloc 0; alloc 0; fail"'
INJECTION = (
    Boot("fail.at_boot", "", f"fail_page_alloc=100,2,1 {ALLOC_FOUR}", status=verdict.TESTS_FAILED,
         expect=(r"^fail_page_alloc: 100 % of one request in 2, after 1; 2 of 4 failed$",
                 r"(strata> alloc 0\npfn:.*\nstrata> alloc 0\nno block of order 0\n){2}")),
    Boot("fail.never", "", f"fail_page_alloc=0,1,0 {ALLOC_FOUR}",
         expect=(r"^no page allocation fails on purpose$",)),
    Boot("fail.nonsense", "", 'fail_page_alloc=often run="fail; alloc 0"',
         expect=(r"^warning: fail_page_alloc=often is not PERCENT,INTERVAL,AFTER, ignored$",
                 r"^no page allocation fails on purpose$")),
    Boot("fail.not_in_release", "", 'fail_page_alloc=100,1,0 run="alloc 0"', builds=("release",),
         expect=(r"^warning: fail_page_alloc= does nothing in the release build$", r"^pfn:")),
)

# Tests that talk to the machine, or judge several runs; see tests/system/live.
LIVE = (
    Live("account", "test_account", builds=BOTH),
    # The targets are those of GCC's code; clang frees a row of pages in 115 instructions each.
    Live("bench", "test_bench", builds=("release",)),
    Live("explore.planted", "test_explore"),
    Live("gdb", "test_gdb", builds=("debug", "clang-release")),
    Live("loader", "test_loader", builds=BOTH),
    Live("memory.least", "test_least", builds=BOTH),
    Live("module.contents", "test_modules", builds=BOTH),
    Live("monitor", "test_monitor", builds=BOTH),
    Live("reproduce", "test_reproduce"),
    Live("screen", "test_screen", builds=BOTH),
)

# A few points of each; tests/system/explore goes on from there.
EXPLORED = (
    Sweep("tasks", "tasks,wait,completion", cpus=2),
    Sweep("locks", "mutex,semaphore,rwlock", cpus=2),
    Sweep("spinlock", "spinlock", cpus=3),
    Sweep("percpu", "percpu", cpus=3),
    Sweep("pages", "page_storm", cpus=2),
    Sweep("calls", "smp,smp_tlb", cpus=2),
    Sweep("deferred", "timers,softirq,workqueues", cpus=2),
)

BOOTS = (MEMORY + CPU + REFUSED + MACHINE + MODULES + COMMAND_LINE + INJECTION + CRASHES + SMP +
         MATRIX)
