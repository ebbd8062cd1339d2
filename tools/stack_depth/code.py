"""
Disassembled functions: how deep each makes the stack, and whom it calls.

Every instruction that can be reached from a function's start is walked, with the bytes that lie on
the stack before it: 4 at the start, for the return address. What the stack pointer is set to in a
way that is not followed here leaves the depth as it is.
"""

import re
import subprocess
from dataclasses import dataclass, field
from typing import NamedTuple

from stack_depth import elf

RETURN_ADDRESS_BYTES = 4
REGISTERS_BYTES = 32            # what pusha pushes
CALL, JUMP, INDIRECT_CALL, INDIRECT_JUMP = "call", "jump", "indirect call", "indirect jump"

LINE = re.compile(r"^ *([0-9a-f]+):\t(\S+) *([^<]*)")
SWITCH = re.compile(r"\*(-?0x[0-9a-f]+)\(,%e\w\w,4\)")
ABSOLUTE = re.compile(r"\*(0x[0-9a-f]+)")
TO_STACK_POINTER = re.compile(r"\$0x([0-9a-f]+),%esp")
FROM_FRAME = re.compile(r"(-?0x[0-9a-f]+)?\((%e[bs]p)\),%esp")
IMMEDIATE = re.compile(r"\$0x([0-9a-f]+)")
NEVER_RETURNS = ("ret", "iret", "ud2", "hlt", "lret")
PREFIXES = ("lock", "rep", "repz", "repnz", "notrack", "bnd", "cs", "ds", "es", "fs", "gs", "ss")


class Instruction(NamedTuple):
    """One instruction: its name, its operands as text, and where the next one is."""
    name: str
    operands: str
    next: int


class Branch(NamedTuple):
    """A call, or a jump to another function. target is None when the code does not tell it."""
    kind: str
    address: int
    depth: int
    target: int


@dataclass
class Function:
    """One function. frame is the deepest it makes the stack itself, its return address included."""
    name: str
    address: int
    end: int
    file: str
    frame: int = 0
    branches: list = field(default_factory=list)
    unknown: int = 0            # the address of a change of esp by an amount that is not constant


class Code:
    """The executable part of an image."""

    def __init__(self, path, image, objdump):
        """Disassemble it all; each function is walked when it is asked for."""
        self.image = image
        self.instructions, self.immediates = disassemble(path, objdump)
        self.names = function_names(image)

    def functions(self):
        """All functions, walked, by address."""
        return {address: self._walk(make_function(symbol))
                for address, symbol in self.names.items() if address in self.instructions}

    def _walk(self, function):
        """Follow a function from its start; the first way to reach an instruction counts."""
        waiting, seen = [(function.address, RETURN_ADDRESS_BYTES, 0)], set()
        while waiting:
            address, depth, base = waiting.pop()
            while address in self.instructions and address not in seen:
                seen.add(address)
                instruction = self.instructions[address]
                for target in self._branch(function, address, instruction, depth):
                    waiting.append((target, depth, base))
                if instruction.name in NEVER_RETURNS or instruction.name == "jmp":
                    break
                depth, base = self._step(function, address, instruction, depth, base)
                function.frame = max(function.frame, depth)
                address = instruction.next
                if address == function.end or address in self.names:
                    break
        function.frame = max(function.frame, RETURN_ADDRESS_BYTES)
        return function

    def _branch(self, function, address, instruction, depth):
        """Note a call or a jump to another function; returns the jumps within this one."""
        name, operands = instruction.name, instruction.operands
        if name == "call":
            kind, target = (INDIRECT_CALL, None) if "*" in operands else (CALL, int(operands, 16))
            function.branches.append(Branch(kind, address, depth, target))
            return []
        if not name.startswith("j") and not name.startswith("loop"):
            return []
        targets = self._jump_targets(operands)
        outside = [target for target in targets if target in self.names and
                   not is_same(self.names[target], function)]
        inside = [target for target in targets if target not in outside]
        if not targets:
            function.branches.append(Branch(INDIRECT_JUMP, address, depth, None))
        for target in outside:
            function.branches.append(Branch(JUMP, address, depth, target))
        return inside

    def _jump_targets(self, operands):
        """Where a jump may lead; nothing when the code does not tell."""
        switch = SWITCH.fullmatch(operands)
        if switch:
            return self._switch_targets(int(switch[1], 16) & 0xFFFFFFFF)
        return [] if "*" in operands else [int(operands.split(",")[-1], 16)]

    def _switch_targets(self, table):
        """The places a table of jumps leads to: words for as long as they are instructions."""
        targets = []
        while (word := self.image.word_at(table)) in self.instructions:
            targets.append(word)
            table += elf.WORD_BYTES
        return targets

    def _step(self, function, address, instruction, depth, base):
        """What an instruction makes of the depth, and of the depth that ebp stands for."""
        name, operands = instruction.name, instruction.operands
        if name.startswith("push"):
            return depth + (REGISTERS_BYTES if name.startswith("pusha") else 4), base
        if name.startswith("pop") and name != "popcnt":
            return depth - (REGISTERS_BYTES if name.startswith("popa") else 4), base
        if name == "leave":
            return base - 4, base
        if operands == "%esp,%ebp" and name == "mov":
            return depth, depth
        if operands.endswith(",%esp"):
            return self._set(function, address, instruction, depth, base), base
        return depth, base

    def _set(self, function, address, instruction, depth, base):
        """The depth after an instruction that writes esp."""
        name, operands = instruction.name, instruction.operands
        amount = TO_STACK_POINTER.fullmatch(operands)
        number = as_signed(int(amount[1], 16)) if amount else None
        if name in ("sub", "add") and amount:
            return depth + (number if name == "sub" else -number)
        if name == "and" and amount:
            return depth - number - elf.WORD_BYTES      # the mask -16 takes up to 12 bytes
        place = FROM_FRAME.fullmatch(operands)
        if name == "lea" and place:
            return (base if place[2] == "%ebp" else depth) - int(place[1] or "0", 16)
        if operands == "%ebp,%esp":
            return base
        if name in ("sub", "add", "and"):
            function.unknown = address
        return depth


def as_signed(word):
    """The number that a word of 32 bits is with its sign."""
    return word - (1 << 32) if word >> 31 else word


def is_same(symbol, function):
    """Whether a symbol is a function, or the part of it that stands elsewhere, such as f.cold."""
    return symbol.name.partition(".")[0] == function.name.partition(".")[0] and \
        (symbol.file == function.file or not symbol.file or not function.file)


def make_function(symbol):
    """A function that has not been walked yet."""
    return Function(symbol.name, symbol.address, symbol.address + symbol.size, symbol.file)


def disassemble(path, objdump):
    """All instructions by address, and the constants that stand in them."""
    done = subprocess.run([objdump, "-d", "--no-show-raw-insn", str(path)], check=True,
                          stdout=subprocess.PIPE, text=True)
    matches = [match for match in map(LINE.match, done.stdout.splitlines()) if match]
    instructions, immediates = {}, set()
    for match, follower in zip(matches, matches[1:] + [None]):
        address, name, operands = int(match[1], 16), match[2], match[3].strip()
        while name in PREFIXES and operands:
            name, _, operands = operands.partition(" ")
        after = int(follower[1], 16) if follower else 0
        instructions[address] = Instruction(name, operands.strip(), after)
        immediates.update(int(word, 16) for word in IMMEDIATE.findall(operands))
    return instructions, immediates


def function_names(image):
    """The symbol of each function by its address; in assembly every label begins one."""
    names = {}
    for symbol in image.symbols:
        if symbol.kind == elf.TYPE_FUNCTION and image.is_code(symbol):
            names[symbol.address] = symbol
    for symbol in image.symbols:
        if symbol.kind == elf.TYPE_NONE and image.is_code(symbol) and symbol.name:
            names.setdefault(symbol.address, symbol)
    return names
