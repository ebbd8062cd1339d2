"""
Every invariant is stated once, checked by something, and named by a test.

Stated: in the paragraph "Invariants" of a file's theory, as in

    * Invariants  BUDDY-1  every block on list n is PAGE_FREE.
    *             BUDDY-2  two free buddies of one order never coexist. (Guarded by buddy_free().)

Checked: CHECK_INVARIANT(BUDDY-1, …); or a string of code that has its name; or a remark "(Guarded
by …)", "(Checked …)" behind its statement, or below all statements of the paragraph and in their
column, for all of them.

Named by a test: BUDDY-1 or BUDDY_1 in a file below tests/, or buddy_1 in the name of a TEST(). What
the text of a static_assert names needs no test, since the compiler is one.
"""

import re
from typing import NamedTuple

from checks.tree import Finding

KERNEL = ("boot/", "kernel/", "mm/", "drivers/", "lib/")
PLACE_OF_THE_MACRO = "lib/assert.h"

NAME = re.compile(r"\b([A-Z]{2,}-\d+)\b")
OPENING = re.compile(r" \* Invariants +(?=\S)")
STATEMENT = re.compile(r"([A-Z]{2,}-\d+)  \S")
REMARK = re.compile(r"\((?:Guarded|Checked)\b(?:[^()]|\(\))*\)")
CHECKED_BY_MACRO = re.compile(r"CHECK_INVARIANT\(\s*([A-Z]+-\d+)")
NAME_IN_TEST = re.compile(r"(?<![A-Z])([A-Z]{2,})[-_](\d+)(?!\d)")
TEST_OPENING = re.compile(r"^TEST\(.*\)", re.MULTILINE)
STATIC_ASSERT = re.compile(r"static_assert\(.*?\);", re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
PATH_IN_REMARK = re.compile(r"\b(?:mm|kernel|lib|drivers|boot|tests)/[\w/.]*\w")
FUNCTION_IN_REMARK = re.compile(r"\b(\w+)\(\)")


class Invariant(NamedTuple):
    """A statement, and the remarks that say who guards it."""
    name: str
    path: str
    line: int
    remarks: tuple


def stated_in(path, lines):
    """The invariants of one file; lines are its comments."""
    for index, line in enumerate(lines):
        opening = OPENING.match(line)
        if opening:
            yield from stated_in_paragraph(path, lines, index, opening.end())


def stated_in_paragraph(path, lines, start, column):
    """The invariants of the paragraph that begins at lines[start], with its text at a column."""
    statements, remarks_for_all, where = [], [], []
    for index in range(start, len(lines)):
        text = lines[index][column:].rstrip()
        if not text or index > start and lines[index][2:column].strip():
            break
        match = STATEMENT.match(text)
        if match:
            where = [text]
            statements.append((match[1], index + 1, where))
        elif text.startswith("(") and REMARK.match(text + ")"):
            where = remarks_for_all
            where.append(text)
        else:
            where.append(text.strip())
    common = REMARK.findall(" ".join(remarks_for_all))
    for name, line, texts in statements:
        yield Invariant(name, path, line, tuple(REMARK.findall(" ".join(texts)) + common))


def check(tree):
    """Compare what is stated with what is checked and tested."""
    stated = [invariant for path in tree.select(".c", ".h", under=KERNEL)
              for invariant in stated_in(path, tree.source(path).comments)]
    checked, tested = names_checked(tree), names_tested(tree)
    yield from find_repeated(stated)
    for invariant in stated:
        place = invariant.path, invariant.line
        if invariant.name not in checked and not invariant.remarks:
            yield Finding(*place, f"{invariant.name} is checked by nothing")
        if invariant.name not in tested:
            yield Finding(*place, f"{invariant.name} is named by no test")
        for remark in invariant.remarks:
            yield from (Finding(*place, text) for text in faults_of_remark(tree, remark))
    yield from find_unstated(tree, {invariant.name for invariant in stated})


def names_checked(tree):
    """The names that CHECK_INVARIANT or a string of the kernel's code has."""
    names = set()
    for path in tree.select(".c", ".h", under=KERNEL):
        code = "\n".join(tree.source(path).code)
        names.update(CHECKED_BY_MACRO.findall(code))
        for string in STRING.findall(code):
            names.update(NAME.findall(string))
    return names


def names_tested(tree):
    """The names that tests have, and those that the compiler tests."""
    names = set()
    for path in tree.select(".c", ".h", ".py", under=("tests/",)):
        text = tree.text(path)
        text += "".join(match.upper() for match in TEST_OPENING.findall(text))
        names.update(f"{family}-{number}" for family, number in NAME_IN_TEST.findall(text))
    for path in tree.select(".c", ".h", under=KERNEL):
        for assertion in STATIC_ASSERT.findall("\n".join(tree.source(path).code)):
            names.update(NAME.findall(assertion))
    return names


def find_repeated(stated):
    """Names that are stated twice."""
    first = {}
    for invariant in stated:
        if invariant.name in first:
            yield Finding(invariant.path, invariant.line, f"{invariant.name} is stated in "
                                                          f"{first[invariant.name]} as well")
        first.setdefault(invariant.name, invariant.path)


def find_unstated(tree, stated):
    """Names that are cited as if they were stated."""
    families = {name.partition("-")[0] for name in stated}
    for path in tree.select(".c", ".h", ".md"):
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            cited = {name for name in NAME.findall(line) if name.partition("-")[0] in families}
            if path != PLACE_OF_THE_MACRO and not path.startswith("tests/"):
                cited.update(CHECKED_BY_MACRO.findall(line))
            yield from (Finding(path, number, f"{name} is stated nowhere")
                        for name in sorted(cited - stated))


def faults_of_remark(tree, remark):
    """The files and functions that a remark names and that are not there."""
    for path in PATH_IN_REMARK.findall(remark):
        if not tree.exists(path):
            yield f"the remark names {path}, which is not there"
    for name in FUNCTION_IN_REMARK.findall(remark):
        definition = re.compile(rf"\b{name}\(")
        if not any(definition.search("\n".join(tree.source(path).code))
                   for path in tree.select(".c", ".h")):
            yield f"the remark names {name}(), which is not there"
