"""What cppcheck suspects, without what it says of every kernel."""

import shutil

from checks.compilers import Job, run
from checks.tree import Finding

FOLDERS = ("boot", "kernel", "mm", "drivers", "lib")

# What it does not understand, and why it is wrong there.
SUPPRESSED = (
    "comparePointers",      # the ends of a section of the linker's are two arrays to it
    "va_end_missing",       # panic() never returns
    "internalAstError",     # typeof in min() and max() is beyond its parser
)


def check(tree):
    """Run cppcheck once, over everything."""
    if not shutil.which("cppcheck"):
        return [Finding("tools/checks/suspicions.py", 0, "cppcheck is not installed")]
    command = ["cppcheck", "-q", "-j2", "--std=c11", "--platform=unix32", "-I.",
               "-DSTRATA_DEBUG=1", "--enable=warning,performance,portability", "--error-exitcode=1",
               "--template={file}:{line}:1: warning: {message} [{id}]"]
    command += [f"--suppress={name}" for name in SUPPRESSED]
    command += [folder for folder in FOLDERS if tree.exists(folder)]
    return run(tree, Job("tools/checks/suspicions.py", command))
