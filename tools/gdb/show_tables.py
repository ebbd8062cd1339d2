"""
Page tables, read by their physical addresses: the CPU's own map may be what is broken.

Source: Intel SDM volume 3A, section 4.4, "PAE Paging".
"""

import re

import gdb

from command import add
from kernel import KernelError, constant, evaluate

# (name, lowest address bit of the index, bits of the index), from the top.
LEVELS = (("pointer", 30, 2), ("directory", 21, 9), ("table", 12, 9))
ENTRY_BYTES = 8
CR3_MASK = 0xFFFFFFE0
CR0_PAGING = 1 << 31

RIGHTS = (
    ("PTE_WRITE", "writable", "read-only"),
    ("PTE_NO_EXECUTE", "not executable", "executable"),
    ("PTE_USER", "user", "kernel"),
    ("PTE_GLOBAL", "global", ""),
    ("PTE_CACHE_DISABLE", "uncached", ""),
)


def add_commands():
    """Make the commands of this file."""
    add("strata-walk", walk)


def register(name):
    """A control register; gdb shows it as flags."""
    return int(gdb.parse_and_eval(f"${name}").cast(gdb.lookup_type("unsigned int")))


def read_entry(physical):
    """An entry of a table, through QEMU's monitor, which reads physical addresses."""
    text = gdb.execute(f"monitor xp /2wx {physical:#x}", to_string=True)
    words = re.findall(r"0x([0-9a-fA-F]{8})", text.partition(":")[2])
    if len(words) != 2:
        raise KernelError(f"no memory at physical address {physical:#x}")
    return int(words[1], 16) << 32 | int(words[0], 16)


def walk(arguments):
    """Walk the page tables: strata-walk ADDRESS

The entries that an address, any expression, goes through, and what the last of them allows."""
    if not arguments:
        raise KernelError("strata-walk takes an address")
    if not register("cr0") & CR0_PAGING:
        raise KernelError("paging is off")
    address = evaluate(arguments)
    table = register("cr3") & CR3_MASK
    for name, shift, bits in LEVELS:
        index = address >> shift & (1 << bits) - 1
        entry = read_entry(table + index * ENTRY_BYTES)
        yield f"{name:9} {table:#011x} [{index:3}] = {entry:#018x}"
        if not entry & constant("PTE_PRESENT"):
            yield f"{address:#x} is not mapped"
            return
        table = entry & constant("PTE_ADDRESS_MASK")
        if name == "directory" and entry & constant("PTE_LARGE"):
            break
    offset = address & (1 << shift) - 1
    size = "2 MiB" if shift == constant("LARGE_PAGE_SHIFT") else "4 KiB"
    yield f"{address:#x} is physical {table + offset:#x}, {size} page, {rights_of(entry)}"


def rights_of(entry):
    """What an entry allows, in words."""
    words = (there if entry & constant(bit) else absent for bit, there, absent in RIGHTS)
    return ", ".join(word for word in words if word)
