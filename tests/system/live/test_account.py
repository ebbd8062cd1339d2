"""
Every byte of RAM has a name: the account that `meminfo` prints, added up from outside.

The kernel says itself that its rows add up, and a self-test of its own agrees; here the sum is made
once more, and compared with the size of the machine.
"""

import re
import unittest

from fixture import run_qemu
from guest import qemu
from model import verdict

# What QEMU's firmware keeps of the RAM: the window of the ISA bus, and the top, 128 KiB.
FIRMWARE_KEEPS_MOST_BYTES = 1 << 20
LOW_FREE_LEAST_KIB = 580 << 10
ROW = re.compile(r"^  (\S.*?) +(\d+)$", re.MULTILINE)
TOTAL = re.compile(r"^(\w+): +(\d+) kB$", re.MULTILINE)

PLAIN_SIZES = ("3M", "5M", "16M", "17M", "64M", "100M", "512M", "895M", "896M", "897M", "1G",
               "3G", "4G", "8G")
LIMITS = (("64M", "5M"), ("64M", "33333333"), ("1G", "16M"), ("1G", "896M"), ("2G", "900M"),
          ("5G", "4G"), ("5G", "4097M"), ("8G", "1T"))


class Account(unittest.TestCase):
    """One boot for each shape of memory."""

    def check(self, size, *options, line=""):
        """The rows add up to the machine's size; returns the totals in KiB, by name."""
        run = run_qemu("-m", size, *options, line=line + ' run="meminfo; check"')
        self.assertEqual(run.status, verdict.SUCCESS, run.summary)
        self.assertIn("\nThe rows add up: the map has as much.\n", run.output)
        rows = {name: int(count) for name, count in ROW.findall(run.output)}
        total = rows.pop("Total")
        self.assertEqual(sum(rows.values()), total, rows)
        missing = qemu.parse_size(size) - total
        self.assertTrue(0 <= missing <= FIRMWARE_KEEPS_MOST_BYTES, f"{missing} bytes unaccounted")
        totals = {name: int(count) for name, count in TOTAL.findall(run.output)}
        self.check_totals(totals, total)
        return totals

    def check_totals(self, totals, total_bytes):
        """The totals above the account go together."""
        self.assertEqual(totals["HighTotal"] + totals["LowTotal"], totals["MemTotal"])
        self.assertEqual(totals["HighFree"] + totals["LowFree"], totals["MemFree"])
        self.assertLessEqual(totals["MemAvailable"], totals["MemFree"])
        self.assertLessEqual(totals["MemFree"], totals["MemTotal"])
        self.assertLess(totals["MemTotal"], total_bytes >> 10)

    def test_sizes(self):
        for size in PLAIN_SIZES:
            with self.subTest(size=size):
                self.check(size)

    def test_limits(self):
        for size, limit in LIMITS:
            with self.subTest(size=size, limit=limit):
                totals = self.check(size, line=f"mem={limit}")
                self.assertLess(totals["MemTotal"] << 10, qemu.parse_size(size))

    def test_32_address_bits(self):
        self.check("6G", "--cpu", "qemu32")

    def test_low_memory_at_64_gib(self):
        totals = self.check("64G", "--cpu", "max")
        self.assertGreaterEqual(totals["LowFree"], LOW_FREE_LEAST_KIB)

    def test_most_memory_of_36_bits(self):
        totals = self.check("63G", "--cpu", "max,-lm")
        self.assertGreaterEqual(totals["LowFree"], LOW_FREE_LEAST_KIB)
