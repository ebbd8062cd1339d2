"""
QEMU: from our options to its command line, and from its traces to how the guest ended.

The guest's word is QEMU's exit status: writing V to the debug-exit port makes it (V << 1) | 1. A
machine that ends by itself exits with 0, and three things then tell what happened. QEMU's control
socket (QMP) reports a SHUTDOWN event whose reason is "guest-reset" or "guest-shutdown"; a triple
fault looks like a reset there, but leaves the line "Triple fault" in the log of "-d cpu_reset".
The machine starts stopped. The words that turn the events on and let it run wait for QEMU on the
socket from the start, so no event can be missed.
"""

import json
import platform
import re
import socket
from pathlib import Path

from guest.verdict import Ending

GIB = 1 << 30
PLAIN_CPU_LIMIT = 2 * GIB
ADDRESSES_OF_36_BITS = 64 * GIB
GAP_BELOW_4G = {"pc": 1 * GIB, "q35": 2 * GIB}
PCI_HOST = {"pc": "i440FX-pcihost", "q35": "q35-pcihost"}
GUEST_WORD_LOWEST = 0x10
SIZE_STEP = 8 << 10

UNITS = {"": 20, "K": 10, "M": 20, "G": 30, "T": 40}


def parse_size(text):
    """
    A size as QEMU's -m takes it, in bytes: a number, in MiB or with K, M, G or T after it. QEMU
    rounds it up to whole steps, and so do we.
    """
    match = re.fullmatch(r"(\d+)([KMGT]?)B?", text.upper())
    if match is None or int(match[1]) == 0:
        raise ValueError(text)
    return -(-(int(match[1]) << UNITS[match[2]]) // SIZE_STEP) * SIZE_STEP


def choose_binary(options):
    """
    Which QEMU: qemu-system-i386, but qemu-system-x86_64 for a CPU that was named or for more than
    2 GiB. Only the latter has CPUs of 40 address bits; only the former can be followed by gdb.
    """
    if options.binary:
        return options.binary
    wants_more = options.cpu or options.memory > PLAIN_CPU_LIMIT
    return "qemu-system-x86_64" if wants_more and not options.gdb else "qemu-system-i386"


def choose_cpu(options):
    """Which CPU: the one named, else one that reaches all memory; None is QEMU's own default."""
    if options.cpu:
        return options.cpu
    if options.memory <= PLAIN_CPU_LIMIT:
        return None
    return "max" if memory_top(options) > ADDRESSES_OF_36_BITS else "max,-lm"


def machine_type(options):
    """The type of the machine without its properties: pc of pc,acpi=off."""
    return options.machine.partition(",")[0]


def memory_top(options):
    """Where the last byte of much memory lies: what the devices' gap displaces goes on top."""
    return options.memory + GAP_BELOW_4G.get(machine_type(options), 2 * GIB)


def memory_arguments(options):
    """
    RAM that takes from the host only what the guest touches, so it may exceed the host's. Much of
    it leaves no room below 36 bits for the window of 64-bit devices, which then has to go.
    """
    reserve = ",reserve=off" if platform.system() == "Linux" else ""
    arguments = [
        "-machine", f"{options.machine},memory-backend=ram",
        "-object", f"memory-backend-ram,id=ram,size={options.memory}{reserve}",
        "-m", f"{options.memory}B"]
    host = PCI_HOST.get(machine_type(options))
    if host and ADDRESSES_OF_36_BITS // 2 < memory_top(options) <= ADDRESSES_OF_36_BITS:
        arguments += ["-global", f"{host}.pci-hole64-size=0"]
    return arguments


def processor_arguments(options):
    """The CPUs and how they are emulated."""
    arguments = ["-smp", str(options.smp)]
    cpu = choose_cpu(options)
    if cpu:
        arguments += ["-cpu", cpu]
    if options.icount is None:
        return arguments + ["-accel", "tcg"]
    return arguments + ["-accel", "tcg,thread=single",
                        "-icount", f"shift={options.icount},sleep=off"]


def console_arguments(options):
    """Where the serial line goes, and whether gdb is waited for."""
    serial = "mon:stdio" if options.interactive else "stdio"
    if options.serial:
        serial = f"file:{options.serial}"
    arguments = ["-display", "none", "-vga", "std", "-serial", serial]
    if options.gdb:
        arguments += ["-gdb", options.gdb]
    return arguments


def boot_arguments(options, kernel, line, iso):
    """What is booted: an ISO, or the kernel with its command line and modules."""
    if iso:
        return ["-boot", "d", "-cdrom", str(iso)]
    arguments = ["-kernel", str(kernel)]
    if line:
        arguments += ["-append", line]
    if options.initrd:
        arguments += ["-initrd", options.initrd]
    return arguments


def command_line(options, kernel, line, iso):
    """The whole command, without what Watch adds."""
    command = [choose_binary(options), "-nodefaults", "-no-user-config", "-no-reboot",
               "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
    command += memory_arguments(options)
    command += processor_arguments(options)
    command += console_arguments(options)
    command += boot_arguments(options, kernel, line, iso)
    for more in options.qemu:
        command += more
    return command


class Watch:
    """The control socket and the log through which a running QEMU is watched."""

    def __init__(self, folder, start):
        """start is False when something else, such as gdb, will let the machine run."""
        self.log = Path(folder) / "cpu_reset.log"
        self.ours, self.theirs = socket.socketpair()
        self.ours.sendall(b'{"execute": "qmp_capabilities"}\n')
        if start:
            self.ours.sendall(b'{"execute": "cont"}\n')

    @property
    def descriptor(self):
        """The end of the socket that QEMU inherits."""
        return self.theirs.fileno()

    def arguments(self):
        """What makes QEMU write to the socket and to the log."""
        return ["-S", "-chardev", f"socket,id=watch,fd={self.descriptor}",
                "-mon", "chardev=watch,mode=control", "-d", "cpu_reset", "-D", str(self.log)]

    def shutdown_reason(self):
        """Why QEMU says the machine ended; empty when it did not say."""
        self.theirs.close()
        for line in self._drain().splitlines():
            message = json.loads(line)
            if message.get("event") == "SHUTDOWN":
                return message["data"]["reason"]
        return ""

    def _drain(self):
        """All that QEMU wrote. Killed, it may have reset the connection: what came counts."""
        received = b""
        try:
            while chunk := self.ours.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
        return received.decode(errors="replace")

    def saw_triple_fault(self):
        """Whether the log of CPU resets has a triple fault in it."""
        return self.log.exists() and "Triple fault" in self.log.read_text(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Give both ends of the socket back."""
        self.ours.close()
        self.theirs.close()


def read_ending(status, timed_out, watch, may_be_left=False):
    """
    How the machine ended, from QEMU's exit status and from its traces. may_be_left says that
    someone sits at a terminal and can make QEMU quit.
    """
    if timed_out:
        return Ending(timed_out=True)
    if status < 0:
        return Ending(emulator_error=f"QEMU was killed by signal {-status}")
    if status % 2 and status >> 1 >= GUEST_WORD_LOWEST:
        return Ending(said=status >> 1)
    if status:
        return Ending(emulator_error=f"QEMU exited with status {status}")
    reason = watch.shutdown_reason()
    return Ending(triple_fault=watch.saw_triple_fault(), reset=reason == "guest-reset",
                  powered_off=reason == "guest-shutdown",
                  left=may_be_left and reason == "host-qmp-quit",
                  emulator_error=f"QEMU stopped: {reason or 'no reason given'}")
