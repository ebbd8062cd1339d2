"""No .c file includes a header of which it uses nothing."""

import re

from checks.includes import INCLUDE
from checks.tree import Finding

KERNEL = ("boot/", "kernel/", "mm/", "drivers/", "lib/", "tests/self/")

# Used wherever there is code, so they tell nothing.
EVERYWHERE = ("lib/types.h", "lib/compiler.h")

# What a header brings: macros, functions, enumerators, tags, types and variables.
DECLARATION = re.compile(r"""
      ^\s*\#\s*define[ ](\w+)
    | ^(?:struct|enum|union)[ ](?:\w+\(.*?\)[ ])?(\w+)[ ]\{
    | ^[a-z].*?\b(\w+)\(
    | ^\s+([A-Z][A-Z0-9_]+)\b
    | ^typedef[ ].*?(\w+);
    | ^extern[ ].*?(\w+)(?:\[.*)?;""", re.MULTILINE | re.VERBOSE)


def check(tree):
    """Look at every include but that of a file's own header."""
    for path in tree.select(".c", under=KERNEL):
        code = tree.source(path).code
        words = set(re.findall(r"\w+", "\n".join(line for line in code if not INCLUDE.match(line))))
        for number, line in enumerate(code, 1):
            match = INCLUDE.match(line)
            if match and is_unused(tree, match[2], words) and match[2] != path[:-1] + "h":
                yield Finding(path, number, f'nothing of "{match[2]}" is used')


def is_unused(tree, header, words):
    """Whether neither a header nor those that it includes declare any of the words."""
    if not tree.exists(header):
        return False
    passed_on = set(included_by(tree, header)) - set(EVERYWHERE)
    return all(not words & declared_by(tree, name) for name in {header} | passed_on)


def included_by(tree, header):
    """The headers of ours that a header includes."""
    matches = map(INCLUDE.match, tree.source(header).code)
    return [match[2] for match in matches if match and tree.exists(match[2])]


def declared_by(tree, header):
    """The names that a header declares."""
    code = "\n".join(tree.source(header).code)
    return {name for names in DECLARATION.findall(code) for name in names if name}
