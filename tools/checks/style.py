"""How files and functions look: the limits of the house, and a comment above each function."""

import io
import re
import tokenize
from functools import lru_cache

from checks.tree import Finding

COLUMNS_MOST = 100
FILE_LINES_MOST = 500
FUNCTION_LINES_MOST = 50
NESTING_MOST = 3

C_FILES = (".c", ".h")
CODE_FILES = C_FILES + (".asm", ".ld", ".py", ".sh", ".mjs", ".mk", "Makefile")
TAB_FILES = (".mk", "Makefile")
MACHINE_MADE = ("package-lock.json",)
QUOTING_FILES = (".md",)        # what the kernel prints may end in a blank

POSTPONED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
CONDITIONAL = re.compile(r"\s*#\s*(?:if|ifdef|ifndef|elif|else)\b")
BODY_ON_THE_SAME_LINE = re.compile(r"(?!enum|struct|union|typedef)[a-z_].*\)\s*\{")
WORD = re.compile(r"\w+")
DECLARED = re.compile(r"(\w+)\(")


def check(tree):
    """Look at every file, then at the functions of every file of C."""
    for path in tree.files:
        if not path.endswith(MACHINE_MADE):
            yield from check_text(tree, path)
    for path in tree.select(*C_FILES):
        yield from check_layout(tree, path)
        for function in tree.source(path).functions:
            yield from check_function(tree, path, function)


def is_code(tree, path):
    """Whether the limits of code hold for a file; programs without a suffix have a first line."""
    return path.endswith(CODE_FILES) or tree.text(path).startswith("#!")


def check_text(tree, path):
    """What holds for every file, and for all code."""
    text = tree.text(path)
    lines = text.split("\n")
    if text and not text.endswith("\n"):
        yield Finding(path, len(lines), "the last line has no end")
    if text.endswith("\n\n"):
        yield Finding(path, len(lines), "blank lines at the end")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() and not path.endswith(QUOTING_FILES):
            yield Finding(path, number, "trailing blanks")
        if is_code(tree, path):
            yield from check_code_line(path, number, line)
    if is_code(tree, path) and len(lines) > FILE_LINES_MOST:
        yield Finding(path, 0, f"{len(lines) - 1} lines, {FILE_LINES_MOST} are the most")
    yield from (Finding(path, number, f"'{match[0]}': do it, or leave it to an issue")
                for number, comment in comments_of(tree, path)
                for match in POSTPONED.finditer(comment))


def check_code_line(path, number, line):
    """What holds for one line of code."""
    columns = len(line.expandtabs(8))
    if columns > COLUMNS_MOST:
        yield Finding(path, number, f"{columns} columns, {COLUMNS_MOST} are the most")
    if "\t" in line and not path.endswith(TAB_FILES):
        yield Finding(path, number, "a tab")


def comments_of(tree, path):
    """Yield (line, text) of the comments of a file."""
    text = tree.text(path)
    if path.endswith(C_FILES):
        yield from enumerate(tree.source(path).comments, 1)
    elif path.endswith(".py"):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from ((token.start[0], token.string) for token in tokens
                    if token.type == tokenize.COMMENT)
    elif is_code(tree, path):
        yield from ((number, line) for number, line in enumerate(text.split("\n"), 1)
                    if line.lstrip().startswith(("#", ";", "//", "/*", "*")))


def check_layout(tree, path):
    """That functions are written so that they are found."""
    for number, line in enumerate(tree.source(path).bare(), 1):
        if BODY_ON_THE_SAME_LINE.match(line):
            yield Finding(path, number, "a function's brace stands in a line of its own")


def check_function(tree, path, function):
    """One function: its length, depth, conditionals and comment."""
    source = tree.source(path)
    length = function.last - function.first + 1
    if length > FUNCTION_LINES_MOST:
        yield Finding(path, function.first, f"{function.name}() has {length} lines, "
                                            f"{FUNCTION_LINES_MOST} are the most")
    for number, depth in source.nesting(function):
        if depth > NESTING_MOST:
            yield Finding(path, number, f"{function.name}() is nested {depth} deep")
    for number in range(function.first, function.last + 1):
        if CONDITIONAL.match(source.code[number - 1]):
            yield Finding(path, number, f"a conditional of the preprocessor in {function.name}()")
    if not is_explained(tree, path, function):
        yield Finding(path, function.first, f"{function.name}() has no comment above it")


def is_explained(tree, path, function):
    """Whether a comment stands above a function, here or where a header declares it."""
    return function.is_macro_made or bool(tree.source(path).comment_above(function.first)) or \
        function.name in explained_names(tree)


@lru_cache(maxsize=None)
def explained_names(tree):
    """The names that comments in headers explain, for declarations that follow them in a run."""
    names = set()
    for path in tree.select(".h"):
        source = tree.source(path)
        is_explained_run = False
        for code, comment in zip(source.code, source.comments):
            if comment.strip():
                is_explained_run = is_explained_run or not code.strip()
                names.update(WORD.findall(comment.partition(" - ")[0]) if " - " in comment else ())
            elif not code.strip():
                is_explained_run = False
            elif is_explained_run:
                names.update(DECLARED.findall(code))
    return names
