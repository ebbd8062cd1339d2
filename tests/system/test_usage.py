"""The tools refuse what makes no sense: status 2, one line that says what, and no guest started."""

import os
import signal
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from model import ROOT, verdict

# A multiboot header that says where it is loaded and entered, and a jump to itself.
ENDLESS_KERNEL = struct.pack("<8I", 0x1badb002, 1 << 16, -(0x1badb002 + (1 << 16)) & 0xffffffff,
                             0x100000, 0x100000, 0x100022, 0x100022, 0x100020) + b"\xeb\xfe"


class Usage(unittest.TestCase):
    """Wrong options and missing files."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.kernel = Path(folder.name) / "kernel"
        self.kernel.write_bytes(b"no kernel, but a file")
        self.missing = Path(folder.name) / "missing"

    def check(self, sentence, program, *options):
        """The program refuses these options so."""
        done = subprocess.run([ROOT / "tools" / program, *map(str, options)], cwd=ROOT,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=20, check=False)
        self.assertEqual(done.returncode, verdict.USAGE, done.stderr)
        self.assertEqual(done.stdout, "")
        last_line = done.stderr.splitlines()[-1]
        self.assertTrue(last_line.startswith(f"{program}: "), done.stderr)
        self.assertIn(sentence, last_line)
        self.assertNotIn("Traceback", done.stderr)

    def test_options_that_are_none(self):
        for program in ("run-qemu", "run-v86", "make-iso"):
            self.check("", program, "--no-such-option")
        for option in "cpu", "machine":
            self.check(f"--{option} nosuch: ", "run-qemu", f"--{option}", "nosuch", "--kernel",
                       self.kernel)
        self.check("--iso", "run-qemu", "--iso=multiboot3", "--kernel", self.kernel)
        self.check("'unclosed cannot be split", "run-qemu", "--qemu", "'unclosed",
                   "--kernel", self.kernel)

    def test_times_that_are_none(self):
        for program in ("run-qemu", "run-v86"):
            for text in ("soon", "0", "-1", "nan", "inf"):
                self.check(f"{text} is no time in seconds above 0", program, "--timeout", text,
                           "--kernel", self.kernel)

    def test_sizes_that_are_none(self):
        for program in ("run-qemu", "run-v86"):
            for size in ("0", "-5", "banana", "", "1.5G"):
                self.check(f"-m/--memory: {size} is no size", program, "-m", size,
                           "--kernel", self.kernel)
        self.check("v86 has at most 2047M", "run-v86", "-m", "2G", "--kernel", self.kernel)

    def test_files_that_are_missing(self):
        self.check("build it with make", "run-qemu", "--kernel", self.missing)
        self.check("build it with make", "run-qemu", "--build", self.missing)
        self.check("does not exist", "make-iso", self.missing, self.kernel)
        for options in ((), ("--iso",), ("--iso=multiboot2",)):
            self.check("missing does not exist", "run-qemu", *options, "--kernel", self.kernel,
                       "--initrd", f"{self.missing} with words")
        self.check("missing does not exist", "run-v86", "--kernel", self.kernel,
                   "--initrd", self.missing)

    def test_an_emulator_that_is_missing(self):
        self.check("'tools/need qemu' installs it", "run-qemu", "--kernel", self.kernel,
                   "--binary", "qemu-system-nowhere")

    def test_a_kernel_that_is_none_is_the_emulators_failure(self):
        done = subprocess.run([ROOT / "tools/run-qemu", "--kernel", self.kernel, "--timeout", "10"],
                              cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, verdict.EMULATOR_FAILED, done.stderr)

    def start_endless(self, *options):
        """Start a guest that loops for ever, in a process group of its own."""
        self.kernel.write_bytes(ENDLESS_KERNEL)
        return subprocess.Popen([ROOT / "tools/run-qemu", "--kernel", self.kernel, *options],
                                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True, start_new_session=True)

    def test_a_guest_that_takes_too_long_leaves_one_line(self):
        process = self.start_endless("--timeout", "1")
        errors = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, verdict.TIMEOUT, errors)
        self.assertRegex(errors, r"\Arun-qemu: time-out: .*\n\Z")

    def test_an_interrupt_leaves_one_line(self):
        process = self.start_endless("--show-command")
        process.stderr.readline()
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        errors = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, verdict.INTERRUPTED, errors)
        self.assertEqual(errors, "run-qemu: interrupted\n")


if __name__ == "__main__":
    unittest.main()
