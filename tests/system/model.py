"""What a test of the system is, and what comes out of one."""

import re
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from guest import commandline, ktap, verdict  # noqa: E402

LIVE_TESTS = (sys.executable, "tests/system/live_tests.py")

# Whatever a machine is made to do, these show that it was not meant.
NEVER = (r"^BUG: .*", r"^panic: .*")


@dataclass(frozen=True)
class Boot:
    """
    One boot of the kernel, in a machine of its own.

    options are those of the program that runs it, line is the kernel's command line, and status is
    what the program must exit with. Each regular expression of expect must be found in the output,
    none of those of reject. builds names the kernels it is done with.
    """
    name: str
    options: str = ""
    line: str = "test=all"
    status: int = verdict.SUCCESS
    expect: tuple = ()
    reject: tuple = NEVER
    builds: tuple = ("debug",)
    program: str = "tools/run-qemu"
    timeout: int = 120


@dataclass(frozen=True)
class Live:
    """Tests of tests/system/live, by the name of their module, for each of these builds."""
    name: str
    module: str
    builds: tuple = ("debug",)
    timeout: int = 240


@dataclass(frozen=True)
class Task:
    """A command to run, and how to tell whether what it did is right."""
    name: str
    command: tuple
    timeout: int
    status: int = verdict.SUCCESS
    expect: tuple = ()
    reject: tuple = ()
    needs_report: bool = True

    @property
    def group(self):
        """Tests are summed up by what stands before the first dot of their name."""
        return self.name.partition(".")[0]

    @property
    def counts_report(self):
        """The results of tests that are meant to fail, or in a run meant to stop, count nothing."""
        return self.status == verdict.SUCCESS

    def reproduce(self):
        """The command that does this again, to be typed in the root of the repository."""
        return shlex.join(self.command)


@dataclass
class Outcome:
    """What came of a task: its own result first, then those that it reported."""
    task: Task
    seconds: float
    output: str
    results: list = field(default_factory=list)

    def count(self, kind):
        """How many of the results are of this kind."""
        return sum(result.outcome == kind for result in self.results)


def boot_tasks(boots, build_options, wanted_builds, seed_of):
    """The tasks that carry out the boots, one for each build that is wanted."""
    return [boot_task(boot, build, build_options[build], seed_of)
            for boot in boots for build in boot.builds if build in wanted_builds]


def boot_task(boot, build, build_options, seed_of):
    """One boot of one build; self-tests get a seed, so that the run can be had again."""
    name = f"{boot.name}.{build}"
    words = commandline.split(boot.line)
    if commandline.asks_for_tests(boot.line) and "seed=" not in boot.line:
        words.append(f"seed={seed_of(name)}")
    command = [boot.program, *build_options, *shlex.split(boot.options),
               "--timeout", str(boot.timeout), "--", *words]
    return Task(name, tuple(command), boot.timeout, boot.status, boot.expect, boot.reject,
                needs_report=False)


def live_tasks(entries, build_options, wanted_builds):
    """The tasks of the live tests, one for each build that is wanted."""
    return [Task(f"{live.name}.{build}", (*LIVE_TESTS, live.module, *build_options[build]),
                 live.timeout)
            for live in entries for build in live.builds if build in wanted_builds]


def command_task(text, timeout, seed_of):
    """The task of NAME=COMMAND, a program that reports in KTAP; {seed} in it becomes a seed."""
    name, equals, command = text.partition("=")
    if not equals or not command:
        raise ValueError(f"'{text}' is not NAME=COMMAND")
    words = shlex.split(command.replace("{seed}", str(seed_of(name))))
    return Task(name, tuple(words), timeout)


def examine(task, status, timed_out, output):
    """Compare what a task did with what it should; returns all its results."""
    report = ktap.read(output)
    faults = list(find_faults(task, status, timed_out, output, report))
    detail = "\n".join(faults)
    own = ktap.Result(task.name, ktap.FAILED if faults else ktap.PASSED, detail)
    return [own, *(report.results if task.counts_report else [])]


def find_faults(task, status, timed_out, output, report):
    """Each way in which a task went wrong, as a sentence."""
    if timed_out:
        yield f"did not end within {task.timeout} seconds"
    elif status != task.status:
        yield f"exited with {describe(status)}, expected {describe(task.status)}"
    for pattern in task.expect:
        if not search_lines(pattern, output):
            yield f"the output lacks {pattern!r}"
    for pattern in task.reject:
        found = search_lines(pattern, output)
        if found:
            yield f"the output has {found[0]!r}"
    if task.needs_report and not report.plan_seen:
        yield "no test report"
    if task.counts_report:
        yield from report.problems


def search_lines(pattern, output):
    """Find a regular expression in the output; ^ and $ stand for the ends of lines."""
    return re.search(pattern, output, re.MULTILINE)


def describe(status):
    """A status with its meaning."""
    return f"{status} ({verdict.NAMES.get(status, 'unknown')})"
