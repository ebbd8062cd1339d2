"""
The exploration of schedules is worth something: it finds planted races, in a kernel that has them
only between a few instructions; what it prints brings them back; and it does not cry wolf.
"""

import re
import shlex
import sys
import unittest

from fixture import build, run_command
from model import ktap, verdict

SEED, POINTS = 1, 12
UNGUARDED = ("planted.race_on_one_cpu", "planted.race_on_two_cpus")
GUARDED = ("planted.race_on_one_cpu_with_get_cpu", "planted.race_on_two_cpus_with_lock")
POINT = re.compile(r"^(ok|FAIL) +(shift \d tick \d+ seed \d+)$", re.MULTILINE)
FOUND = re.compile(r"^      failed: (\S+)$", re.MULTILINE)
REPRODUCE = re.compile(r"^      reproduce: (.+)$", re.MULTILINE)
LOST = re.compile(r"is (\d+) \(0x[0-9a-f]+\), not 2 \* ROUNDS, (\d+)$", re.MULTILINE)


def explore(*tests, count=POINTS, more=()):
    """A sweep over the tests."""
    return run_command(sys.executable, "tests/system/explore", "--build", build.folder,
                       "--seed", SEED, "--count", count, "--test", ",".join(tests), *more)


class Exploration(unittest.TestCase):
    """Two threads that add to a counter in several instructions, on one CPU and on two."""

    def test_each_planted_race_is_found_and_had_again(self):
        for test in UNGUARDED:
            with self.subTest(test):
                run = explore(test, more=["--until-found"])
                self.assertEqual(run.status, 1, run.output + run.errors)
                self.assertEqual(FOUND.findall(run.output), [test])
                count, whole = LOST.findall(run.output)[0]
                self.assertLess(int(count), int(whole))
                self.check_again(test, run.output)

    def check_again(self, test, output):
        """The command that was printed fails in the same way."""
        again = run_command(*shlex.split(REPRODUCE.findall(output)[0]))
        self.assertEqual(again.status, verdict.TESTS_FAILED, again.errors)
        failed, = [result for result in ktap.read(again.output).results
                   if result.outcome == ktap.FAILED]
        self.assertEqual(failed.name, test)
        self.assertEqual(LOST.findall(failed.detail), LOST.findall(output))

    def test_what_is_guarded_loses_nothing_at_any_point(self):
        run = explore(*GUARDED)
        self.assertEqual(run.status, 0, run.output + run.errors)
        self.assertEqual([word for word, _ in POINT.findall(run.output)], ["ok"] * POINTS)

    def test_a_sweep_runs_alike_every_time(self):
        one, two = (explore(*UNGUARDED, count=4) for _ in range(2))
        self.assertEqual(one.output, two.output)
        self.assertGreater(len(set(POINT.findall(one.output))), 3)
