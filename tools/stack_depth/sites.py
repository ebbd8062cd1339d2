"""Resolving calls through pointers: from the code and the declarations to the nodes of a graph."""

import os
import subprocess
from collections import defaultdict
from pathlib import Path

from stack_depth import code, elf, limits, usage
from stack_depth.graph import Edge, Node

# The table of symbols has the address of every function, and calls none.
SYMBOL_TABLE = ("kernel_symbol_addresses", "kernel_symbol_names")

TRAP_ENTRY = ("trap_stubs", "trap_common", "trap_dispatch")

# A part of a function that stands elsewhere. It is jumped to, with the function's frame in place.
COLD_PART = ".cold"


class Problems(Exception):
    """What keeps the depth from being known: a list of sentences."""


def source_places(path, addresses, addr2line):
    """The (file, function) that each address was compiled from, innermost of inlined ones."""
    if not addresses:
        return {}
    command = [addr2line, "-a", "-f", "-i", "-e", str(path), *map(hex, addresses)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    lines, places = done.stdout.splitlines(), {}
    for index, line in enumerate(lines):
        if line.startswith("0x"):
            file = lines[index + 2].rpartition(":")[0]
            places[int(line, 16)] = os.path.normpath(file), lines[index + 1]
    return places


def find_roles(declarations, place):
    """The roles that are declared at a place; a file may be found by an absolute path."""
    file, function = place
    return [role for role in declarations.roles.values()
            if any(function == name and (file == path or file.endswith("/" + path))
                   for path, name in role.places)]


def table_members(image, functions, first, last):
    """The functions whose addresses stand between two symbols."""
    bounds = {symbol.name: symbol.address for symbol in image.symbols
              if symbol.name in (first, last)}
    if len(bounds) < 2:
        return set()
    return {word for address, word in image.words()
            if bounds[first] <= address < bounds[last] and word in functions}


def taken_addresses(image, text, functions):
    """The functions whose addresses stand in data or as a constant in an instruction."""
    symbols = {symbol.name: symbol.address for symbol in image.symbols}
    first, last = (symbols.get(name, 0) for name in SYMBOL_TABLE)
    taken = {word for address, word in image.words()
             if word in functions and not first <= address < last}
    return taken | {word for word in text.immediates if word in functions}


def role_members(declarations, image, text, functions):
    """The functions of each role, by its name; a function that is in none is a problem."""
    taken = taken_addresses(image, text, functions)
    members = {name: {key for key in taken
                      if role.names(usage.base_name(functions[key].name), functions[key].file)}
               for name, role in declarations.roles.items()}
    for name, role in declarations.roles.items():
        for first, last in role.tables:
            members[name] |= table_members(image, functions, first, last)
    labels = {symbol.address for symbol in image.symbols if symbol.kind == elf.TYPE_NONE}
    orphans = taken - labels - set().union(*members.values())
    problems = [f"{functions[key].name}: its address is taken, but no role of indirect.txt has it"
                for key in sorted(orphans)]
    return members, problems


def frame_of(function, usages, problems):
    """The bytes a function takes: what the compiler says, or the code, whichever is more."""
    said = None
    for name in function.name, usage.base_name(function.name):
        said = said or usages.get((Path(function.file).name, name))
    if (function.unknown and not said) or (said and not said.is_bounded):
        problems.append(f"{function.name}: takes an amount of stack that is not known")
    if not said or COLD_PART in function.name:
        return function.frame
    return max(function.frame, said.bytes)


def build(path, text, usages, declarations, addr2line):
    """The nodes of the call graph by address, and by ("role", name) those of the roles."""
    functions, problems = text.functions(), []
    pointers = [branch.address for function in functions.values()
                for branch in function.branches if branch.target is None]
    places = source_places(path, pointers, addr2line)
    members, orphans = role_members(declarations, text.image, text, functions)
    nodes = {("role", name): Node(f"[{name}]", edges=[Edge(0, key) for key in sorted(keys)])
             for name, keys in members.items()}
    for key, function in functions.items():
        frame = frame_of(function, usages, problems)
        node = nodes[key] = Node(usage.base_name(function.name), function.file, frame)
        for branch in function.branches:
            node.edges += edges_of(branch, frame, functions, places, declarations, problems)
    for caller, handler in declarations.traps:
        add_trap(nodes, caller, handler)
    if problems or orphans:
        raise Problems(problems + orphans)
    return nodes


def add_trap(nodes, caller, handler):
    """Let a handler be called by functions of a name, with all that a trap leaves below it."""
    entry = sum(node.frame for node in nodes.values() if node.name in TRAP_ENTRY)
    targets = [key for key, node in nodes.items() if node.name == handler]
    for node in nodes.values():
        if node.name == caller:
            node.edges += [Edge(node.frame + limits.TRAP_BYTES + entry, key) for key in targets]


def edges_of(branch, frame, functions, places, declarations, problems):
    """
    The edges of one branch: a call keeps the whole frame, a jump what is left of it. That is less
    than nothing for a cold part that gives back the frame of its function and jumps on.
    """
    is_call = branch.kind in (code.CALL, code.INDIRECT_CALL)
    kept = frame if is_call else branch.depth - code.RETURN_ADDRESS_BYTES
    if branch.target is not None:
        return [Edge(kept, branch.target)] if branch.target in functions else []
    place = places.get(branch.address, ("?", "?"))
    roles = find_roles(declarations, place)
    if not roles:
        problems.append(f"{place[0]}: {place[1]}() calls through a pointer, and no role of "
                        f"indirect.txt is declared there")
    return [Edge(kept, ("role", role.name)) for role in roles]
