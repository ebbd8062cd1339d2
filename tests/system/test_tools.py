"""Unit tests of what the tools decide without running a guest."""

import shlex
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

from model import Boot, boot_task, command_task, commandline, examine, ktap, verdict
from guest import images, qemu

GIB = 1 << 30
PASS = "KTAP version 1\n1..1\nok 1 a\n"
FAIL = "KTAP version 1\n1..1\nnot ok 1 a\n"
CUT = "KTAP version 1\n1..2\nok 1 a\n"


def judge(text, tests_wanted=True, **ending):
    """The status of a guest that printed text and ended so."""
    return verdict.judge(verdict.Ending(**ending), ktap.read(text), tests_wanted)[0]


class Verdicts(unittest.TestCase):
    """How a guest ended, from what it said and what it printed."""

    def test_success_needs_word_and_report(self):
        self.assertEqual(judge(PASS, said=0x10), verdict.SUCCESS)
        self.assertEqual(judge(FAIL, said=0x10), verdict.TESTS_FAILED)
        self.assertEqual(judge(CUT, said=0x10), verdict.INCOMPLETE)
        self.assertEqual(judge("", said=0x10), verdict.INCOMPLETE)
        self.assertEqual(judge("KTAP version 1\n1..0\n", said=0x10), verdict.INCOMPLETE)

    def test_no_report_is_needed_where_no_tests_were_asked_for(self):
        self.assertEqual(judge("", tests_wanted=False, said=0x10), verdict.SUCCESS)
        self.assertEqual(judge(CUT, tests_wanted=False, said=0x10), verdict.INCOMPLETE)

    def test_a_good_report_saves_no_bad_ending(self):
        self.assertEqual(judge(PASS, said=0x11), verdict.TESTS_FAILED)
        self.assertEqual(judge(PASS, said=0x12), verdict.PANIC)
        self.assertEqual(judge(PASS, said=0x13), verdict.REFUSED)
        self.assertEqual(judge(PASS, said=0x55), verdict.EMULATOR_FAILED)
        self.assertEqual(judge(PASS, timed_out=True), verdict.TIMEOUT)
        self.assertEqual(judge(PASS, triple_fault=True, reset=True), verdict.TRIPLE_FAULT)
        self.assertEqual(judge(PASS, reset=True), verdict.RESET)
        self.assertEqual(judge(PASS, powered_off=True), verdict.SILENT_OFF)
        self.assertEqual(judge(PASS), verdict.EMULATOR_FAILED)


class CommandLines(unittest.TestCase):
    """Words to a line and back."""

    def test_quotes_come_back(self):
        self.assertEqual(commandline.join(["test=all", "run=a; b"]), 'test=all run="a; b"')

    def test_a_whole_line_is_left_alone(self):
        self.assertEqual(commandline.join(['seed=1 run="a; b"']), 'seed=1 run="a; b"')

    def test_asking_for_tests(self):
        self.assertTrue(commandline.asks_for_tests("seed=3 test=all"))
        self.assertFalse(commandline.asks_for_tests('run="test=all"'))

    def test_words_are_the_kernels(self):
        self.assertEqual(commandline.split('a="b c"d don\'t  "e=f g'),
                         ["a=b cd", "don't", "e=f g"])
        self.assertEqual(commandline.split(""), [])

    def test_the_kernels_name_is_one_word(self):
        with tempfile.TemporaryDirectory() as folder:
            plain = Path("/boot/strata.elf")
            self.assertEqual(images.as_one_word(plain, folder), plain)
            self.assertEqual(images.as_one_word(Path("strata.elf"), folder),
                             images.as_one_word(Path("strata.elf").absolute(), folder))
            spaced = Path(folder) / "a folder" / "kernel"
            spaced.parent.mkdir()
            spaced.write_text("kernel")
            word = images.as_one_word(spaced, folder)
            self.assertNotIn(" ", str(word))
            self.assertEqual(word.read_text(), "kernel")

    def test_divide_and_bind(self):
        self.assertEqual(commandline.divide(["-m", "1G", "--", "a", "--"]),
                         (["-m", "1G"], ["a", "--"]))
        self.assertEqual(commandline.bind(["--qemu", "-s", "x"], "--qemu"), ["--qemu=-s", "x"])
        self.assertEqual(commandline.bind(["--qemu"], "--qemu"), ["--qemu"])

    def test_grub_configuration_keeps_words_together(self):
        text = images.grub_config('test=all run="a; b"', [("f", "x y")], "multiboot2")
        self.assertIn("multiboot2 /boot/strata.elf 'test=all' 'run=a; b'\n", text)
        self.assertIn("module2 /boot/module0 'f' 'x' 'y'\n", text)


class QemuOptions(unittest.TestCase):
    """What is chosen for the size of the memory."""

    def choose(self, memory, cpu=None, machine="pc", gdb=None):
        """Program, CPU and whether the 64-bit window was taken away."""
        options = SimpleNamespace(memory=memory, cpu=cpu, machine=machine, gdb=gdb, binary=None)
        shrunk = any("hole64" in word for word in qemu.memory_arguments(options))
        return qemu.choose_binary(options), qemu.choose_cpu(options), shrunk

    def test_sizes(self):
        self.assertEqual(qemu.parse_size("5"), 5 << 20)
        self.assertEqual(qemu.parse_size("640k"), 640 << 10)
        self.assertEqual(qemu.parse_size("64G"), 64 * GIB)
        for nonsense in ("", "0", "-1", "G", "1.5G", "64GG"):
            self.assertRaises(ValueError, qemu.parse_size, nonsense)

    def test_cpu_reaches_the_memory(self):
        self.assertEqual(self.choose(GIB), ("qemu-system-i386", None, False))
        self.assertEqual(self.choose(4 * GIB), ("qemu-system-x86_64", "max,-lm", False))
        self.assertEqual(self.choose(63 * GIB), ("qemu-system-x86_64", "max,-lm", True))
        self.assertEqual(self.choose(64 * GIB), ("qemu-system-x86_64", "max", False))
        self.assertEqual(self.choose(63 * GIB, machine="q35"), ("qemu-system-x86_64", "max", False))

    def test_the_users_cpu_stays(self):
        self.assertEqual(self.choose(8 * GIB, cpu="qemu32"),
                         ("qemu-system-x86_64", "qemu32", False))

    def test_gdb_needs_the_32_bit_program(self):
        self.assertEqual(self.choose(4 * GIB, gdb="stdio")[0], "qemu-system-i386")

    def test_exit_status(self):
        self.assertEqual(qemu.read_ending(33, False, None).said, 0x10)
        self.assertIsNone(qemu.read_ending(1, False, None).said)
        self.assertTrue(qemu.read_ending(-9, True, None).timed_out)
        self.assertIn("signal 11", qemu.read_ending(-11, False, None).emulator_error)


class Examination(unittest.TestCase):
    """What the runner makes of a task."""

    def task(self, **fields):
        """A boot that prints what the test says it prints."""
        return boot_task(Boot("group.name", **fields), "debug", ("--build", "b"), lambda name: 7)

    def failures(self, task, status, output, timed_out=False):
        """How many of the results are failures."""
        results = examine(task, status, timed_out, output)
        return sum(result.outcome == ktap.FAILED for result in results)

    def test_reported_tests_count(self):
        self.assertEqual(len(examine(self.task(), 0, False, PASS)), 2)

    def test_each_fault_fails_the_boot(self):
        self.assertEqual(self.failures(self.task(), 0, PASS), 0)
        self.assertEqual(self.failures(self.task(), 3, PASS), 1)
        self.assertEqual(self.failures(self.task(), 0, PASS, timed_out=True), 1)
        self.assertEqual(self.failures(self.task(), 0, CUT), 1)
        self.assertEqual(self.failures(self.task(), 0, PASS + "BUG: double free\n"), 1)
        self.assertEqual(self.failures(self.task(expect=("^hello$",)), 0, PASS), 1)
        self.assertEqual(self.failures(self.task(expect=("^hello$",)), 0, "hello\n" + PASS), 0)

    def test_meant_failures_do_not_count(self):
        self.assertEqual(self.failures(self.task(status=verdict.TESTS_FAILED), 1, FAIL), 0)
        self.assertEqual(self.failures(self.task(status=verdict.TESTS_FAILED), 0, PASS), 1)

    def test_a_command_must_report(self):
        task = command_task("unit=prog --seed {seed}", 5, lambda name: 9)
        self.assertEqual(task.command, ("prog", "--seed", "9"))
        self.assertEqual(self.failures(task, 0, "all fine\n"), 1)

    def test_seed_and_reproduction(self):
        self.assertIn("seed=7", self.task().command)
        self.assertNotIn("seed=7", self.task(line="test=all seed=5").command)
        again = self.task(line='run="a; b"').reproduce()
        self.assertEqual(shlex.split(again)[-1], "run=a; b")


if __name__ == "__main__":
    unittest.main()
