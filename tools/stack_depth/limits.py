"""
The stacks, how large they are, and what must fit into each: all limits stand here.

A context is a call chain that begins at a known function. On one stack several may lie upon each
other: a task is interrupted by an exception, that by an interrupt, and the work that follows an
interrupt by another one. Their deepest chains are added up, though it is unlikely that all of them
are interrupted at their deepest.
"""

from typing import NamedTuple

PAGE_BYTES = 4096
RESERVE_BYTES = 64              # what must be left of each stack

# What they do is not added to whoever calls them, but once to each stack: these end the machine,
PANICS = {"panic", "panic_from", "trap_report", "refuse_to_run", "early_refuse"}
# and these say that there is a bug.
REPORTS = {"bug_report", "page_debug_report", "page_debug_report_bad_free", "print_way",
           "print_class", "report_double", "report_order", "report_too_long"}

# What the CPU pushes before the first instruction of a root: flags, code segment, address.
TRAP_BYTES = 12


class Context(NamedTuple):
    """Where a chain begins, what lies below its first frame, and who has no part in it."""
    roots: tuple
    bytes_before: int = 0
    without: frozenset = frozenset()


class Stack(NamedTuple):
    """A stack: its size, and what may lie on it at the same time; of a tuple, the largest."""
    pages: int
    contexts: tuple


INTERRUPT_HANDLERS = {"interrupt_handle", "handle_call", "handle_reschedule", "handle_interrupt",
                      "handle_error", "handle_spurious", "handle_local_timer", "count_vector"}
NMI_HANDLERS = {"handle_nmi"}

# Installed by tests: what they do is counted behind the test, see `trap` in indirect.txt.
TEST_HANDLERS = {"note_trap", "on_step", "on_execution_fault"}
EXCEPTION_HANDLERS = TEST_HANDLERS | {"fixup_apply"}

# Where interrupts are off or preemption is, a request does not wait, so it reclaims nothing, and
# nothing changes tasks: might_sleep(), schedule() and preempt_schedule() see to that.
SLEEPERS = {"reclaim_pages", "page_wait", "reschedule"}
# An interrupt's way to another stack, or to another task before it ends.
WAYS_OUT = {"irq_stack_call", "preempt_schedule_irq"}
NOT_IN_INTERRUPTS = EXCEPTION_HANDLERS | NMI_HANDLERS | SLEEPERS | {"preempt_schedule_irq"}

CONTEXTS = {
    # Softirqs run within a task, or after an interrupt, never both; and a change of tasks lets no
    # interrupt come which leads to another. Both are counted with the interrupt, where they are as
    # deep and more lies below them.
    "task": Context(("kernel_main", "smp_start_main", "task_begin"),
                    without=frozenset({"[irq_stack.call]", "reschedule"})),
    "exception": Context(("trap_stubs",), TRAP_BYTES,
                         frozenset(INTERRUPT_HANDLERS | NMI_HANDLERS | TEST_HANDLERS | SLEEPERS |
                                   WAYS_OUT)),
    "interrupt": Context(("trap_stubs",), TRAP_BYTES, frozenset(NOT_IN_INTERRUPTS)),
    # Softirqs run with interrupts on; what then interrupts runs none.
    "nested": Context(("trap_stubs",), TRAP_BYTES, frozenset(NOT_IN_INTERRUPTS | {"softirq_run"})),
    # An interrupt, as far as it goes on the stack of the task that it interrupts: interrupts stay
    # off while it changes stacks, or tasks.
    "entry": Context(("trap_stubs",), TRAP_BYTES,
                     frozenset(EXCEPTION_HANDLERS | {"handle", "[trap.handler]",
                                                     "[irq_stack.call]"})),
    # It may come at any place of all this, once: the CPU takes no second one before the end of it.
    "NMI": Context(("trap_stubs",), TRAP_BYTES,
                   frozenset(INTERRUPT_HANDLERS | EXCEPTION_HANDLERS | WAYS_OUT)),
    "report": Context(tuple(REPORTS)),
    "panic": Context(("panic", "panic_from", "trap_report")),
    "double fault": Context(("double_fault_main",)),
    "boot": Context(("_start",), without=frozenset({"early_enter_paging"})),
}

# Whatever goes wrong at the deepest place: the larger counts.
LAST = ("report", "panic")

# By STACK_PAGES.
STACKS = {
    2: {
        "task": Stack(2, ("task", "exception", ("interrupt", "entry"), "nested", "NMI", LAST)),
        "double fault": Stack(1, ("double fault", "NMI", LAST)),
        "boot": Stack(1, ("boot",)),
    },
    1: {
        "task": Stack(1, ("task", "exception", "entry", "NMI", LAST)),
        "interrupt": Stack(1, ("interrupt", "exception", "nested", "NMI", LAST)),
        "double fault": Stack(1, ("double fault", "NMI", LAST)),
        "boot": Stack(1, ("boot",)),
    },
}


def limit_of(stack):
    """How many bytes of a stack may be used."""
    return stack.pages * PAGE_BYTES - RESERVE_BYTES
