"""
The least memory that the kernel runs on.

It says itself how much it needs, so the least size is computed from a refusal, and then both sides
of the edge are tried.
"""

import re
import unittest

from fixture import run_qemu
from model import verdict

TOO_SMALL_FOR_THE_IMAGE_KIB = 1088
REFUSED_KIB = 2048
STEP_KIB = 8
LIMIT_KIB = 4096
SENTENCE = re.compile(r"^Strata cannot start: there is not enough memory: "
                      r"(\d+) KiB above 1 MiB, (\d+) are needed\.$", re.MULTILINE)


def boot(size_kib):
    """Run all self-tests with so much memory; under icount, waiting for pages takes no time."""
    return run_qemu("-m", f"{size_kib}K", "--icount", "3", line="test=all")


class Least(unittest.TestCase):
    """Just enough, and just not."""

    def test_least(self):
        refusal = boot(REFUSED_KIB)
        self.assertEqual(refusal.status, verdict.REFUSED, refusal.output)
        found, needed = map(int, SENTENCE.search(refusal.output).groups())
        least_kib = REFUSED_KIB + -(-(needed - found) // STEP_KIB) * STEP_KIB
        print(f"# least: {least_kib} KiB")
        self.assertLessEqual(least_kib, LIMIT_KIB)
        self.check_refused(least_kib - STEP_KIB)
        self.check_runs(least_kib)

    def check_refused(self, size_kib):
        """One step less is refused, with a sentence and nothing else."""
        run = boot(size_kib)
        self.assertEqual(run.status, verdict.REFUSED, run.output)
        self.assertRegex(run.output, SENTENCE)
        self.assertEqual(len(run.output.splitlines()), 1, run.output)

    def check_runs(self, size_kib):
        """The least size passes all self-tests, and its account of memory adds up."""
        run = boot(size_kib)
        self.assertEqual(run.status, verdict.SUCCESS, run.summary)
        run = run_qemu("-m", f"{size_kib}K", line='run="meminfo; check; zoneinfo"')
        self.assertEqual(run.status, verdict.SUCCESS, run.output)
        self.assertIn("The rows add up", run.output)

    def test_not_even_room_for_the_kernel(self):
        run = boot(TOO_SMALL_FOR_THE_IMAGE_KIB)
        self.assertEqual(run.status, verdict.REFUSED, run.output)
        self.assertRegex(run.output, "^Strata cannot start: there is not enough memory for the "
                                     "kernel itself.\n$")
