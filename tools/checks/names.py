"""
What texts name is there: files, classes of bug reports, commands of the monitor, targets of make.

Looked for are paths such as mm/page.h in comments and documents; and in documents also "BUG:
class", commands after the monitor's prompt or in run="…", and `make target`.
"""

import re

from checks.tree import Finding

KERNEL = ("boot/", "kernel/", "mm/", "drivers/", "lib/")

PATH = re.compile(r"(?<![\w/.<-])(?:boot|kernel|mm|drivers|lib|tests|tools|docs)/[\w/.-]*\w"
                  r"\.(?:c|h|md|py|asm|mk|mjs|ld|js)\b(?![*{…])")
BUG_CLASS = re.compile(r"\bBUG: (?!class\b)([a-z][a-z-]+)")
PROMPT_COMMAND = re.compile(r"^\s*strata> ([a-z]\w*)", re.MULTILINE)
RUN_COMMANDS = re.compile(r'run="([^"]+)"')
MAKE_TARGET = re.compile(r"`make ([a-z][\w-]*)")
DEFINED_COMMAND = re.compile(r"\b(?:MONITOR_COMMAND|\w+_COMMAND)\((\w+)")
DEFINED_TARGETS = re.compile(r"^([\w ./$()-]+):(?!=)", re.MULTILINE)


def check(tree):
    """Look at the comments of the code, then at the documents."""
    for path in tree.select(".c", ".h"):
        for number, line in enumerate(tree.source(path).comments, 1):
            yield from missing_paths(tree, path, number, line)
    documents = tree.select(".md")
    commands, targets, strings = commands_of(tree), targets_of(tree), strings_of(tree)
    for path in documents:
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            yield from missing_paths(tree, path, number, line)
            yield from (Finding(path, number, f"nothing reports 'BUG: {name}'")
                        for name in BUG_CLASS.findall(line) if f'"{name}"' not in strings)
            yield from (Finding(path, number, f"the monitor has no command '{name}'")
                        for name in commands_in(line) if commands and name not in commands)
            yield from (Finding(path, number, f"make has no target '{name}'")
                        for name in MAKE_TARGET.findall(line) if name not in targets)


def missing_paths(tree, path, number, line):
    """The paths that a line names and that are not there, although their top folder is."""
    yield from (Finding(path, number, f"{name} is not there") for name in PATH.findall(line)
                if not tree.exists(name) and tree.exists(name.partition("/")[0]))


def commands_in(line):
    """The commands of the monitor that a line of a document shows."""
    yield from PROMPT_COMMAND.findall(line)
    for commands in RUN_COMMANDS.findall(line):
        yield from (words.split()[0] for words in commands.split(";")
                    if re.match(r"\s*[a-z]", words))


def commands_of(tree):
    """The commands that the monitor has."""
    return {name for path in tree.select(".c", under=KERNEL)
            for name in DEFINED_COMMAND.findall("\n".join(tree.source(path).code))}


def strings_of(tree):
    """All code of the kernel, in which the classes of bugs are strings."""
    return "\n".join("\n".join(tree.source(path).code) for path in tree.select(".c", under=KERNEL))


def targets_of(tree):
    """The targets of the Makefile and of what it includes."""
    return {name for path in tree.select("Makefile", ".mk")
            for line in DEFINED_TARGETS.findall(tree.text(path)) for name in line.split()}
