"""Reading a linked 32-bit ELF file: its symbols, and the words in its sections."""

import struct
from typing import NamedTuple

SECTION_SYMBOLS, SECTION_WITHOUT_BYTES = 2, 8
FLAG_ALLOCATED, FLAG_EXECUTABLE = 2, 4
TYPE_NONE, TYPE_FUNCTION, TYPE_FILE = 0, 2, 4
WORD_BYTES = 4


class Section(NamedTuple):
    """One section, as its header describes it."""
    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int


class Symbol(NamedTuple):
    """One symbol. file is the source it is local to, empty for a global one."""
    name: str
    address: int
    kind: int
    section: int
    size: int
    file: str


class Elf:
    """A linked ELF file in memory."""

    def __init__(self, path):
        """Read the file and its two tables."""
        self.data = path.read_bytes()
        if self.data[:5] != b"\x7fELF\x01":
            raise ValueError(f"{path} is no 32-bit ELF file")
        self.sections = self._read_sections()
        self.symbols = list(self._read_symbols())

    def _read_sections(self):
        """All section headers, named."""
        offset, = struct.unpack_from("<I", self.data, 32)
        size, count, names = struct.unpack_from("<HHH", self.data, 46)
        headers = [struct.unpack_from("<7I", self.data, offset + size * number)
                   for number in range(count)]
        strings = headers[names][4]
        return [Section(self._text(strings + name), kind, flags, *rest)
                for name, kind, flags, *rest in headers]

    def _read_symbols(self):
        """All symbols; a local one belongs to the file that was named last."""
        table = next(section for section in self.sections if section.kind == SECTION_SYMBOLS)
        strings, file = self.sections[table.link].offset, ""
        entries = self.data[table.offset:table.offset + table.size]
        for name, address, size, info, _, section in struct.iter_unpack("<IIIBBH", entries):
            kind, is_local = info & 15, info >> 4 == 0
            if kind == TYPE_FILE:
                file = self._text(strings + name)
                continue
            yield Symbol(self._text(strings + name), address, kind, section, size,
                         file if is_local else "")

    def _text(self, offset):
        """The string that begins at an offset."""
        return self.data[offset:self.data.index(b"\0", offset)].decode()

    def is_code(self, symbol):
        """Whether a symbol lies in a section that is executed."""
        return symbol.section < len(self.sections) and \
            bool(self.sections[symbol.section].flags & FLAG_EXECUTABLE)

    def words(self):
        """Every (address, word) at a multiple of four in the sections of data."""
        for section in self.sections:
            if section.flags & FLAG_ALLOCATED and section.kind != SECTION_WITHOUT_BYTES \
                    and not section.flags & FLAG_EXECUTABLE:
                size = section.size // WORD_BYTES * WORD_BYTES
                values = self.data[section.offset:section.offset + size]
                for index, (word,) in enumerate(struct.iter_unpack("<I", values)):
                    yield section.address + index * WORD_BYTES, word

    def word_at(self, address):
        """The word at an address, or None outside of all sections that have bytes."""
        for section in self.sections:
            place = address - section.address
            if section.flags & FLAG_ALLOCATED and section.kind != SECTION_WITHOUT_BYTES \
                    and 0 <= place <= section.size - WORD_BYTES:
                return struct.unpack_from("<I", self.data, section.offset + place)[0]
        return None
