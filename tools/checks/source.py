"""
Reading C as far as the checks need it: what is comment, what is code, where the functions are.

Nothing is preprocessed. Functions are found by the project's own layout, in which the opening brace
of a function, and nothing else, is alone in the first column; a function written otherwise is a
finding of style.py.
"""

import re
from typing import NamedTuple

TOKEN = re.compile(r"""(?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
                     | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.DOTALL | re.VERBOSE)
NAME_BEFORE_ARGUMENTS = re.compile(r"(\w+)\s*\(")
MACRO_WITH_BODY = re.compile(r"[A-Z][A-Z0-9_]*\(")
CONTROL = re.compile(r"( +)(?:\} else )?(?:if|for|while|switch|do|\w*for_each\w*)\b")
INDENT = 8


class Function(NamedTuple):
    """A definition: lines count from 1, first is where its type begins, last has the brace."""
    name: str
    first: int
    last: int
    is_macro_made: bool     # TEST(…), MONITOR_COMMAND(…) and the like


def keep_shape(text):
    """Spaces and line ends where text was."""
    return re.sub(r"[^\n]", " ", text)


class Source:
    """A file of C in lines: code without comments, comments without code. Index 0 is line 1."""

    def __init__(self, text):
        self.code = self._without_comments(text).split("\n")
        self.comments = self._only_comments(text).split("\n")
        self.functions = list(self._find_functions())

    @staticmethod
    def _without_comments(text):
        return TOKEN.sub(lambda m: keep_shape(m[0]) if m["comment"] else m[0], text)

    @staticmethod
    def _only_comments(text):
        pieces, end = [], 0
        for match in TOKEN.finditer(text):
            if match["comment"]:
                pieces += [keep_shape(text[end:match.start()]), match[0]]
                end = match.end()
        return "".join(pieces) + keep_shape(text[end:])

    def bare(self):
        """The code without the contents of its strings and without preprocessor lines."""
        lines, continued = [], False
        for line in self.code:
            is_directive = continued or line.lstrip().startswith("#")
            continued = is_directive and line.endswith("\\")
            lines.append("" if is_directive else TOKEN.sub('""', line))
        return lines

    def _find_functions(self):
        """Each definition, from its opening brace in the first column back to its head."""
        lines = self.bare()
        for index, line in enumerate(lines):
            if line.rstrip() != "{":
                continue
            head = self._head_start(lines, index)
            text = " ".join(lines[head:index])
            name = NAME_BEFORE_ARGUMENTS.search(re.sub(r"__attribute__\(\(.*?\)\)", "", text))
            if name:
                yield Function(name[1], head + 1, self._closing(lines, index) + 1,
                               bool(MACRO_WITH_BODY.match(text)))

    @staticmethod
    def _head_start(lines, index):
        """The first line of what stands before a brace."""
        while index > 0 and lines[index - 1].strip() and lines[index - 1].rstrip()[-1] not in ";}":
            index -= 1
        return index

    @staticmethod
    def _closing(lines, index):
        """The line with the brace that closes a function."""
        while index + 1 < len(lines) and not lines[index].startswith("}"):
            index += 1
        return index

    def nesting(self, function):
        """Yield (line, depth) of a function's control statements; the outermost have depth 1."""
        lines = self.bare()
        for number in range(function.first, function.last + 1):
            match = CONTROL.match(lines[number - 1])
            if match:
                yield number, len(match[1]) // INDENT

    def comment_above(self, line):
        """The text of the comment that ends directly above a line; empty when there is none."""
        end = index = line - 2
        while index >= 0 and self.comments[index].strip() and not self.code[index].strip():
            index -= 1
        return "\n".join(self.comments[index + 1:end + 1])
