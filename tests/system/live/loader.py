"""
A boot loader that lies: kernel images whose entry leads to information of our own making.

Idea        A copy of the kernel's ELF file gets one segment more, far above the kernel. It begins
            with three instructions that put a magic number and an address into registers and jump
            to the real entry; behind them lies what a boot loader would have written. QEMU's own
            information is thus never looked at.

Picture     file    ELF header | kernel | ... | segment of ours | program headers, one more
            memory  1 MiB: kernel           12 MiB: instructions, information, strings, tables

Reading     Multiboot Specification 0.6.96, section 3.3; Multiboot2 Specification 2.0, section 3.6.
"""

import struct

SEGMENT_ADDRESS = 12 << 20
CODE_BYTES = 32
MAGIC_1, MAGIC_2 = 0x2BADB002, 0x36D76289
HAS_SIZES, HAS_LINE, HAS_MODULES, HAS_MAP = 1 << 0, 1 << 2, 1 << 3, 1 << 6
RAM, RESERVED, ACPI, NVS, BAD = 1, 2, 3, 4, 5
INFORMATION_BYTES = 88
PROGRAM_HEADER = struct.Struct("<8I")
ELF_HEADER_WORDS = struct.Struct("<4I")         # from byte 24: entry, headers, sections, flags

LOW = (0, 0x9F000, RAM)


class Memory:
    """Bytes that will lie from an address on; put() returns where."""

    def __init__(self, address):
        self.address = address
        self.data = bytearray()

    def put(self, data):
        """Append bytes, aligned to 8."""
        self.data += bytes(-len(self.data) % 8)
        place = self.address + len(self.data)
        self.data += data
        return place


def multiboot1(ranges=None, sizes=None, line="", modules=()):
    """Information of multiboot 1, as bytes; parts that are None are left out."""
    memory = Memory(SEGMENT_ADDRESS + CODE_BYTES)
    memory.put(bytes(INFORMATION_BYTES))
    flags, fields = HAS_LINE, [0] * (INFORMATION_BYTES // 4)
    fields[4] = memory.put(line.encode() + b"\0")
    if sizes is not None:
        flags, fields[1], fields[2] = flags | HAS_SIZES, *sizes
    if ranges is not None:
        table = b"".join(struct.pack("<IQQI", 20, *entry) for entry in ranges)
        flags, fields[11], fields[12] = flags | HAS_MAP, len(table), memory.put(table)
    if modules:
        table = b"".join(struct.pack("<4I", start, end, memory.put(name.encode() + b"\0"), 0)
                         for start, end, name in modules)
        flags, fields[5], fields[6] = flags | HAS_MODULES, len(modules), memory.put(table)
    fields[0] = flags
    memory.data[:INFORMATION_BYTES] = struct.pack(f"<{len(fields)}I", *fields)
    return bytes(memory.data)


def multiboot2(ranges, line=""):
    """Information of multiboot 2, as bytes."""
    table = b"".join(struct.pack("<QQII", *entry, 0) for entry in ranges)
    tags = b""
    for kind, body in ((1, line.encode() + b"\0"), (99, b"unknown"),
                       (6, struct.pack("<II", 24, 0) + table), (0, b"")):
        tags += struct.pack("<II", kind, 8 + len(body)) + body
        tags += bytes(-len(tags) % 8)
    return struct.pack("<II", 8 + len(tags), 0) + tags


def wrap(kernel, information, magic=MAGIC_1):
    """A kernel image, as bytes, that boots with this information and magic number."""
    image = bytearray(kernel.read_bytes())
    entry, headers, _, flags = ELF_HEADER_WORDS.unpack_from(image, 24)
    header_bytes, count = struct.unpack_from("<HH", image, 42)
    table = bytes(image[headers:headers + count * header_bytes])
    code = (b"\xb8" + struct.pack("<I", magic) + b"\xbb"
            + struct.pack("<I", SEGMENT_ADDRESS + CODE_BYTES) + b"\xb9"
            + struct.pack("<I", entry) + b"\xff\xe1")
    segment = code.ljust(CODE_BYTES, b"\x90") + information
    image += bytes(-len(image) % 4096)
    offset = len(image)
    image += segment + bytes(-len(segment) % 8)
    headers = len(image)
    image += table + PROGRAM_HEADER.pack(1, offset, SEGMENT_ADDRESS, SEGMENT_ADDRESS, len(segment),
                                         len(segment), 7, 4096)
    ELF_HEADER_WORDS.pack_into(image, 24, SEGMENT_ADDRESS, headers, 0, flags)
    struct.pack_into("<HHHHH", image, 42, header_bytes, count + 1, 0, 0, 0)
    return bytes(image)
