"""
The boots with several CPUs in which everything is combined that could matter: the number of CPUs,
the build, the kind of machine, whether there is ACPI, and whether CPUs are real threads of the host
or take turns, the same way each time. Not every combination is there, but every pair; of one CPU,
boots.py has the pairs. test_matrix.py checks it.
"""

from dataclasses import dataclass

from model import Boot

# What concerns several CPUs at once. Where many take turns, or spin on fewer real ones, the rest
# would take minutes, and could find nothing that it does not find with fewer; with eight that is so
# for locks and timers, too.
TOGETHER = ("test=smp,smp_tlb,tasks,spinlock,rwlock,mutex,semaphore,wait,completion,percpu,"
            "softirq,timers,sleep,workqueues,page_smp,page_wait,account")
EIGHT = "test=smp,smp_tlb,tasks,wait,completion,percpu,softirq,page_smp,account"


@dataclass(frozen=True)
class Combination:
    """One choice of each."""
    cpus: int
    build: str
    machine: str
    acpi: bool
    icount: bool
    line: str = TOGETHER

    @property
    def name(self):
        """The choices in words."""
        return "_".join(("matrix." + self.machine, str(self.cpus),
                         *(() if self.acpi else ("no_acpi",)),
                         "icount" if self.icount else "threads"))

    def boot(self):
        """The boot; without ACPI, the MP table shows one CPU for each socket."""
        count = f"{self.cpus}" if self.acpi else f"{self.cpus},sockets={self.cpus},cores=1"
        line = self.line if self.acpi else f"acpi=off {self.line}"
        source = "ACPI" if self.acpi else "MP table"
        icount = "--icount 2" if self.icount else ""
        return Boot(self.name, f"-m 128M --smp {count} --machine {self.machine} {icount}", line,
                    builds=(self.build,), timeout=240,
                    expect=(rf"^firmware: {self.cpus} CPUs, .* by {source}$",
                            rf"^smp: {self.cpus} of {self.cpus} CPUs online$"))


COMBINATIONS = (
    Combination(2, "debug", "pc", acpi=True, icount=False, line="test=all"),
    Combination(2, "release", "q35", acpi=False, icount=True),
    Combination(2, "stack1", "pc", acpi=False, icount=True),
    Combination(2, "stack1-release", "q35", acpi=True, icount=False, line="test=all"),
    Combination(2, "clang", "q35", acpi=False, icount=False),
    Combination(2, "clang-release", "pc", acpi=True, icount=True),
    Combination(4, "debug", "q35", acpi=False, icount=True),
    Combination(4, "release", "pc", acpi=True, icount=False, line="test=all"),
    Combination(4, "stack1", "q35", acpi=True, icount=False),
    Combination(4, "stack1-release", "pc", acpi=False, icount=True),
    Combination(4, "clang", "pc", acpi=True, icount=True),
    Combination(4, "clang-release", "q35", acpi=False, icount=False),
    Combination(8, "debug", "q35", acpi=True, icount=False, line=EIGHT),
    Combination(8, "release", "pc", acpi=False, icount=True, line=EIGHT),
    Combination(8, "stack1", "pc", acpi=False, icount=False, line=EIGHT),
    Combination(8, "stack1-release", "q35", acpi=True, icount=True, line=EIGHT),
    Combination(8, "clang", "q35", acpi=False, icount=True, line=EIGHT),
    Combination(8, "clang-release", "pc", acpi=True, icount=False, line=EIGHT),
)

MATRIX = tuple(combination.boot() for combination in COMBINATIONS)
