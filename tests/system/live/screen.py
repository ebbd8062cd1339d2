"""
A machine that is looked at from outside: its screen, its memory, its serial line.

It has no debug-exit port, so the kernel finds nobody to leave a status with and stands still or
goes on, as on a real machine.
"""

import json
import re
import subprocess
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from fixture import TIMEOUT_SECONDS, build
from guest import qemu

COLUMNS, ROWS = 80, 25
SCREEN_ADDRESS = 0xB8000
STEP_SECONDS = 0.02
BACKGROUND_SHIFT = 12


class Machine:
    """QEMU with a control socket; leave the context to end it."""

    def __init__(self, line="", kernel=None, **fields):
        options = {"memory": 64 << 20, "smp": 1, "cpu": None, "machine": "pc", "icount": None,
                   "binary": None, "gdb": None, "interactive": False, "initrd": None, "qemu": []}
        self._folder = tempfile.TemporaryDirectory(prefix="live-")
        self._serial = Path(self._folder.name) / "serial"
        options.update(fields, serial=str(self._serial))
        self._watch = qemu.Watch(self._folder.name, start=True)
        command = qemu.command_line(SimpleNamespace(**options), kernel or build.kernel, line, None)
        place = command.index("isa-debug-exit,iobase=0xf4,iosize=0x04")
        del command[place - 1:place + 1]
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        self._process = subprocess.Popen(command + self._watch.arguments(),
                                         stdin=subprocess.DEVNULL,
                                         pass_fds=[self._watch.descriptor])
        self._answers = self._watch.ours.makefile("r")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """End the machine and give everything back."""
        self._process.kill()
        self._process.wait()
        self._answers.close()
        self._watch.__exit__()
        self._folder.cleanup()

    def ask(self, command, **arguments):
        """Have a command of the control socket carried out; returns its answer."""
        request = {"execute": command, "arguments": arguments, "id": command}
        self._watch.ours.sendall(json.dumps(request).encode() + b"\n")
        for line in self._answers:
            answer = json.loads(line)
            if answer.get("id") == command:
                return answer["return"]
        raise AssertionError("QEMU has ended")

    def cells(self):
        """The cells of the screen, row by row: letter and colours in 16 bits each."""
        text = self.ask("human-monitor-command",
                        **{"command-line": f"xp /{COLUMNS * ROWS}xh {SCREEN_ADDRESS:#x}"})
        cells = [int(word, 16) for word in re.findall(r"0x([0-9a-f]{4})\b", text)]
        return [cells[row * COLUMNS:(row + 1) * COLUMNS] for row in range(ROWS)]

    def rows(self):
        """What the screen shows, without blanks at the ends."""
        return ["".join(chr(cell & 0xFF) for cell in row).rstrip(" \0") for row in self.cells()]

    def serial(self):
        """What the serial line has said so far."""
        text = self._serial.read_text(errors="replace") if self._serial.exists() else ""
        return text.replace("\r\n", "\n")

    def memory(self, address, length_bytes):
        """A copy of so many bytes of physical memory."""
        path = Path(self._folder.name) / "memory"
        self.ask("pmemsave", val=address, size=length_bytes, filename=str(path))
        return path.read_bytes()

    def wait_for(self, wanted, meaning):
        """Look again and again until wanted() is true; returns what it returned."""
        while not (found := wanted()):
            if time.monotonic() > self._deadline:
                raise AssertionError("\n".join([
                    f"waited in vain for {meaning}; the screen shows", *self.rows(),
                    "and the serial line", self.serial()]))
            time.sleep(STEP_SECONDS)
        return found

    def wait_row(self, pattern):
        """Wait for a row of the screen that the pattern matches."""
        return self.wait_for(lambda: next((row for row in self.rows() if re.search(pattern, row)),
                                          None), f"{pattern!r} on the screen")

    def wait_serial(self, pattern):
        """Wait for a piece of the serial output that the pattern matches."""
        return self.wait_for(lambda: re.search(pattern, self.serial(), re.MULTILINE),
                             f"{pattern!r} on the serial line")
