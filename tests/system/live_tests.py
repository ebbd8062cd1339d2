#!/usr/bin/env python3
"""
Run tests of tests/system/live against one build of the kernel, and report in KTAP. Such a test
talks to the machine while it runs, or needs several runs to judge. For example:

    tests/system/live_tests.py test_monitor --release
    tests/system/live_tests.py test_monitor.Editing.test_backspace
"""

import argparse
import sys
import unittest
from pathlib import Path

import python_tests

sys.path.insert(0, str(Path(__file__).resolve().parent / "live"))

import fixture  # noqa: E402


def main():
    """Run what was asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="live_tests.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", metavar="NAME", help="module, module.Class, ...")
    parser.add_argument("--build", metavar="DIR",
                        help="where the kernels were built ($O, else build/)")
    parser.add_argument("--release", action="store_true",
                        help="test the release kernel, not the debug kernel")
    options = parser.parse_args()
    fixture.build.select(options.build, options.release)
    return python_tests.run(unittest.defaultTestLoader.loadTestsFromNames(options.names))


if __name__ == "__main__":
    sys.exit(main())
