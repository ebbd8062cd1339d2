"""
The boots of the system tests: a table.

Each entry is a machine of its own; model.Boot says what the fields mean. The first part of a name
is the group it is summed up in. Add a boot by adding a line; see it alone with

    tests/system/run --only NAME
"""

from crashes import CRASHES
from model import Boot, Live, verdict

# Where each build of the kernel is, in options of run-qemu and run-v86; {build} is $O.
BUILDS = {
    "debug": ("--build", "{build}"),
    "release": ("--build", "{build}", "--release"),
    "clang": ("--build", "{build}/clang"),
    "clang-release": ("--build", "{build}/clang", "--release"),
}

BOTH = ("debug", "release")
ALL = tuple(BUILDS)

MEMORY = (
    Boot("memory.5M", "-m 5M"),
    Boot("memory.16M", "-m 16M"),
    Boot("memory.64M", "-m 64M", builds=BOTH),
    Boot("memory.512M", "-m 512M"),
    Boot("memory.1G", "-m 1G", builds=ALL),
    Boot("memory.4G", "-m 4G", builds=BOTH),
    Boot("memory.8G", "-m 8G"),
    Boot("memory.63G", "-m 63G --cpu max,-lm"),
    Boot("memory.64G", "-m 64G --cpu max", builds=BOTH),
    Boot("memory.capped", "-m 64M", "mem=32M test=all"),
    Boot("memory.nonsense_cap", "-m 64M", "mem=lots test=all", expect=(r"mem=",)),
)

CPU = (
    Boot("cpu.qemu32", "--cpu qemu32"),
    Boot("cpu.qemu32_nx_pse36", "--cpu qemu32,+nx,+pse36 -m 4G"),
    Boot("cpu.no_nx_above_4G", "--cpu qemu32 -m 8G"),
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
    Boot("machine.q35", "--machine q35 -m 512M", builds=BOTH),
    Boot("machine.q35_4G", "--machine q35 -m 4G"),
    Boot("machine.no_acpi", "--machine pc,acpi=off"),
    Boot("machine.icount", "--icount 0"),
    Boot("machine.smp4", "--smp 4 -m 256M"),
    Boot("machine.iso_multiboot1", "--iso=multiboot", builds=BOTH),
    Boot("machine.iso_multiboot2", "--iso=multiboot2"),
    Boot("machine.iso_quotes", "--iso=multiboot", 'run="meminfo; buddyinfo"',
         expect=(r"^MemTotal:", r"^Node 0, zone +Normal")),
    Boot("machine.v86", "-m 64M", program="tools/run-v86", builds=BOTH),
    Boot("machine.v86_1G", "-m 1G", program="tools/run-v86", timeout=240),
    Boot("machine.v86_acpi", "-m 64M --acpi", program="tools/run-v86"),
)

MODULES = (
    Boot("module.one", "--initrd 'LICENSE first words'", 'run="iomem"',
         expect=(r"^  [0-9a-f]{8}-[0-9a-f]{8} : Module .*LICENSE first words$",)),
    Boot("module.tests", "--initrd LICENSE"),
    Boot("module.by_grub", "--iso=multiboot --initrd LICENSE"),
    Boot("module.by_v86", "-m 64M --initrd LICENSE", program="tools/run-v86"),
)

COMMAND_LINE = (
    Boot("line.run", "", 'run="meminfo; zoneinfo"', builds=BOTH,
         expect=(r"^MemTotal:", r"^Node 0, zone +Normal")),
    Boot("line.unknown_word", "", 'colour=blue run="meminfo"', expect=(r"colour",)),
)

# Tests that talk to the machine, or judge several runs; see tests/system/live.
LIVE = (
    Live("monitor", "test_monitor", builds=BOTH),
    Live("gdb", "test_gdb", builds=("debug", "clang-release")),
)

BOOTS = MEMORY + CPU + REFUSED + MACHINE + MODULES + COMMAND_LINE + CRASHES
