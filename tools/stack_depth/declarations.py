"""Reading indirect.txt, whose head explains it: who calls whom through a pointer."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

PATH = Path(__file__).with_name("indirect.txt")


@dataclass
class Role:
    """Functions called through pointers of one kind: where that happens, and which they are."""
    name: str
    places: set = field(default_factory=set)        # (file, function)
    patterns: list = field(default_factory=list)
    tables: list = field(default_factory=list)      # (first symbol, last symbol)

    def names(self, function, file):
        """Whether the role has a function of this name and file, whose last name counts."""
        full = f"{file.rpartition('/')[2]}:{function}"
        return any(fnmatchcase(full if ":" in pattern else function, pattern)
                   for pattern in self.patterns)


@dataclass
class Declarations:
    """All roles by name, how often names may occur in a chain, and which not behind which."""
    roles: dict = field(default_factory=dict)
    most: dict = field(default_factory=dict)
    never: set = field(default_factory=set)         # (first, second)
    traps: set = field(default_factory=set)         # (function, handler)


def read(path=PATH):
    """Read the file."""
    result, role = Declarations(), None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        word, values = words[0], words[1:]
        if word == "role" and len(values) == 1:
            role = result.roles.setdefault(values[0], Role(values[0]))
        elif word == "at" and role and len(values) > 1:
            role.places.update((values[0], name) for name in values[1:])
        elif word == "to" and role and values:
            role.patterns += values
        elif word == "table" and role and len(values) == 2:
            role.tables.append(tuple(values))
        elif word == "most" and len(values) == 2 and values[0].isdigit():
            result.most[values[1]] = int(values[0])
        elif word == "never" and len(values) == 2:
            result.never.add(tuple(values))
        elif word == "trap" and len(values) == 2:
            result.traps.add(tuple(values))
        else:
            raise ValueError(f"{path}:{number}: not understood: {line.strip()}")
    return result
