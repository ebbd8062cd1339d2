"""
Reading the stopped kernel: constants, zones, descriptors of pages and lists of them.

Structures and enumerations come from the debug information. The macros of the headers are not in
there, so they are read from the headers themselves, and no number stands here a second time.
"""

import re
import struct
from functools import lru_cache
from pathlib import Path

import gdb

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ("mm/page.h", "mm/layout.h", "mm/phys/pcp.h", "kernel/cpu/address.h", "kernel/cpu/pte.h",
           "kernel/cpu/percpu.h", "kernel/sync/schedule.h", "kernel/task/task.h")

DEFINITION = re.compile(r"^#define (\w+) +(.+?)(?: */\*.*)?$", re.MULTILINE)
SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b")
CAST = re.compile(r"\((?:phys_addr_t|pfn_t|u32|u64)\)")
NAME = re.compile(r"\b[A-Za-z_]\w*\b(?!')")

POINTER_BYTES = 4
CHUNK_BYTES = 256


class KernelError(Exception):
    """What was asked for is not there, or is damaged; the text says how."""


@lru_cache(maxsize=None)
def definitions():
    """The macros without arguments of the headers, as text."""
    found = {}
    for header in HEADERS:
        found.update(DEFINITION.findall((ROOT / header).read_text(encoding="utf-8")))
    return found


@lru_cache(maxsize=None)
def constant(name):
    """The number that a macro stands for."""
    text = SUFFIX.sub(r"\1", CAST.sub("", definitions()[name]))
    return eval(NAME.sub(lambda match: str(constant(match[0])), text),  # pylint: disable=eval-used
                {"__builtins__": {}})


@lru_cache(maxsize=None)
def enumeration(name):
    """The constants of an enumeration: names by their numbers."""
    return {field.enumval: field.name for field in gdb.lookup_type(f"enum {name}").fields()}


def evaluate(expression):
    """The number that an expression means; of a function or an array, its address."""
    value = gdb.parse_and_eval(expression)
    if value.type.strip_typedefs().code in (gdb.TYPE_CODE_FUNC, gdb.TYPE_CODE_ARRAY):
        value = value.address
    return int(value) & 0xFFFFFFFF


def variable(name):
    """A variable of the kernel."""
    return gdb.parse_and_eval(name)


def per_cpu_variable(name, cpu):
    """A CPU's copy of a per-CPU variable; None while the CPU has no copies."""
    offset = int(variable("per_cpu_offset")[cpu])
    if not offset:
        return None
    template = variable(name)
    address = (int(template.address) + offset) & 0xFFFFFFFF
    return gdb.Value(address).cast(template.type.pointer()).dereference()


def static_variable(path, name):
    """A variable that one file keeps to itself; None when the compiler left it out."""
    try:
        value = gdb.parse_and_eval(f"'{path}'::{name}")
    except gdb.error:
        return None
    return None if value.is_optimized_out else value


@lru_cache(maxsize=4096)
def read_fresh(address, byte_count):
    """Bytes at an address as the CPU sees it."""
    return gdb.selected_inferior().read_memory(address, byte_count).tobytes()


def read_memory(address, byte_count):
    """
    Bytes at an address. Each access to the machine takes a millisecond, and what is read next is
    often close by: so a few bytes more are read and kept.
    """
    start = address - address % CHUNK_BYTES
    if address + byte_count > start + CHUNK_BYTES:
        return read_fresh(address, byte_count)
    return read_fresh(start, CHUNK_BYTES)[address - start:address - start + byte_count]


def forget_memory():
    """Read the machine's memory anew from here on: it may have run, or been changed by gdb."""
    read_fresh.cache_clear()


def read_pointer(address):
    """A pointer at an address."""
    return struct.unpack("<I", read_memory(address, POINTER_BYTES))[0]


def text_of(pointer):
    """The string that a pointer points to; a name from the boot loader may be anything."""
    if not int(pointer):
        return "?"
    return pointer.string(encoding="utf-8", errors="replace", length=-1)


def text_of_array(value):
    """The string in an array of characters, which may fill it to the end."""
    length = value.type.sizeof
    return value.string(encoding="utf-8", errors="replace", length=length).partition("\0")[0]


def is_locked(lock):
    """Whether somebody holds a spin lock: the number that is served has been drawn."""
    word = int(lock["ticket"]["both"])
    return word & 0xFF != word >> 8


@lru_cache(maxsize=None)
def offset_of(type_name, member):
    """Where a member lies in a structure, in bytes; also inside unnamed unions."""
    for field in gdb.lookup_type(type_name).fields():
        if field.name == member:
            return field.bitpos // 8
        if not field.name and any(inner.name == member for inner in field.type.fields()):
            return field.bitpos // 8
    raise KernelError(f"{type_name} has no {member}")


def logical(physical):
    """The logical address of a physical one, if it has any."""
    if physical >= constant("DIRECT_MAP_BYTES"):
        return None
    return physical + constant("PAGE_OFFSET")


def symbol_at(address):
    """A code address as name+offset."""
    if not address:
        return "unknown"
    text = gdb.execute(f"info symbol {address:#x}", to_string=True).strip()
    return text.partition(" in section")[0] if " in section" in text else f"{address:#x}"


class Page:
    """A descriptor, read once. What its fields mean is in mm/page.h."""

    def __init__(self, pfn, raw):
        self.pfn = pfn
        self.flags = struct.unpack_from("<I", raw, offset_of("struct page", "flags"))[0]
        self.refcount = struct.unpack_from("<i", raw, offset_of("struct page", "refcount"))[0]

    @property
    def state(self):
        """The name of the state, such as PAGE_FREE."""
        number = self.flags & constant("PAGE_STATE_MASK")
        return enumeration("page_state").get(number, f"state {number}")

    @property
    def order(self):
        """The order of the block that the page heads."""
        return (self.flags & constant("PAGE_ORDER_MASK")) >> constant("PAGE_ORDER_SHIFT")

    @property
    def zone_index(self):
        """The number of the zone."""
        return (self.flags & constant("PAGE_ZONE_MASK")) >> constant("PAGE_ZONE_SHIFT")

    @property
    def identity(self):
        """State, order and zone, to compare."""
        return self.state, self.order, self.zone_index


class MemMap:
    """The array of descriptors."""

    def __init__(self):
        self.base = int(variable("mem_map"))
        self.count = int(variable("mem_map_count"))
        self.page_bytes = gdb.lookup_type("struct page").sizeof
        if not self.base or not self.count:
            raise KernelError("the page allocator has no pages yet: mem_map is empty")

    def page(self, pfn):
        """One descriptor."""
        return self.pages(pfn, 1)[0]

    def pages(self, first, count):
        """Several descriptors in a row, by one access to the machine."""
        if first < 0 or first + count > self.count:
            raise KernelError(f"frame {first:#x} has no descriptor: there are {self.count:#x}")
        raw = read_memory(self.address(first), count * self.page_bytes)
        return [Page(first + index, raw[index * self.page_bytes:][:self.page_bytes])
                for index in range(count)]

    def address(self, pfn):
        """Where the descriptor of a frame lies."""
        return self.base + pfn * self.page_bytes

    def pfn_at(self, address):
        """The frame whose descriptor lies at an address; None when none does."""
        offset = address - self.base
        if offset % self.page_bytes or not 0 <= offset < self.count * self.page_bytes:
            return None
        return offset // self.page_bytes

    def head_of(self, page):
        """The head of the block that a page lies in; None when no block covers it."""
        if page.state != "PAGE_TAIL":
            return page
        for order in range(1, constant("MAX_ORDER")):
            head = self.page(page.pfn >> order << order)
            if head.state != "PAGE_TAIL":
                return head if head.pfn + (1 << head.order) > page.pfn else None
        return None


class Zone:
    """A zone that has pages."""

    def __init__(self, value):
        self.value = value
        self.index = int(value["kind"])
        self.name = text_of(value["name"])

    def number(self, field, *indices):
        """A field that is a number, or an element of one that is an array."""
        value = self.value[field]
        for index in indices:
            value = value[index]
        return int(value)

    @property
    def is_locked(self):
        """Whether somebody is at work in the zone."""
        return is_locked(self.value["lock"])

    def free_blocks(self, mem_map, order):
        """
        Yield the frames of the free blocks of one order, the newest first. A list that leads out of
        mem_map, or does not end, is a KernelError: whoever asks has seen what comes before.
        """
        anchor = int(self.value["free_blocks"][order].address)
        steps_left = (self.number("managed_pages") >> order) + 1
        node = read_pointer(anchor)
        while node != anchor:
            pfn = mem_map.pfn_at(node - offset_of("struct page", "list"))
            if pfn is None:
                raise KernelError(f"{self.name} order {order}: the list leads to {node:#x}, which "
                                  "is no page")
            if not steps_left:
                raise KernelError(f"{self.name} order {order}: the list does not end")
            yield pfn
            steps_left -= 1
            node = read_pointer(node)


def populated_zones():
    """The zones that have pages, in the order of their addresses."""
    array = variable("zones")
    first, last = array.type.range()
    zones = [Zone(array[index]) for index in range(first, last + 1)
             if int(array[index]["managed_pages"])]
    if not zones:
        raise KernelError("the page allocator has no zones yet")
    return zones


class CpuList:
    """The blocks of one order of one zone that a CPU keeps."""

    def __init__(self, cpu, zone, order):
        self.cpu, self.zone, self.order = cpu, zone, order
        number = zone.index * constant("PCP_LISTS_PER_ZONE") + order
        value = per_cpu_variable("pcp_lists", cpu)[number]
        self.batch = int(value["batch"])
        self.bottom, self.top, self.limit = (int(value["blocks"][name])
                                             for name in ("bottom", "top", "limit"))

    @property
    def name(self):
        """The list, in a sentence."""
        return f"CPU {self.cpu} {self.zone.name} order {self.order}"

    @property
    def is_sound(self):
        """Whether the three pointers are in order."""
        return self.bottom <= self.top <= self.limit

    @property
    def capacity(self):
        """How many blocks there is room for."""
        return (self.limit - self.bottom) // POINTER_BYTES

    def blocks(self):
        """The addresses of the descriptors, oldest first."""
        if not self.is_sound:
            raise KernelError(f"{self.name}: bottom {self.bottom:#x}, top {self.top:#x}, limit "
                              f"{self.limit:#x} are out of order")
        raw = read_memory(self.bottom, self.top - self.bottom)
        return [address for (address,) in struct.iter_unpack("<I", raw)]


def cpu_lists():
    """The lists that can keep anything, of every CPU that has some."""
    cpus = [cpu for cpu in range(int(variable("nr_cpu_ids")))
            if per_cpu_variable("pcp_lists", cpu) is not None]
    zones = populated_zones()
    return [CpuList(cpu, zone, order) for cpu in cpus
            for zone in zones for order in range(constant("PCP_ORDERS"))]
