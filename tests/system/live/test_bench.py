"""The benchmark: one test for each row that has a target, and one that its numbers repeat."""

import re
import unittest

from bench_targets import TARGETS
from fixture import run_qemu
from model import verdict

ROW = re.compile(r"^bench: (\w+) (\d+) insn$", re.MULTILINE)


def run_bench(memory="2G"):
    """Boot, run the benchmark, and end."""
    return run_qemu("--icount", "0", "-m", memory, line='run="bench"')


class Targets(unittest.TestCase):
    """The rows of one run; the tests are made below, one for each target."""

    @classmethod
    def setUpClass(cls):
        cls.run_of_all = run_bench()
        cls.rows = {name: int(count) for name, count in ROW.findall(cls.run_of_all.output)}

    def check_row(self, name):
        """Compare one row with its target."""
        self.assertIn(name, self.rows, self.run_of_all.output)
        self.assertLessEqual(self.rows[name], TARGETS[name], f"instructions of {name}")
        self.assertGreater(self.rows[name], 0)


class Honesty(unittest.TestCase):
    """Whether the numbers can be believed."""

    def test_a_second_run_prints_the_same(self):
        first, second = run_bench(), run_bench()
        self.assertEqual(first.status, verdict.SUCCESS, first.errors)
        self.assertIn("bench: page0 ", first.output)
        self.assertEqual(first.output, second.output)

    def test_without_icount_the_numbers_are_marked(self):
        run = run_qemu("-m", "64M", line='run="bench page0"')
        self.assertIn("bench: not under --icount 0", run.output)

    def test_where_a_row_cannot_be_measured_it_says_so(self):
        run = run_bench("64M")
        self.assertEqual(run.status, verdict.SUCCESS, run.errors)
        self.assertIn("bench: page0_row_alloc unavailable here", run.output)

    def test_a_row_alone(self):
        run = run_qemu("--icount", "0", line='run="bench page3"')
        self.assertEqual([name for name, _ in ROW.findall(run.output)], ["page3"])

    def test_a_row_that_is_none_fails(self):
        run = run_qemu(line='run="bench nonsense"')
        self.assertEqual(run.status, verdict.TESTS_FAILED)
        self.assertIn("bench: no row is named nonsense", run.output)


def row_test(name):
    """The test of one row."""
    def test(self):
        self.check_row(name)
    return test


for row in TARGETS:
    setattr(Targets, f"test_{row}", row_test(row))
