"""
Reader of KTAP version 1, the form in which the kernel and the hosted tests report.

Idea        The text comes from a serial line: it may hold log lines between the results, be cut in
            the middle of a line, or stop for good. So the reader never guesses. What it cannot
            place is a *problem*, and a report with a problem is not a pass.

Picture     KTAP version 1                  opens a level at indent 0
            1..2                            its plan
                KTAP version 1              opens a level at indent 4
                1..1
                # buddy.c:12: 3 is not 4    diagnostic of the next result
                not ok 1 merge              a leaf: counted as buddy.merge
            not ok 1 buddy                  closes the level below it
            ok 2 zone                       a leaf: nothing was nested before it

Counting    Only leaves count. A parent that says "not ok" although none of its leaves failed
            counts as one failed test of its own: something outside the leaves went wrong.

Directives  "ok N name # SKIP reason" is a skipped test. Any "not ok" is a failure, whatever
            follows it.
"""

import re
from dataclasses import dataclass, field

VERSION = re.compile(r"^( *)K?TAP version \d+$")
PLAN = re.compile(r"^( *)1\.\.(\d+)(?:\s*#.*)?$")
RESULT = re.compile(r"^( *)(not ok|ok) (\d+)(?:\s+(?:- )?(.*))?$")
DIAGNOSTIC = re.compile(r"^ *# ?(.*)$")
BAIL_OUT = re.compile(r"^ *Bail out!\s*(.*)$")
SKIP = re.compile(r"(?:^|\s)#\s*SKIP\b\s*(.*)$", re.IGNORECASE)

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass
class Result:
    """One test: its dotted name, how it ended, and what was said about it."""
    name: str
    outcome: str
    detail: str = ""


@dataclass
class Level:
    """An open list of results: where it is indented, what it planned and what has come so far."""
    indent: int
    plan: int = None
    count: int = 0
    leaves: list = field(default_factory=list)
    notes: list = field(default_factory=list)


class Report:
    """Feed it text as it comes, close() it at the end, then read results and problems."""

    def __init__(self):
        self.results = []
        self.problems = []
        self.plan_seen = False
        self._levels = []
        self._partial = ""

    def feed(self, text):
        """Take the next piece of text; an unfinished last line waits for its rest."""
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._take_line(line.rstrip("\r"))

    def close(self):
        """No more text comes. A last line without an end is not believed: it may have been cut."""
        self._close_levels(0)
        self._partial = ""
        return self

    def count(self, outcome):
        """How many tests ended so."""
        return sum(result.outcome == outcome for result in self.results)

    @property
    def complete(self):
        """Whether there was a plan and each plan was carried out to its end."""
        return self.plan_seen and not self.problems

    def _take_line(self, line):
        """Sort one whole line by its form; what has none of them is log output."""
        for form, action in self._FORMS:
            match = form.match(line)
            if match:
                action(self, match)
                return

    def _take_version(self, match):
        """A version line opens a level; it also ends whatever stood at its depth or deeper."""
        indent = len(match[1])
        if indent and not self._levels:
            self.problems.append("a nested report outside any other")
        self._close_levels(indent)
        self._levels.append(Level(indent))

    def _take_plan(self, match):
        """A plan belongs to the level of its indent, once."""
        level = self._level_at(len(match[1]))
        if level is None or level.plan is not None or level.count:
            self._complain_if_open(f"unexpected plan: {match[0].strip()}")
            return
        level.plan = int(match[2])
        self.plan_seen = True

    def _take_result(self, match):
        """A result closes the level nested before it and names that level's leaves."""
        indent = len(match[1])
        level = self._level_at(indent)
        if level is None:
            self._complain_if_open(f"a result outside any plan: {match[0].strip()}")
            return
        name, skip_reason = split_directive(match[4] or f"test {match[3]}")
        children = self._close_nested(level, name)
        level.count += 1
        if int(match[3]) != level.count:
            self.problems.append(f"{name} is numbered {match[3]}, expected {level.count}")
        failed = match[2] == "not ok"
        if not children or (failed and all(leaf.outcome != FAILED for leaf in children)):
            children.append(make_result(name, failed, skip_reason, level.notes))
        level.notes = []
        level.leaves += children
        if indent == 0:
            self.results += level.leaves
            level.leaves = []

    def _take_bail_out(self, match):
        """The tests gave up."""
        self.problems.append(f"bailed out: {match[1]}".rstrip(": "))

    def _take_diagnostic(self, match):
        """A diagnostic speaks about the next result."""
        if self._levels and not match[1].startswith("Subtest:"):
            self._levels[-1].notes.append(match[1])

    _FORMS = ((VERSION, _take_version), (PLAN, _take_plan), (RESULT, _take_result),
              (BAIL_OUT, _take_bail_out), (DIAGNOSTIC, _take_diagnostic))

    def _complain_if_open(self, problem):
        """Before any version line all is log output; after it, a stray KTAP line is a problem."""
        if self._levels:
            self.problems.append(problem)

    def _level_at(self, indent):
        """The open level of exactly this indent, or None."""
        return next((level for level in self._levels if level.indent == indent), None)

    def _close_nested(self, level, name):
        """Close the level below this one, if any; returns its leaves under the name given."""
        nested = self._levels[self._levels.index(level) + 1:]
        if not nested:
            return []
        del self._levels[self._levels.index(level) + 1:]
        for deeper in nested[1:]:
            self._abandon(deeper)
            nested[0].leaves += deeper.leaves
        self._check_plan(nested[0], name)
        level.notes += nested[0].notes
        return [Result(f"{name}.{leaf.name}", leaf.outcome, leaf.detail)
                for leaf in nested[0].leaves]

    def _close_levels(self, indent):
        """End the levels at this depth and deeper, of which the nested ones lack their result."""
        while self._levels and self._levels[-1].indent >= indent:
            level = self._levels.pop()
            if level.indent == 0:
                self._check_plan(level, "the report")
            else:
                self._abandon(level)
            if self._levels:
                self._levels[0].leaves += level.leaves
            else:
                self.results += level.leaves

    def _abandon(self, level):
        """A nested level ended without the result that names it."""
        self.problems.append(f"a nested report stopped after {level.count} of "
                             f"{'?' if level.plan is None else level.plan} tests")

    def _check_plan(self, level, name):
        """Compare what was planned with what came."""
        if level.plan is None:
            self.problems.append(f"{name} has no plan")
        elif level.plan != level.count:
            self.problems.append(f"{name} planned {level.plan} tests and reported {level.count}")


def split_directive(text):
    """Split "name # SKIP why" into the name and the reason; the reason is None without SKIP."""
    match = SKIP.search(text)
    if match is None:
        return text.strip(), None
    return text[:match.start()].strip(), match[1].strip() or "no reason given"


def make_result(name, failed, skip_reason, notes):
    """Build the result of one leaf; the notes are its detail unless it was skipped."""
    if failed:
        return Result(name, FAILED, "\n".join(notes))
    if skip_reason is not None:
        return Result(name, SKIPPED, skip_reason)
    return Result(name, PASSED, "\n".join(notes))


def read(text):
    """Read one whole text."""
    report = Report()
    report.feed(text)
    return report.close()
