"""Includes point down the rings of the house, never up; and are quoted."""

import re

from checks.tree import Finding

# From the bottom to the top. A file may include what lies in its own folder and on the lines above
# its own in this list; a folder below one that is named here belongs to that one.
RINGS = (
    ("lib",),               # pure C
    ("kernel/cpu",),        # the seam: all that mm knows of the machine
    ("kernel/sync",),       # locks
    ("kernel/time",),       # jiffies, timers, the tick
    ("mm",),                # the leaf headers, beside the rooms
    ("mm/map",),            # the rooms, in the order of the staircase
    ("mm/boot",),
    ("mm/phys",),
    ("mm/slab",),
    ("mm/virt",),
    ("mm/percpu",),
    ("mm/dma",),
    ("mm/user",),
    ("mm/debug",),          # sees all rooms, and none sees it
    ("drivers",),
    ("kernel", "boot"),     # the top ring
    ("tests",),             # nobody includes tests
)

# (including file, included file): why it may stay, until the rooms have moved.
ALLOWED = {
}

# The headers that a compiler brings without a C library, and the one place that includes them.
FREESTANDING = ("stdarg.h", "stdbool.h", "stddef.h", "stdint.h")
FREESTANDING_PLACE = "lib/types.h"

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def ring_of(path):
    """(height, folder) of the ring that a file lies in; None when it lies in none."""
    found = None
    for height, folders in enumerate(RINGS):
        for folder in folders:
            if path.startswith(folder + "/") and (not found or len(folder) > len(found[1])):
                found = height, folder
    return found


def is_below_a_room(path):
    """Whether a file lies in a folder of mm that the staircase does not have."""
    return path.startswith("mm/") and path.count("/") > 1 and ring_of(path)[1] == "mm"


def judge(tree, path, bracket, included):
    """What is wrong with one include; None when nothing is."""
    if bracket == "<":
        good = path == FREESTANDING_PLACE and included in FREESTANDING
        return None if good else f"<{included}> is of a C library, which the kernel has not"
    if not tree.exists(included):
        return f'"{included}" is no path from the root of the project'
    if (path, included) in ALLOWED:
        return None
    own, other = ring_of(path), ring_of(included)
    if not other:
        return f'"{included}" lies in no ring'
    if other[0] > own[0]:
        return f"{own[1]} includes upward: {other[1]} ({included})"
    return None


def check(tree):
    """Look at every include of the kernel."""
    used = set()
    for path in tree.select(".c", ".h", under=("boot/", "kernel/", "mm/", "drivers/", "lib/")):
        if is_below_a_room(path):
            yield Finding(path, 0, "lies in no room of the staircase; see RINGS in tools/checks")
        for number, line in enumerate(tree.source(path).code, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            used.add((path, match[2]))
            message = judge(tree, path, match[1], match[2])
            if message:
                yield Finding(path, number, message)
    for path, included in ALLOWED.keys() - used:
        yield Finding("tools/checks/includes.py", 0, f"ALLOWED: {path} has no such include")
