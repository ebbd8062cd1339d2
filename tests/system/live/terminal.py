"""
A terminal: what it shows, and a person typing at the serial line of a machine.

Terminal follows as much of a VT100 as the monitor sends and refuses the rest. A Session never
sleeps: it types, then reads until the terminal shows what it waits for, or time is up.
"""

import os
import pty
import re
import select
import subprocess
import time

from model import ROOT
from fixture import TIMEOUT_SECONDS, build

PROMPT = "strata> "
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
TAB, BACKSPACE, ENTER = "\t", "\x7f", "\r"


def control(letter):
    """What the keyboard sends for Control and a letter; QEMU wants its own Control-A twice."""
    byte = chr(ord(letter) - ord("@"))
    return byte * 2 if letter == "A" else byte


class Terminal:
    """The lines that were shown, the last of which has the cursor."""

    PIECE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\r\n\a]|[^\x1b\r\n\a]+|\x1b")
    SPLIT_ESCAPE = re.compile(r"\x1b(\[[0-9;]*)?$")

    def __init__(self):
        self.lines = [""]
        self.column = 0
        self.bell_count = 0
        self._rest = ""

    def feed(self, text):
        """Show text; an escape sequence cut at its end waits for the rest."""
        text = self._rest + text
        cut = self.SPLIT_ESCAPE.search(text)
        self._rest = cut[0] if cut else ""
        for piece in self.PIECE.findall(text[:cut.start()] if cut else text):
            self._take(piece)

    def _take(self, piece):
        """One control character, one escape sequence, or some letters."""
        if piece == "\r":
            self.column = 0
        elif piece == "\n":
            self.lines.append("")
        elif piece == "\a":
            self.bell_count += 1
        elif piece.startswith("\x1b"):
            self._obey(piece)
        else:
            line = self.lines[-1].ljust(self.column)
            self.lines[-1] = line[:self.column] + piece + line[self.column + len(piece):]
            self.column += len(piece)

    def _obey(self, sequence):
        """An escape sequence."""
        if sequence == "\x1b[K":
            self.lines[-1] = self.lines[-1][:self.column]
        elif sequence == "\x1b[H":
            self.column = 0
        elif sequence == "\x1b[2J":
            self.lines = [""]
        elif sequence.endswith("C"):
            self.column += int(sequence[2:-1])
        else:
            raise ValueError(f"the monitor sent {sequence!r}")


class Session:
    """A machine whose serial line is a terminal of ours, from its first prompt on."""

    def __init__(self, *options):
        self.terminal = Terminal()
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        ours, theirs = pty.openpty()
        self._line = ours
        self._process = subprocess.Popen(
            ["tools/run-qemu", *build.arguments, "--interactive", "--timeout",
             str(TIMEOUT_SECONDS), *options],
            cwd=ROOT, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True)
        os.close(theirs)

    def __enter__(self):
        try:
            self.wait_prompt(0)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """End the machine, if it still runs, and give everything back."""
        self._process.terminate()
        self._process.wait()
        self._process.stderr.close()
        os.close(self._line)

    def type(self, text):
        """Press keys."""
        data = text.encode()
        while data:
            data = data[os.write(self._line, data):]

    def wait_for(self, wanted, meaning):
        """Read until wanted(terminal) is true."""
        while not wanted(self.terminal):
            if not self._read():
                raise AssertionError(f"waited in vain for {meaning}; the terminal shows\n"
                                     + "\n".join(self.terminal.lines[-10:]))

    def _read(self):
        """Take what comes next; returns False when time is up or the machine has ended."""
        remaining = self._deadline - time.monotonic()
        if remaining <= 0 or not select.select([self._line], [], [], remaining)[0]:
            return False
        try:
            data = os.read(self._line, 65536)
        except OSError:
            return False
        self.terminal.feed(data.decode(errors="replace"))
        return bool(data)

    def wait_line(self, text, column=None):
        """Read until the line being edited is text behind the prompt, the cursor at its end."""
        where = len(PROMPT) + (len(text) if column is None else column)
        self.wait_for(lambda terminal: terminal.lines[-1] == PROMPT + text
                      and terminal.column == where, f"{PROMPT + text!r}, cursor at {where}")

    def wait_prompt(self, line_count):
        """Read until an empty prompt stands below line number line_count."""
        self.wait_for(lambda terminal: len(terminal.lines) > line_count
                      and terminal.lines[-1] == PROMPT, "the prompt")

    def wait_bell(self, count):
        """Read until the bell has rung so often, since the start."""
        self.wait_for(lambda terminal: terminal.bell_count >= count, f"bell number {count}")

    def enter(self, keys=""):
        """Press keys and Enter, wait for the next prompt; returns the lines shown between."""
        line_count = len(self.terminal.lines)
        self.type(keys + ENTER)
        self.wait_prompt(line_count)
        return self.terminal.lines[line_count:-1]

    def wait_end(self):
        """Read until the machine has ended; returns run-qemu's status and what it said of it."""
        while self._read():
            pass
        errors = self._process.stderr.read()
        return self._process.wait(), errors.decode()
