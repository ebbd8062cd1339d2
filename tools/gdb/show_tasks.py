"""Tasks, their call chains, and the queues in which they wait for a CPU."""

import struct

import gdb

from command import add
from kernel import (POINTER_BYTES, KernelError, constant, is_locked, offset_of, per_cpu_variable,
                    read_memory, read_pointer, static_variable, symbol_at, text_of_array, variable)

TASK_C = "kernel/task/task.c"
FRAMES_MOST = 64
# What switch_stacks() leaves on a stack, from stack_pointer on.
SWITCH_FRAME = "<5I"            # edi, esi, ebx, ebp, return address
INTERRUPTED_BY = "trap_common"  # above it stands the interrupted instruction, not a return address


def add_commands():
    """Make the commands of this file."""
    add("strata-tasks", show_tasks)
    add("strata-task", show_task)
    add("strata-queues", show_queues)


class Task:
    """A task, read once. What its fields mean is in kernel/task/task.h."""

    def __init__(self, address):
        self.address = address
        pointer = gdb.Value(address).cast(gdb.lookup_type("struct task_struct").pointer())
        self.value = pointer.dereference()
        self.value.fetch_lazy()
        self.name = text_of_array(self.value["name"])

    def number(self, field):
        """A field that is a number."""
        return int(self.value[field])

    @property
    def stack(self):
        """Its stack: (bottom, top)."""
        return stack_of(self.value["stack"])

    @property
    def doing(self):
        """What it does, in a word or two."""
        if self.number("state") == constant("TASK_DEAD"):
            return "dead"
        for field, word in (("is_ready", "ready"), ("is_on_cpu", "running"),
                            ("must_move", "to be moved")):
            if self.number(field):
                return word
        if self.number("is_queued"):
            return "idle"
        return "sleeping" if self.number("state") == constant("TASK_INTERRUPTIBLE") else "waiting"


def stack_of(value):
    """A struct kernel_stack as (bottom, top)."""
    return int(value["bottom"]), int(value["top"])


def list_entries(anchor, type_name, member, most):
    """Yield the structures of a list. One that does not end is a KernelError."""
    offset, node = offset_of(type_name, member), read_pointer(anchor)
    while node != anchor:
        if not most:
            raise KernelError(f"damaged: the list at {anchor:#x} does not end")
        yield node - offset
        most -= 1
        node = read_pointer(node)


def tasks():
    """All tasks, oldest first."""
    anchor = int(static_variable(TASK_C, "all_tasks").address)
    count = int(static_variable(TASK_C, "all_count"))
    if not count:
        raise KernelError("there are no tasks yet")
    # Where the machine stopped in the making of one, the count is one behind.
    addresses = list_entries(anchor, "struct task_struct", "all_link", count + 1)
    return (Task(address) for address in addresses)


def show_tasks(_arguments):
    """Show all tasks: strata-tasks

What each does: running, ready (it waits for its CPU), sleeping or waiting (where a signal could end
it, or not), idle (a CPU's own task, while another has that CPU), to be moved to another CPU, dead.
One that waits and has never run shows 0 switches."""
    known = tasks()
    yield f"{'pid':>5} {'name':15} {'state':11} {'CPU':>3} {'priority':>8} {'switches':>9}"
    for task in known:
        yield (f"{task.number('pid'):5} {task.name:15} {task.doing:11} {task.number('cpu'):3} "
               f"{task.number('priority'):8} {task.number('switch_count'):9}")


def show_task(arguments):
    """Show one task: strata-task NAME|PID

What it does, its stack, and its call chain: of one that runs, from the registers of its CPU on; of
all others from where they left it."""
    if not arguments:
        raise KernelError("strata-task takes a name or a number; strata-tasks lists them")
    found = [task for task in tasks()
             if arguments in (task.name, str(task.number("pid")))]
    if not found:
        raise KernelError(f"no task {arguments}; strata-tasks lists them")
    for task in found:
        yield from describe(task)


def describe(task):
    """A task and its call chain."""
    bottom, top = task.stack
    yield (f"task {task.number('pid')} {task.name}: {task.doing}, CPU {task.number('cpu')}, "
           f"priority {task.number('priority')}, at {task.address:#x}")
    stacks = [task.stack]
    irq_stack = per_cpu_variable("irq_stack", task.number("cpu"))
    if irq_stack is not None:
        stacks.append(stack_of(irq_stack))
    yield f"  stack {bottom:#x}-{top:#x}"
    start = registers_of(stacks) if task.number("is_on_cpu") else None
    yield from call_chain(*(start or saved_registers(task)), stacks)


def saved_registers(task):
    """Where a task left its CPU: (instruction, frame pointer, None)."""
    raw = read_memory(task.number("stack_pointer"), struct.calcsize(SWITCH_FRAME))
    *_, frame, instruction = struct.unpack(SWITCH_FRAME, raw)
    return instruction, frame, None


def registers_of(stacks):
    """The registers of the CPU that stands on one of these stacks; None when none does."""
    selected = gdb.selected_thread()
    try:
        for thread in gdb.selected_inferior().threads():
            thread.switch()
            eip, esp, ebp = (int(gdb.parse_and_eval(f"${name}")) & 0xFFFFFFFF
                             for name in ("eip", "esp", "ebp"))
            if any(bottom <= esp <= top for bottom, top in stacks):
                return eip, ebp, esp
    finally:
        selected.switch()
    return None


def call_chain(instruction, frame, stack_pointer, stacks):
    """Follow the frame pointers, innermost first; a function just entered has no frame yet."""
    yield chain_row(instruction, instruction)
    if stack_pointer and "+" not in symbol_at(instruction):
        caller = read_pointer(stack_pointer)
        yield chain_row(caller, caller - 1)
    for _ in range(FRAMES_MOST):
        if not any(bottom <= frame <= top - 2 * POINTER_BYTES for bottom, top in stacks):
            return
        is_exact = symbol_at(instruction).startswith(INTERRUPTED_BY)
        frame, instruction = struct.unpack("<2I", read_memory(frame, 2 * POINTER_BYTES))
        if not instruction:
            return
        # A call may be the last instruction of a function: what it returns to is the next one's.
        yield chain_row(instruction, instruction if is_exact else instruction - 1)


def chain_row(address, within):
    """One function of a call chain; within is an address in the calling instruction."""
    place = gdb.find_pc_line(within)
    where = f"{place.symtab.filename.removeprefix('./')}:{place.line}" if place.symtab else ""
    return f"  {address:08x} {symbol_at(within):40} {where}"


def show_queues(_arguments):
    """Show the run queue of each CPU: strata-queues

The task that runs, how many wait, and who they are by priority, the next one first; whether the
CPU says that it is idle, and whether its queue is locked."""
    for cpu in range(int(variable("nr_cpu_ids"))):
        queue = per_cpu_variable("run_queue", cpu)
        if queue is None or not int(queue["running"]):
            yield f"CPU {cpu}: has no queue in use"
            continue
        running = Task(int(queue["running"]))
        states = ((", idle", is_idle(cpu)), (", locked", is_locked(queue["lock"])))
        yield (f"CPU {cpu}: {running.name} runs, {int(queue['ready_count'])} ready, "
               f"{int(queue['switch_count'])} switches, {int(queue['steal_count'])} stolen"
               f"{''.join(text for text, is_so in states if is_so)}")
        yield from level_rows(queue)


def level_rows(queue):
    """The levels of a queue that have tasks."""
    most = int(variable("nr_cpu_ids")) + int(static_variable(TASK_C, "all_count"))
    first, last = queue["levels"].type.range()
    for level in range(first, last + 1):
        anchor = int(queue["levels"][level].address)
        if not int(queue["levels_in_use"]) >> level & 1:
            continue
        names = [Task(address).name for address in
                 list_entries(anchor, "struct task_struct", "queue_link", most)]
        yield f"  priority {level:2}: {' '.join(names)}"


def is_idle(cpu):
    """Whether a CPU counts as idle: it halts, or is about to."""
    words = variable("idle_cpus")["words"]
    bits = words[0].type.sizeof * 8
    return bool(int(words[cpu // bits]) >> cpu % bits & 1)
