"""
Commands for gdb that show the memory and tasks of a stopped kernel; `make debug` loads them.

    (gdb) source tools/gdb/strata.py
    (gdb) help strata

They only read, so they work wherever the machine stopped, in the middle of an allocation too. What
they find then may be half done: strata-check says so where a lock is held.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import show_map     # noqa: E402
import show_pages   # noqa: E402
import show_percpu  # noqa: E402
import show_tables  # noqa: E402
import show_tasks   # noqa: E402
import verify       # noqa: E402
from command import add_overview  # noqa: E402

add_overview()
for module in (show_pages, show_map, show_tables, show_tasks, show_percpu, verify):
    module.add_commands()
