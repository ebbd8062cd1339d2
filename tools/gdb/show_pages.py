"""Zones, free lists, the lists of CPUs, single pages."""

from command import add
from kernel import (KernelError, MemMap, constant, cpu_lists, enumeration, evaluate, logical,
                    populated_zones, static_variable, symbol_at)
from show_map import purpose_of

BLOCKS_SHOWN = 8


def add_commands():
    """Make the commands of this file."""
    add("strata-zones", show_zones)
    add("strata-free", show_free)
    add("strata-pcp", show_cpu_lists)
    add("strata-page", show_page)


def show_zones(_arguments):
    """Show the zones: strata-zones

Frames, pages, watermarks and reserves of each zone. Cached pages are those on the lists of CPUs. A
reserve is what a request must leave that would rather have had a page of the zone named there."""
    names = [enumeration("zone_kind")[index].removeprefix("ZONE_") for index in range(4)]
    cached = cached_pages()
    yield (f"{'zone':8} {'frames':>17} {'present':>8} {'managed':>8} {'free':>8} {'cached':>7} "
           f"{'min':>6} {'low':>6} {'high':>6}  reserves")
    for zone in populated_zones():
        frames = f"{zone.number('start_pfn'):#x}-{zone.number('end_pfn'):#x}"
        marks = " ".join(f"{zone.number('watermark', index):6}" for index in range(3))
        reserves = " ".join(f"{names[index]}:{zone.number('reserve', index)}"
                            for index in range(zone.index + 1, len(names)))
        yield (f"{zone.name:8} {frames:>17} {zone.number('present_pages'):8} "
               f"{zone.number('managed_pages'):8} {zone.number('free_pages'):8} "
               f"{cached.get(zone.index, 0):7} {marks}  {reserves}"
               f"{' (locked)' if zone.is_locked else ''}")


def cached_pages():
    """How many pages of each zone are on the lists of CPUs."""
    pages = {}
    for each in cpu_lists():
        if each.is_sound:
            count = len(each.blocks()) << each.order
            pages[each.zone.index] = pages.get(each.zone.index, 0) + count
    return pages


def show_free(arguments):
    """Show free blocks: strata-free [ZONE]

For each order, how many blocks are free, and the frames at which the newest of them begin."""
    zones = [zone for zone in populated_zones()
             if not arguments or zone.name.lower() == arguments.lower()]
    if not zones:
        raise KernelError(f"no zone {arguments}; there are "
                          f"{', '.join(zone.name for zone in populated_zones())}")
    mem_map = MemMap()
    for zone in zones:
        yield f"{zone.name}: {zone.number('free_pages')} pages free" \
              f"{', locked: lists may be half done' if zone.is_locked else ''}"
        for order in range(constant("MAX_ORDER")):
            yield from free_row(mem_map, zone, order)


def free_row(mem_map, zone, order):
    """One order of one zone."""
    blocks = []
    try:
        blocks.extend(zone.free_blocks(mem_map, order))
        damage = ""
    except KernelError as error:
        damage = f"  damaged: {error}"
    more = " …" if len(blocks) > BLOCKS_SHOWN else ""
    yield (f"  order {order:2} {len(blocks):6} blocks "
           f"{' '.join(f'{pfn:#x}' for pfn in blocks[:BLOCKS_SHOWN])}{more}{damage}")


def show_cpu_lists(_arguments):
    """Show the lists of each CPU: strata-pcp

For each list, how many blocks it holds and has room for, how many move at a time, and the frames at
which the newest of them begin; the first is taken next."""
    mem_map = MemMap()
    for each in cpu_lists():
        try:
            blocks = each.blocks()
        except KernelError as error:
            yield f"damaged: {error}"
            continue
        newest = [frame_text(mem_map, address) for address in blocks[:-BLOCKS_SHOWN - 1:-1]]
        more = " …" if len(blocks) > BLOCKS_SHOWN else ""
        yield (f"CPU {each.cpu} {each.zone.name:8} order {each.order} "
               f"{len(blocks):3} of {each.capacity:3}, batch {each.batch:2}: "
               f"{' '.join(newest)}{more}")


def frame_text(mem_map, address):
    """The frame whose descriptor lies at an address."""
    pfn = mem_map.pfn_at(address)
    return f"no page ({address:#x})" if pfn is None else f"{pfn:#x}"


def show_page(arguments):
    """Show a page: strata-page WHAT

WHAT is an expression: a frame number, a logical address, or a pointer to a struct page, as in
strata-page 0x1234, strata-page $esp or strata-page page."""
    if not arguments:
        raise KernelError("strata-page takes a frame number, an address or a struct page *")
    mem_map = MemMap()
    page = mem_map.page(find_frame(mem_map, evaluate(arguments)))
    address = page.pfn << constant("PAGE_SHIFT")
    where = logical(address)
    yield (f"frame {page.pfn:#x}, physical {address:#x}, "
           f"{'no logical address' if where is None else f'logical {where:#x}'}, "
           f"descriptor {mem_map.address(page.pfn):#x}")
    poisoned = " poisoned" if page.flags & constant("PAGE_POISONED") else ""
    yield f"  flags {page.flags:#x}: {page.state}{poisoned}"
    if page.state == "PAGE_RESERVED":
        yield f"  for   {purpose_of(address)}"
        return
    yield f"  zone  {enumeration('zone_kind').get(page.zone_index, '?')}"
    yield from describe_block(mem_map, mem_map.head_of(page))


def find_frame(mem_map, number):
    """The frame that a number means."""
    if mem_map.pfn_at(number) is not None:
        return mem_map.pfn_at(number)
    physical = number - constant("PAGE_OFFSET")
    frame = physical >> constant("PAGE_SHIFT")
    if 0 <= physical < constant("DIRECT_MAP_BYTES") and frame < mem_map.count:
        return frame
    if number < mem_map.count:
        return number
    raise KernelError(f"{number:#x} is no frame number, logical address or struct page *; "
                      "strata-walk finds what other addresses are mapped to")


def describe_block(mem_map, head):
    """The block that a page belongs to, and who owns it."""
    if head is None:
        yield "  block none: the descriptors are damaged"
        return
    last = head.pfn + (1 << head.order) - 1
    yield (f"  block order {head.order}, frames {head.pfn:#x} to {last:#x}, head {head.state}, "
           f"{head.refcount} references")
    owners = static_variable("mm/debug/page_debug.c", "owners")
    if owners is None or not int(owners):
        yield "  owner not tracked"
        return
    owner = owners[head.pfn]
    yield f"  allocated by {symbol_at(int(owner['allocated_by']))}"
    yield f"  freed by     {symbol_at(int(owner['freed_by']))}"
