"""What the live tests share: the build under test, and whole runs of it."""

import os
import subprocess
import unittest
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from model import ROOT
from guest import commandline, images, ktap

TIMEOUT_SECONDS = 60
LAST_LINES = 20


class Build:
    """The kernel under test; live_tests.py selects it."""

    def __init__(self):
        self.folder = None
        self.is_release = False

    def select(self, folder, is_release):
        """Choose the folder of builds (None for the usual one) and the kernel in it."""
        self.folder = images.build_folder(folder)
        self.is_release = is_release

    @property
    def arguments(self):
        """The options by which run-qemu finds this kernel."""
        return ["--build", str(self.folder), *(["--release"] if self.is_release else [])]

    @property
    def kernel(self):
        """The path of the kernel's image."""
        return images.kernel(SimpleNamespace(kernel=None, build=self.folder,
                                             release=self.is_release, stack_pages=2))


build = Build()


class LiveTest(unittest.TestCase):
    """A test that makes use of context managers, which are left when it ends."""

    def use(self, manager):
        """Enter a context manager until the end of the test; returns its value."""
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value


@dataclass
class Run:
    """What became of one run of a guest."""
    status: int
    output: str
    errors: str

    @property
    def summary(self):
        """What a failed assertion should show: the failed tests if any, else how it all ended."""
        failed = [f"{result.name}: {result.detail}" for result in ktap.read(self.output).results
                  if result.outcome == ktap.FAILED]
        return "\n".join(["", *(failed or self.output.splitlines()[-LAST_LINES:]), self.errors])


def run_command(*words):
    """Run a command in the root of the repository, the build under test being the usual one."""
    done = subprocess.run([str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False,
                          env={**os.environ, "O": str(build.folder)})
    return Run(done.returncode, done.stdout.decode(errors="replace").replace("\r\n", "\n"),
               done.stderr.decode(errors="replace"))


def run_qemu(*options, line=""):
    """Boot the kernel under test in QEMU with this command line and wait for its end."""
    return run_command("tools/run-qemu", *build.arguments, "--timeout", TIMEOUT_SECONDS, *options,
                       "--", *commandline.split(line))


def write_file(folder, name, data):
    """Write a file of bytes into a folder; returns its path."""
    path = Path(folder) / name
    path.write_bytes(data)
    return path
