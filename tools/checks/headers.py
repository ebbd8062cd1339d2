"""Every header compiles alone, and twice, without a warning."""

from checks.compilers import Job, kernel_command, run_all

HOSTED = ("tests/host/", "tests/unit/", "tests/fuzz/")
HOSTED_FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-DSTRATA_DEBUG=1", "-iquote", "tests/host",
                "-iquote", "."]


def check(tree):
    """Compile each header with both compilers."""
    commands = [kernel_command(tree), kernel_command(tree, "CC=clang")]
    yield from run_all(tree, [header_job(path, command)
                              for path in tree.select(".h") for command in commands])


def header_job(path, command):
    """A file that has nothing but the header."""
    if path.startswith(HOSTED):
        command = [command[0], *HOSTED_FLAGS]
    return Job(path, [*command, "-fsyntax-only", "-x", "c", "-"], f'#include "{path}"\n' * 2)
