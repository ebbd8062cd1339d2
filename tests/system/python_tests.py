#!/usr/bin/env python3
"""Run the unit tests of the tools, test_*.py beside this file, and report in KTAP."""

import sys
import unittest
from pathlib import Path


class KtapResult(unittest.TestResult):
    """Prints each result as a line of KTAP."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self._print("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._print_trouble(test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._print_trouble(test, self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._print("ok", test, f" # SKIP {reason}")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(f"{subtest}: {err[1]}")

    def _print_trouble(self, test, trouble):
        """A failed test, and why."""
        self._note(trouble)
        self._print("not ok", test)

    def _note(self, text):
        """A diagnostic of the result that follows."""
        for line in text.splitlines():
            print(f"# {line}")

    def _print(self, word, test, directive=""):
        """One result."""
        self.count += 1
        name = ".".join(test.id().split(".")[-3:])
        print(f"{word} {self.count} {name}{directive}", flush=True)


def run(suite):
    """Run the tests of a suite; returns the exit status."""
    print(f"KTAP version 1\n1..{suite.countTestCases()}", flush=True)
    result = KtapResult()
    suite.run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(run(unittest.defaultTestLoader.discover(str(Path(__file__).parent))))
