"""Running a compiler over many files, and reading what it says."""

import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from checks.tree import Finding

MESSAGE = re.compile(r"(?P<path>[^\s:]+):(?P<line>\d+):\d+: "
                     r"(?:warning|(?:fatal )?error): (?P<text>.*)")


class Job(NamedTuple):
    """One run of a compiler. path is what is blamed when the output names no file."""
    path: str
    command: list
    text: str = ""      # its standard input


def kernel_command(tree, *settings):
    """The words with which the Makefile compiles C, with settings of it such as DEBUG=0."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", "-s", "compile-command", *settings], cwd=tree.root,
                          env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return shlex.split(done.stdout)


def run_all(tree, jobs):
    """Run all jobs, several at a time; yields each finding once."""
    seen = set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda job: run(tree, job), jobs):
            for finding in findings:
                if finding not in seen:
                    seen.add(finding)
                    yield finding


def run(tree, job):
    """Run one job; returns what the program complains of."""
    done = subprocess.run(job.command, cwd=tree.root, input=job.text, text=True, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    findings = [blame(job, match) for match in MESSAGE.finditer(done.stderr)]
    if done.returncode and not findings:
        findings = [Finding(job.path, 0, f"{job.command[0]}: {done.stderr.strip()[:200]}")]
    return findings


def blame(job, match):
    """A message as a finding; what was found in the text of the job is the path's fault."""
    if match["path"].startswith("<"):
        return Finding(job.path, 0, match["text"])
    return Finding(match["path"].removeprefix("./"), int(match["line"]), match["text"])
