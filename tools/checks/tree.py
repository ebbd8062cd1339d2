"""The files of the project, and what a check says about one of them."""

import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from checks.source import Source

# The house has these folders; whatever else lies beside them is not ours.
FOLDERS = ("boot", "kernel", "mm", "drivers", "lib", "tests", "tools", "docs", ".ci")
TOP_FILES = ("Makefile", "linker.ld", "README.md", "LICENSE")
LEFT_OUT = {"__pycache__", "node_modules"}


class Finding(NamedTuple):
    """Something that is not as it should be. Line 0 means the whole file."""
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}" if self.line else \
            f"{self.path}: {self.message}"


class Tree:
    """All files below a root, by their paths from there, with / between the parts."""

    def __init__(self, root):
        self.root = Path(root)
        self.files = sorted(self._walk())

    def _walk(self):
        yield from (name for name in TOP_FILES if (self.root / name).is_file())
        for top in FOLDERS:
            for folder, below, names in os.walk(self.root / top):
                below[:] = [name for name in below if name not in LEFT_OUT]
                here = Path(folder).relative_to(self.root)
                yield from ((here / name).as_posix() for name in names)

    def select(self, *suffixes, under=("",)):
        """The files that end so and lie under one of the folders."""
        return [path for path in self.files
                if path.endswith(suffixes) and path.startswith(tuple(under))]

    def exists(self, path):
        """Whether there is such a file or folder."""
        return (self.root / path).exists()

    @lru_cache(maxsize=None)
    def text(self, path):
        """The contents of a file."""
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    @lru_cache(maxsize=None)
    def source(self, path):
        """A file of C, read."""
        return Source(self.text(path))
