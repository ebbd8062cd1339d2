"""Per-CPU variables of each CPU."""

import gdb

from command import add
from kernel import KernelError, constant, per_cpu_variable, variable


def add_commands():
    """Make the commands of this file."""
    add("strata-percpu", show_percpu)


def show_percpu(arguments):
    """Show a per-CPU variable of each CPU: strata-percpu [EXPRESSION]

EXPRESSION names the variable, or a part of it, as in strata-percpu preempt_word or strata-percpu
cpu_tasks.task. Without it, show where each CPU's copies are."""
    template = gdb.parse_and_eval(arguments) if arguments else None
    if template is not None and not is_per_cpu(template):
        raise KernelError(f"{arguments} is no per-CPU variable")
    for cpu in range(int(variable("nr_cpu_ids"))):
        offset = int(variable("per_cpu_offset")[cpu]) & 0xFFFFFFFF
        if not offset:
            yield f"CPU {cpu}: has no copies yet"
        elif template is None:
            start = (constant("PERCPU_TEMPLATE_START") + offset) & 0xFFFFFFFF
            yield f"CPU {cpu}: {start:#x}, template + {offset:#x}"
        else:
            yield f"CPU {cpu}: {per_cpu_variable(arguments, cpu)}"


def is_per_cpu(value):
    """Whether a value lies where linker.ld puts the template."""
    if value.address is None:
        return False
    distance = (int(value.address) & 0xFFFFFFFF) - constant("PERCPU_TEMPLATE_START")
    return 0 <= distance < constant("PERCPU_UNIT_BYTES_MOST")
