"""What -fstack-usage wrote beside the objects: a file NAME.su for each NAME.o."""

import re
from typing import NamedTuple

LINE = re.compile(r"(?P<path>.+?):\d+(?::\d+)?:(?P<name>[^\t]+)\t(?P<bytes>\d+)\t(?P<how>\S+)")
WITHOUT_BOUND = "dynamic"


class Usage(NamedTuple):
    """The stack that a function takes, and whether that is all."""
    bytes: int
    is_bounded: bool


def base_name(name):
    """A function's name without what the compiler appends to copies and parts of it."""
    return name.partition(".")[0]


def read(folder):
    """
    The usage by (file's last name, function), of all objects below a folder; and by ("", function)
    in all files. Where several functions have one key, copies of one for example, the most holds.
    """
    usages = {}
    for path in sorted(folder.rglob("*.su")):
        for line in path.read_text().splitlines():
            match = LINE.fullmatch(line)
            if match is None:
                raise ValueError(f"{path}: not understood: {line}")
            file, name = match["path"].rpartition("/")[2], match["name"]
            for key in (file, name), ("", name):
                before = usages.get(key, Usage(0, True))
                usages[key] = Usage(max(before.bytes, int(match["bytes"])),
                                    before.is_bounded and match["how"] != WITHOUT_BOUND)
    return usages
