"""The command that a failed test prints does bring the same failure again."""

import re
import shlex
import unittest

from fixture import run_command, run_qemu
from model import ktap, verdict

REPRODUCE = re.compile(r"^ *# reproduce: (.+)$", re.MULTILINE)


def failures(run):
    """The failed tests of a run, by name, with what was said of each."""
    return {result.name: result.detail for result in ktap.read(run.output).results
            if result.outcome == ktap.FAILED}


class Reproduction(unittest.TestCase):
    """A test that always fails, and tests that fail because every page allocation does."""

    def test_a_planted_failure_comes_again(self):
        first = run_qemu("-m", "24M", line="test=account,planted.fail,printk seed=77")
        self.assertEqual(list(failures(first)), ["planted.fail"])
        command, = REPRODUCE.findall(first.output)
        self.assertIn("-m 24M ", command)
        self.assertIn("seed=77", command)
        again = run_command(*shlex.split(command))
        self.assertEqual(again.status, verdict.TESTS_FAILED, again.errors)
        self.assertEqual(failures(again), failures(first))

    def test_every_failure_names_a_command(self):
        run = run_qemu("-m", "40M", line="fail_page_alloc=100,1,0 mem=32M test=monitor seed=5")
        self.assertEqual(run.status, verdict.TESTS_FAILED)
        self.assertEqual(len(REPRODUCE.findall(run.output)), len(failures(run)), run.output)

    def test_the_command_fails_in_the_same_way(self):
        first = run_qemu("-m", "40M", line="fail_page_alloc=100,1,0 mem=32M test=monitor seed=5")
        command = next(line for line in REPRODUCE.findall(first.output)
                       if "test=monitor.alloc_and_free_a_block" in line)
        again = run_command(*shlex.split(command))
        self.assertEqual(again.status, verdict.TESTS_FAILED, again.errors)
        self.assertEqual(list(failures(again)), ["monitor.alloc_and_free_a_block"])
        self.assertEqual(failures(again)["monitor.alloc_and_free_a_block"],
                         failures(first)["monitor.alloc_and_free_a_block"])

    def test_order_and_results_depend_on_the_seed_alone(self):
        line = "test=pages,page_zones,monitor seed={}"
        one, two, other = (run_qemu(line=line.format(seed)) for seed in (7, 7, 8))
        self.assertEqual(one.status, verdict.SUCCESS, one.output)
        # What comes before the report tells how fast the clocks of this machine run.
        reports = [run.output.partition("KTAP version 1")[2] for run in (one, two, other)]
        self.assertEqual(reports[0], reports[1])
        self.assertNotEqual(reports[0], reports[2])
        self.assertIn("# seed 7\n", one.output)
