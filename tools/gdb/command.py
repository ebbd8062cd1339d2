"""How a command is made of a function: its doc string is the help, its errors are sentences."""

import gdb

from kernel import KernelError, forget_memory

OVERVIEW = """Show the memory and the tasks of the stopped kernel.

strata-zones             zones: frames, free pages, watermarks, reserves
strata-free [ZONE]       free blocks of each order, the newest first
strata-pcp               the lists of each CPU
strata-page WHAT         a page: state, block, owner
strata-memmap            the physical address space, with what is claimed
strata-claims            the claimed parts of RAM alone
strata-check [all]       the invariants BUDDY-1 to BUDDY-5, PCP-1 and PCP-3
strata-tasks             all tasks: what they do, CPU, priority
strata-task NAME|PID     a task: its stack, and its call chain even while it does not run
strata-queues            the run queue of each CPU
strata-walk ADDRESS      the page-table entries that an address goes through
strata-percpu [VARIABLE] a per-CPU variable of each CPU"""


class Overview(gdb.Command):
    """The prefix, which by itself prints what there is."""
    __doc__ = OVERVIEW

    def invoke(self, _arguments, _from_terminal):
        """Called by gdb."""
        print(OVERVIEW)


def add_overview():
    """Make the command `strata`."""
    Overview("strata", gdb.COMMAND_DATA)


def add(name, function):
    """Make a command of a function that takes the text of the arguments and yields lines."""
    def invoke(_self, arguments, _from_terminal):
        run(function, arguments.strip())
    made = type(name, (gdb.Command,), {"__doc__": function.__doc__, "invoke": invoke})
    made(name, gdb.COMMAND_DATA)


def run(function, arguments):
    """Print the lines of a command; what cannot be read or found ends it with one sentence."""
    forget_memory()
    try:
        for line in function(arguments):
            print(line.rstrip())
    except gdb.MemoryError as error:
        raise gdb.GdbError(f"{error}; is paging on yet?") from None
    except (KernelError, gdb.error) as error:
        raise gdb.GdbError(str(error)) from None
