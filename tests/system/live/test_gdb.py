"""The commands of tools/gdb, in a gdb that follows a kernel, compared with what it says itself."""

import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from fixture import TIMEOUT_SECONDS, build
from model import ROOT

TROUBLE = re.compile("Traceback|Python Exception|Error occurred in Python")
SAYS = "alloc 0; alloc 3; zoneinfo; buddyinfo; iomem"


def follow(commands, line=f'run="{SAYS}"', options=()):
    """
    Start the kernel under gdb, with more options for run-qemu, and give gdb the commands. Returns
    pairs of a command and its output, and what the kernel printed on its serial line.
    """
    with tempfile.TemporaryDirectory(prefix="test-gdb-") as folder:
        serial = Path(folder) / "serial.log"
        machine = ["tools/run-qemu", *build.arguments, "--gdb", "stdio", "--serial", str(serial),
                   "-m", "64M", "--timeout", str(TIMEOUT_SECONDS), *options, "--", line]
        remote = f"target remote | {shlex.join(machine)}"
        gdb = ["gdb", "-q", "-nx", "-batch", "-x", "tools/gdb/strata.py", str(build.kernel)]
        for number, command in enumerate([remote, *commands, "kill"]):
            gdb += ["-ex", rf"echo \n@{number}\n", "-ex", command]
        done = subprocess.run(gdb, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=2 * TIMEOUT_SECONDS,
                              check=False)
        printed = serial.read_text(errors="replace") if serial.exists() else ""
    parts = re.split(r"^@\d+\n", done.stdout, flags=re.MULTILINE)[2:-1]
    if len(parts) != len(commands):
        raise AssertionError(f"gdb did not come to its end:\n{done.stdout}")
    return [(command, part.strip()) for command, part in zip(commands, parts)], printed


@unittest.skipUnless(shutil.which("gdb"), "gdb is not installed")
class FollowedKernel(unittest.TestCase):
    """What all tests of this file need."""

    def assert_no_trouble(self, outputs):
        """That no command failed in a way that it did not foresee."""
        for command, output in outputs:
            self.assertNotRegex(output, TROUBLE, command)


class StoppedAfterWork(FollowedKernel):
    """The kernel has allocated, said how things stand, and is about to end."""

    @classmethod
    def setUpClass(cls):
        """One boot serves all tests."""
        cls.outputs, cls.printed = follow([
            "break debug_exit", "continue", "strata", "strata-zones", "strata-free",
            "strata-free normal", "strata-free nowhere", "strata-pcp", "strata-memmap",
            "strata-claims", "strata-check", "strata-check all", "strata-page block", "strata-page",
            "strata-page blocks[1].first", "strata-page mem_map + blocks[1].first",
            "strata-page 0xc0000000 + blocks[1].first * 4096", "strata-page blocks[1].first + 1",
            "strata-page (unsigned long)&zones", "strata-page 0xfffffff0", "strata-walk &mem_map",
            "strata-walk kernel_main", "strata-walk 16", "help strata-walk", "strata-percpu",
            "strata-percpu cpu_number", "strata-percpu zones", "strata-percpu preempt_word"])
        cls.output = dict(cls.outputs)

    def printed_zone(self, name):
        """What zoneinfo printed of one zone."""
        return self.printed.partition(f"zone {name:>8}\n")[2].partition("Node")[0]

    def test_nothing_unforeseen(self):
        self.assert_no_trouble(self.outputs)

    def test_overview_and_help(self):
        for name in ("zones", "free", "pcp", "page", "memmap", "claims", "check", "walk",
                     "percpu", "tasks", "task", "queues"):
            self.assertIn(f"strata-{name}", self.output["strata"])
        self.assertIn("ADDRESS", self.output["help strata-walk"])

    def test_per_cpu_variables(self):
        self.assertIn("CPU 0: 0xfe800000, template + ", self.output["strata-percpu"])
        self.assertEqual(self.output["strata-percpu cpu_number"], "CPU 0: 0")
        self.assertRegex(self.output["strata-percpu preempt_word"], r"CPU 0: \d+")
        self.assertIn("zones is no per-CPU variable", self.output["strata-percpu zones"])

    def test_zones_agree_with_zoneinfo(self):
        for name in ("DMA", "Normal"):
            numbers = re.search(rf"^{name} +0x(\w+)-0x(\w+) +(\d+) +(\d+) +(\d+) +\d+ +(\d+) +(\d+)"
                                r" +(\d+) ", self.output["strata-zones"], re.MULTILINE).groups()
            printed = dict(re.findall(r"(\w+) +(\d+)$", self.printed_zone(name), re.MULTILINE))
            spanned = int(numbers[1], 16) - int(numbers[0], 16)
            self.assertEqual(str(spanned), printed["spanned"])
            self.assertEqual(numbers[2:], tuple(printed[word] for word in
                                                ("present", "managed", "free", "min", "low",
                                                 "high")))

    def test_free_lists_agree_with_buddyinfo(self):
        found = self.output["strata-free"]
        for name in ("DMA", "Normal"):
            printed = re.search(rf"zone +{name}((?: +\d+)+)", self.printed)[1].split()
            part = found.partition(f"{name}: ")[2]
            counts = re.findall(r"order +\d+ +(\d+) blocks", part)[:len(printed)]
            self.assertEqual(counts, printed)
            self.assertEqual(len(printed), 11)

    def test_free_list_of_one_zone(self):
        self.assertTrue(self.output["strata-free normal"].startswith("Normal: "))
        self.assertNotIn("DMA", self.output["strata-free normal"])
        self.assertIn("no zone nowhere", self.output["strata-free nowhere"])

    def test_cpu_lists_agree_with_zoneinfo(self):
        for name in ("DMA", "Normal"):
            rows = re.findall(rf"^CPU 0 {name} +order \d +(\d+) of +(\d+), batch +(\d+)",
                              self.output["strata-pcp"], re.MULTILINE)
            printed = self.printed_zone(name)
            self.assertEqual(rows, list(zip(*(re.findall(rf"{word}: +(\d+)", printed)
                                              for word in ("count", "high", "batch")))))
            self.assertEqual(len(rows), 5)

    def test_map_agrees_with_iomem(self):
        def ranges(text, indent):
            return [(int(first, 16), int(last, 16)) for first, last in
                    re.findall(rf"^{indent}([0-9a-f]+)-([0-9a-f]+) : ", text, re.MULTILINE)]
        self.assertEqual(ranges(self.output["strata-memmap"], ""), ranges(self.printed, ""))
        claims = ranges(self.output["strata-claims"], "")
        self.assertEqual(claims, ranges(self.output["strata-memmap"], "  "))
        self.assertLessEqual(set(claims), set(ranges(self.printed, "  ")))
        self.assertIn(" : mem_map", self.output["strata-claims"])

    def test_a_page_by_every_name(self):
        by_frame = self.output["strata-page blocks[1].first"]
        self.assertIn("PAGE_ALLOCATED", by_frame)
        self.assertIn("block order 3", by_frame)
        self.assertIn("1 references", by_frame)
        self.assertRegex(by_frame, "owner not tracked" if build.is_release
                         else r"allocated by command_alloc \+ \d+")
        self.assertIn(re.findall(r"pfn:(0x\w+)", self.printed)[1] + ",", by_frame)
        self.assertEqual(self.output["strata-page mem_map + blocks[1].first"], by_frame)
        self.assertEqual(self.output["strata-page 0xc0000000 + blocks[1].first * 4096"], by_frame)

    def test_a_page_inside_a_block(self):
        inside = self.output["strata-page blocks[1].first + 1"]
        self.assertIn("PAGE_TAIL", inside)
        self.assertIn("head PAGE_ALLOCATED", inside)

    def test_pages_that_nobody_can_have(self):
        self.assertIn("Kernel bss", self.output["strata-page (unsigned long)&zones"])
        self.assertIn("0xfffffff0 is no frame", self.output["strata-page 0xfffffff0"])
        self.assertIn("takes a frame number", self.output["strata-page"])
        self.assertIn("No symbol", self.output["strata-page block"])

    def test_sound_lists_pass(self):
        self.assertEqual(self.output["strata-check"], "all invariants hold")
        self.assertEqual(self.output["strata-check all"], "all invariants hold")

    def test_page_tables(self):
        self.assertIn("writable", self.output["strata-walk &mem_map"])
        self.assertRegex(self.output["strata-walk kernel_main"],
                         r"0xc01(\w+) is physical 0x1\1, 4 KiB page, read-only, executable")
        self.assertIn("0x10 is not mapped", self.output["strata-walk 16"])


class TwoCpus(FollowedKernel):
    """The kernel runs tasks on two CPUs, one of which is about to end it."""

    ROW = re.compile(r"^ *(\d+) (\S+) +(\w+(?: \w+)*?) +(\d+) +(\d+) +\d+$", re.MULTILINE)

    @classmethod
    def setUpClass(cls):
        """One boot serves all tests."""
        cls.outputs, cls.printed = follow([
            "break debug_exit", "continue", "strata-tasks", "strata-task init", "strata-task 1",
            "strata-task events/1", "strata-task idle/1", "strata-task nobody", "strata-task",
            "strata-queues", "thread", "set $first = all_tasks.next",
            "set var all_tasks.next->next = $first", "strata-tasks"],
            'run="test tasks; ps"', ("--smp", "2"))
        cls.output = dict(cls.outputs[:-1])

    def test_nothing_unforeseen(self):
        self.assert_no_trouble(self.outputs)

    def test_tasks_agree_with_ps(self):
        rows = self.ROW.findall(self.output["strata-tasks"])
        printed = re.findall(r"^ *(\d+) (\S+) +[RSDX][* ] +(\d+) +(\d+) +\d+ +\d+$", self.printed,
                             re.MULTILINE)
        self.assertEqual([(pid, name, priority) for pid, name, _, _, priority in rows],
                         [(pid, name, priority) for pid, name, _, priority in printed])
        state = {name: (doing, cpu) for _, name, doing, cpu, _ in rows}
        self.assertEqual(state["init"], ("running", "0"))
        self.assertEqual(state["idle/0"], ("idle", "0"))
        self.assertEqual(state["idle/1"][1], "1")

    def test_chain_of_a_task_that_runs(self):
        chain = self.output["strata-task init"]
        self.assertIn("task 1 init: running, CPU 0, priority 16", chain)
        self.assertRegex(chain, r"(?sm)^  \w+ debug_exit .*^  \w+ kernel_main \+ \d+ +kernel/main")
        self.assertEqual(self.output["strata-task 1"], chain)

    def test_chain_of_a_task_that_sleeps(self):
        chain = re.findall(r"^  [0-9a-f]{8} (\w+)", self.output["strata-task events/1"],
                           re.MULTILINE)
        self.assertEqual(chain[-3:], ["schedule", "worker_run", "task_begin"])
        self.assertIn("sleeping, CPU 1", self.output["strata-task events/1"])

    def test_chain_on_another_cpu(self):
        self.assertRegex(self.output["strata-task idle/1"], r"smp_start_main \+ \d+")
        self.assertIn("Current thread is 1", self.output["thread"])

    def test_tasks_that_nobody_can_have(self):
        self.assertIn("no task nobody", self.output["strata-task nobody"])
        self.assertIn("takes a name or a number", self.output["strata-task"])

    def test_queues(self):
        found = re.findall(r"^CPU (\d): (\S+) runs, (\d+) ready", self.output["strata-queues"],
                           re.MULTILINE)
        self.assertEqual([(cpu, name) for cpu, name, _ in found][0], ("0", "init"))
        self.assertEqual(len(found), 2)

    def test_a_list_without_an_end_is_noticed(self):
        command, output = self.outputs[-1]
        self.assertEqual(command, "strata-tasks")
        self.assertIn("does not end", output)


class SomebodyWaits(FollowedKernel):
    """The one CPU is about to switch tasks, and others wait for it."""

    def test_those_who_wait_stand_in_the_queue(self):
        outputs, _ = follow(["break switch_stacks", "continue 20", "strata-queues", "strata-tasks"],
                            "test=tasks")
        self.assert_no_trouble(outputs)
        queues, tasks = outputs[-2][1], outputs[-1][1]
        ready = re.findall(r"^ *\d+ (\S+) +ready ", tasks, re.MULTILINE)
        queued = re.search(r"^  priority 16:(.*)$", queues, re.MULTILINE)
        self.assertEqual(sorted(queued[1].split() if queued else []), sorted(ready))
        self.assertIn(f" {len(ready)} ready", queues)


class Damaged(FollowedKernel):
    """Each breach of an invariant is found; all are planted by gdb."""

    # The newest of Normal's order 4, whose buddy is not free, and of CPU 0's order 0.
    BLOCK = "((struct page *)((char *)zones[1].free_blocks[4].next - 8))"
    LIST = "((struct pcp_list *)((char *)&pcp_lists[16] + per_cpu_offset[0]))"
    CACHED = f"((struct page *){LIST}->blocks.top[-1])"
    BUDDY = f"mem_map[({BLOCK} - mem_map) ^ 16]"
    PLANTED = (
        ("BUDDY-1", f"{BLOCK}->identity", "0x121"),
        ("BUDDY-2", f"{BUDDY}.identity", "0x141"),
        ("BUDDY-3", "zones[1].free_pages", "7"),
        ("BUDDY-4", "zones[1].free_orders", "0"),
        ("BUDDY-5", f"{BLOCK}[3].flags", "1"),
        ("BUDDY-1", f"{BLOCK}->list.next", "0xc0100001"),
        ("BUDDY-1", f"{BLOCK}->list.next", f"&{BLOCK}->list"),
        ("PCP-1", f"{CACHED}->refcount.counter", "2"),
        ("PCP-1", f"{CACHED}->flags", "0"),
        ("PCP-1", f"{LIST}->blocks.top", f"{LIST}->blocks.limit + 1"),
        ("PCP-3", f"{LIST}->blocks.limit", f"{LIST}[1].blocks.bottom + 1"),
    )

    def test_each_breach_is_found(self):
        commands = ["break debug_exit", "continue", "print sizeof(struct page)"]
        for name, place, value in self.PLANTED:
            check = "strata-check all" if name == "BUDDY-5" else "strata-check"
            commands += [f"set $place = &{place}", "set $kept = *$place",
                         f"set var *$place = {value}", check, "strata-free normal", "strata-pcp",
                         "strata-page zones[1].free_blocks[4].next",
                         "set var *$place = $kept"]
        outputs, _ = follow([*commands, "strata-check all"])
        *damaged, mended = [output for command, output in outputs
                            if command.startswith("strata-check")]
        for (name, place, _), output in zip(self.PLANTED, damaged):
            with self.subTest(place):
                self.assertRegex(output, f"(?m)^{name} ")
        self.assertEqual(len(damaged), len(self.PLANTED))
        self.assertEqual(mended, "all invariants hold")
        self.assert_no_trouble(outputs)


class StoppedInTheMiddle(FollowedKernel):
    """Where the machine stops is anywhere."""

    def test_before_paging_and_before_memory(self):
        names = ("zones", "free", "pcp", "page 1", "memmap", "claims", "check", "walk 0xc0000000",
                 "tasks", "task init", "queues")
        commands = [f"strata-{name}" for name in names]
        at_reset, _ = follow(commands)
        self.assert_no_trouble(at_reset)
        self.assertIn("is paging on yet?", dict(at_reset)["strata-zones"])
        self.assertIn("paging is off", dict(at_reset)["strata-walk 0xc0000000"])
        early, _ = follow(["break cpu_features_init", "continue", *commands])
        self.assert_no_trouble(early)
        self.assertIn("no zones yet", dict(early)["strata-zones"])
        self.assertIn("mem_map is empty", dict(early)["strata-check"])
        self.assertIn("map is empty", dict(early)["strata-memmap"])
        self.assertIn("there are no tasks yet", dict(early)["strata-tasks"])
        self.assertIn("CPU 0: has no queue in use", dict(early)["strata-queues"])

    def test_inside_an_allocation(self):
        looks = ("strata-check", "strata-free normal", "strata-pcp")
        steps = [word for count in range(5, 17) for word in (f"stepi {count}", *looks)]
        outputs, _ = follow(["break alloc_slow", "continue", "break buddy_alloc", "continue",
                             "strata-check", *steps])
        self.assert_no_trouble(outputs)
        checks = [output for command, output in outputs if command == "strata-check"]
        self.assertEqual(checks[0], "Normal is locked: an operation on it is under way\n"
                                    "all invariants hold")
        self.assertTrue(any("BUDDY-" in output for output in checks), checks)
