"""Locks are held where prototypes ask for them (lib/thread_safety.h), in both builds."""

from checks.compilers import Job, kernel_command, run_all

KERNEL = ("boot/", "kernel/", "mm/", "drivers/", "lib/", "tests/self/")


def check(tree):
    """Let clang analyse every file."""
    commands = [[*kernel_command(tree, "CC=clang", f"DEBUG={debug}"), "-Wthread-safety",
                 "-fsyntax-only"] for debug in (1, 0)]
    yield from run_all(tree, [Job(path, [*command, path])
                              for path in tree.select(".c", under=KERNEL) for command in commands])
