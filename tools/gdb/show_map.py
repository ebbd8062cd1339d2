"""The physical address space: ranges of the map, and what is claimed of them."""

from command import add
from kernel import KernelError, enumeration, text_of, variable

RAM = "MEMORY_RAM"


def add_commands():
    """Make the commands of this file."""
    add("strata-memmap", show_memmap)
    add("strata-claims", show_claims)


def ranges():
    """The ranges of the map: (start, end, kind)."""
    memmap, kinds = variable("memmap"), enumeration("memory_kind")
    found = [(int(each["start"]), int(each["end"]), kinds.get(int(each["kind"]), "?"))
             for each in (memmap["ranges"][index] for index in range(int(memmap["count"])))]
    if not found:
        raise KernelError("the memory map is empty yet")
    return found


def claims():
    """What is claimed, by addresses: (start, end, name)."""
    array = variable("memory_claims")
    found = [array[index] for index in range(int(variable("memory_claim_count")))]
    return sorted((int(each["start"]), int(each["end"]), text_of(each["name"]))
                  for each in found)


def row(start, end, name):
    """One range, as /proc/iomem has them."""
    return f"{start:09x}-{end - 1:09x} : {name}"


def show_memmap(_arguments):
    """Show the memory map: strata-memmap

What lies where in the physical address space, with what is claimed of it indented below."""
    all_claims = claims()
    for start, end, kind in ranges():
        yield row(start, end, kind)
        yield from ("  " + row(*claim) for claim in all_claims if start <= claim[0] < end)


def show_claims(_arguments):
    """Show the claims: strata-claims

The named parts of RAM that never reach the page allocator, or reach it late."""
    yield from (row(*claim) for claim in claims())


def purpose_of(address):
    """What a reserved page is reserved for."""
    for start, end, name in claims():
        if start <= address < end:
            return name
    kinds = [kind for start, end, kind in ranges() if start <= address < end]
    if kinds == [RAM]:
        return "boot allocations"
    return kinds[0] if kinds else "nothing: a hole"
