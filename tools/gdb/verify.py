"""
The invariants of the page allocator, checked from outside by other code than its own.

What they say is in mm/phys/buddy.c and mm/phys/pcp.c.
"""

from command import add
from kernel import KernelError, MemMap, constant, cpu_lists, populated_zones, read_pointer

FAULTS_SHOWN = 20


def add_commands():
    """Make the command of this file."""
    add("strata-check", check)


def check(arguments):
    """Check the page allocator: strata-check [all]

Walks the free lists and the lists of CPUs, and compares them with BUDDY-1 to BUDDY-4, PCP-1 and
PCP-3. With "all", BUDDY-5 as well: every page of every free block, about a second for 64 MiB. Where
a zone's lock is held, or the machine stopped inside a list of its CPU, a breach may be no more than
an operation that is half done."""
    if arguments not in ("", "all"):
        raise KernelError("strata-check takes nothing, or the word all")
    mem_map, fault_count = MemMap(), 0
    for fault in find_faults(mem_map, arguments == "all"):
        fault_count += 1
        if fault_count <= FAULTS_SHOWN:
            yield fault
    if fault_count > FAULTS_SHOWN:
        yield f"… and {fault_count - FAULTS_SHOWN} more"
    for zone in populated_zones():
        if zone.is_locked:
            yield f"{zone.name} is locked: an operation on it is under way"
    yield f"{fault_count} breaches" if fault_count else "all invariants hold"


def find_faults(mem_map, with_tails):
    """Every breach, as a sentence."""
    for zone in populated_zones():
        yield from check_zone(mem_map, zone, with_tails)
    for each in cpu_lists():
        yield from check_cpu_list(mem_map, each)


def check_zone(mem_map, zone, with_tails):
    """BUDDY-3 and BUDDY-4, and the rest for each block."""
    free_orders, free_pages = zone.number("free_orders"), 0
    for order in range(constant("MAX_ORDER")):
        block_count = 0
        try:
            for pfn in zone.free_blocks(mem_map, order):
                block_count += 1
                yield from check_block(mem_map, zone, order, pfn)
                if with_tails:
                    yield from check_tails(mem_map, zone, order, pfn)
        except KernelError as error:
            yield f"BUDDY-1 {error}"
        free_pages += block_count << order
        if bool(free_orders >> order & 1) != bool(block_count):
            yield (f"BUDDY-4 {zone.name} order {order}: {block_count} blocks, free_orders is "
                   f"{free_orders:#x}")
    if free_pages != zone.number("free_pages"):
        yield f"BUDDY-3 {zone.name}: {free_pages} listed, {zone.number('free_pages')} counted"


def check_block(mem_map, zone, order, pfn):
    """BUDDY-1 and BUDDY-2 for one block."""
    where = f"{zone.name} order {order} frame {pfn:#x}"
    size, expected = 1 << order, ("PAGE_FREE", order, zone.index)
    if pfn % size or pfn < zone.number("start_pfn") or pfn + size > zone.number("end_pfn"):
        yield f"BUDDY-1 {where}: not aligned, or not inside the zone"
        return
    head = mem_map.page(pfn)
    if head.identity != expected:
        yield f"BUDDY-1 {where}: flags {head.flags:#x}"
    if order < constant("MAX_ORDER") - 1 and mem_map.page(pfn ^ size).identity == expected:
        yield f"BUDDY-2 {where}: its buddy {pfn ^ size:#x} is free as well"


def check_tails(mem_map, zone, order, pfn):
    """BUDDY-5 for one block."""
    tails = mem_map.pages(pfn + 1, (1 << order) - 1) if order else ()
    yield from (f"BUDDY-5 {zone.name} order {order} frame {pfn:#x}: frame {page.pfn:#x} inside it "
                f"is {page.state}" for page in tails if page.state != "PAGE_TAIL")


def check_cpu_list(mem_map, each):
    """PCP-1 and PCP-3 for one list."""
    if not each.is_sound or read_pointer(each.bottom - 4):
        yield (f"PCP-1 {each.name}: bottom {each.bottom:#x}, top {each.top:#x}, limit "
               f"{each.limit:#x}, or the slot below bottom is not empty")
        return
    following = read_following_bottom(each)
    if following is not None and each.limit >= following:
        yield f"PCP-3 {each.name}: reaches into the next list"
    expected = ("PAGE_CACHED", each.order, each.zone.index)
    for address in each.blocks():
        pfn = mem_map.pfn_at(address)
        page = None if pfn is None else mem_map.page(pfn)
        if page is None:
            yield f"PCP-1 {each.name}: {address:#x} is no page"
        elif page.identity != expected or page.refcount != 1:
            yield (f"PCP-1 {each.name}: frame {pfn:#x} has flags {page.flags:#x} and "
                   f"{page.refcount} references")


def read_following_bottom(each):
    """Where the list of the next order begins; None after the last order that is kept."""
    if each.order + 1 >= constant("PCP_ORDERS"):
        return None
    return type(each)(each.cpu, each.zone, each.order + 1).bottom
